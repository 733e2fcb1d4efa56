#!/usr/bin/env bash
# listed.sh ROOT: every public header, every source of the library and every test source is named in its CMake list.
# A file that no list names is never built, installed or run, and nothing else would tell.
set -euo pipefail
cd "$1"
status=0

# expect FILE LIST NAME: LIST has NAME as a word of its own.
expect() {
  if ! tr -s '[:space:]()' '\n' <"$2" | grep -qxF -- "$3"; then
    echo "$1 is not listed in $2"
    status=1
  fi
}

# The nearest CMakeLists.txt at or above a file's folder.
list_of() {
  local folder=$1
  while folder=$(dirname "$folder"); do
    if [ -f "$folder/CMakeLists.txt" ]; then
      echo "$folder"
      return
    fi
  done
}

while IFS= read -r file; do
  expect "$file" include/CMakeLists.txt "${file#include/}"
done < <(find include -name '*.hpp' | sort)

while IFS= read -r file; do
  folder=$(list_of "$file")
  expect "$file" "$folder/CMakeLists.txt" "${file#"$folder"/}"
done < <(find src test -name '*.cpp' -not -path 'test/consumer/*' | sort)

exit $status
