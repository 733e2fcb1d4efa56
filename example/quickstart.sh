#!/usr/bin/env bash
# Installs what is missing, builds example/quickstart.cpp and runs it against the local server that it starts itself.
# `--real WORKFLOW` runs it against the real API instead, with MISTRAL_API_KEY and the rest of the environment as they are.
set -euo pipefail
unset CDPATH IFS
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. src/cmake/setup.sh

install_what_the_build_needs
[ "${1-}" = --real ] || leave_environment_behind

log=$(mktemp)
trap 'rm -f "$log"' EXIT
[ -x build/dev/example/quickstart ] || echo 'building (a few minutes the first time)'
{ cmake --preset dev && cmake --build build/dev --target quickstart; } >"$log" 2>&1 || { cat "$log"; exit 1; }

rm -f "$log"
exec build/dev/example/quickstart "$@"
