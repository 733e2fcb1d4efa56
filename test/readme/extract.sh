#!/usr/bin/env bash
# extract.sh README FOLDER: writes each marked C++ block of the README to FOLDER/NAME.cpp (if it changed) and prints a line
# for it: `run NAME`, `program NAME` (not to be run) or `part NAME` (no main). CMakeLists.txt here says how a block is marked.
set -euo pipefail
mkdir -p "$2/new"
rm -f "$2"/new/*
awk -v folder="$2/new" -v readme="$1" '
  /^```cpp[ \t]*$/ { first = 1; next }
  /^```/ { name = ""; next }
  first {
    first = 0
    if (match($0, /^\/\/ file: [A-Za-z0-9_]+\.cpp( \(compiled, not run\))?$/)) {
      name = $3
      sub(/\.cpp$/, "", name)
      out = folder "/" name ".cpp"
      printf "#line %d \"%s\"\n", NR, readme > out
      if ($0 ~ /not run/) print "norun" > (folder "/" name ".norun")
    }
  }
  name != "" { print > out }' "$1"
for file in "$2"/new/*.cpp; do
  [ -e "$file" ] || exit 0
  name=$(basename "$file" .cpp)
  cmp -s "$file" "$2/$name.cpp" || cp "$file" "$2/$name.cpp"
  if ! grep -qE '(^|[^a-z_])main\(' "$file"; then
    echo "part $name"
  elif [ -e "$2/new/$name.norun" ]; then
    echo "program $name"
  else
    echo "run $name"
  fi
done
