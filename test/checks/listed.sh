#!/usr/bin/env bash
# listed.sh ROOT: every public header, every source of the library and every test source is named in its CMake list (the
# nearest CMakeLists.txt above it). A file that no list names is never built, installed or run, and nothing else would tell.
set -euo pipefail
cd "$1"

{
  find include -name '*.hpp'
  find src test -name '*.cpp' -not -path 'test/consumer/*'
} | LC_ALL=C sort | awk '
  # Loads the words of folder/CMakeLists.txt, comments left out; whether there is such a file.
  function load(folder,   file, line, words, i, n, state, inside) {
    if (folder in loaded) return loaded[folder]
    file = folder "/CMakeLists.txt"
    loaded[folder] = 0
    while ((state = (getline line < file)) > 0) {
      loaded[folder] = 1
      if (line ~ /#\[=*\[/) inside = 1
      if (inside) { inside = line !~ /\]=*\]/; continue }
      sub(/#.*/, "", line)
      n = split(line, words, /[ \t()]+/)
      for (i = 1; i <= n; i++) named[folder, words[i]] = 1
    }
    if (state == 0) loaded[folder] = 1
    close(file)
    return loaded[folder]
  }
  {
    folder = $0
    do sub(/\/[^\/]*$/, "", folder); while (!load(folder) && folder ~ "/")
    name = substr($0, length(folder) + 2)
    if (!((folder, name) in named)) { print $0 " is not listed in " folder "/CMakeLists.txt"; bad = 1 }
  }
  END { exit bad }'
