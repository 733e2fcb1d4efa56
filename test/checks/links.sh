#!/usr/bin/env bash
# links.sh ROOT: every link of the project's markdown (README, guides, rooms) leads to a file or folder that is there, and to a heading
# that is there where it names one. Links with a scheme (https:) are not followed: a test needs no network.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$1"
listing=$(mktemp)
trap 'rm -f "$listing"' EXIT
# What git would not know (build folders) is no target.
find . -mindepth 1 \( -name build -o -name .git \) -prune -o -printf '%P\n' >"$listing"
mapfile -t documents < <(grep '\.md$' "$listing" | LC_ALL=C sort)
LC_ALL=C awk -v listing="$listing" -f "$here/links.awk" "$listing" "${documents[@]}" "${documents[@]}"
