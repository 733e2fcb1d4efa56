#!/usr/bin/env bash
# make_facts.sh DESCRIPTION: makes facts.json anew from the API's OpenAPI description.
set -euo pipefail
[ $# = 1 ] || { echo "usage: test/openapi/make_facts.sh DESCRIPTION" >&2; exit 2; }
description=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
cmake --preset dev >/dev/null
cmake --build --preset dev --target make_facts
build/dev/test/openapi/make_facts "$description" >test/openapi/facts.json.new
mv test/openapi/facts.json.new test/openapi/facts.json
