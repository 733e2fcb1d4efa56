#!/usr/bin/env bash
# extract.sh FOLDER DOCUMENT...: writes each marked C++ block of the documents to FOLDER/NAME.cpp (if it changed) and prints a line
# for it: `run NAME`, `program NAME` (not to be run) or `part NAME` (no main). CMakeLists.txt here says how a block is marked. A name
# that stands twice is an error.
set -euo pipefail
folder=$1
shift
mkdir -p "$folder/new"
rm -f "$folder"/new/*
for document in "$@"; do
  awk -v folder="$folder/new" -v document="$document" '
    /^```cpp[ \t]*$/ { first = 1; next }
    /^```/ { name = ""; next }
    first {
      first = 0
      if (match($0, /^\/\/ file: [A-Za-z0-9_]+\.cpp( \(compiled, not run\))?$/)) {
        name = $3
        sub(/\.cpp$/, "", name)
        out = folder "/" name ".cpp"
        if ((getline line < out) >= 0) {
          print document ":" NR ": there is another " name ".cpp" >"/dev/stderr"
          exit 1
        }
        printf "#line %d \"%s\"\n", NR, document > out
        if ($0 ~ /not run/) print "norun" > (folder "/" name ".norun")
      }
    }
    name != "" { print > out }' "$document"
done
for file in "$folder"/new/*.cpp; do
  [ -e "$file" ] || exit 0
  name=$(basename "$file" .cpp)
  cmp -s "$file" "$folder/$name.cpp" || cp "$file" "$folder/$name.cpp"
  if ! grep -qE '(^|[^a-z_])main\(' "$file"; then
    echo "part $name"
  elif [ -e "$folder/new/$name.norun" ]; then
    echo "program $name"
  else
    echo "run $name"
  fi
done
