#!/usr/bin/env bash
# layers.sh ROOT [ROOMS]: fails and names every include under ROOT/include and ROOT/src that no arrow of the table of rooms allows
# (rooms.txt beside this script), every source outside the rooms, and every folder that has become too large for one.
# Not a style check: what it enforces is the design's table of layers and their rooms, nothing else.
set -euo pipefail
rooms=$(realpath "${2:-$(dirname "${BASH_SOURCE[0]}")/rooms.txt}")
cd "$1"
bad=0

# A room that holds more than a reader takes in: divide it.
most=30
while read -r count folder; do
  [ "$count" -le $most ] && continue
  echo "$folder holds $count sources, and $most are the most: divide it into rooms"
  bad=1
done < <(find include src test \( -name '*.hpp' -o -name '*.cpp' \) -printf '%h\n' | sort | uniq -c)

# What lives in a room, and what does not, is written at its door.
while read -r folder; do
  [ -e "$folder/README.md" ] && continue
  echo "$folder has no README.md"
  bad=1
done < <(find src \( -name '*.hpp' -o -name '*.cpp' \) -not -path 'src/cmake/*' -printf '%h\n' | sort -u)

find include src \( -name '*.hpp' -o -name '*.cpp' \) -not -path 'src/cmake/*' -print0 |
  xargs -0 grep -HnE '^[[:space:]]*#[[:space:]]*include|::now\(\)|random_device|^#pragma once' |
  awk -v rooms="$rooms" '
  BEGIN {
    while ((getline line < rooms) > 0) {
      sub(/#.*/, "", line)
      n = split(line, words, " ")
      if (n == 0) continue
      if (words[1] == "public") {
        for (i = 3; i <= n; i++) room_of_header[words[i]] = words[2]
        continue
      }
      from = words[1]
      if (from in known && from != previous) complain("the table of rooms: the rows of " from " stand apart")
      previous = beside = from
      if (!sub(/[^\/]*$/, "", beside)) beside = ""
      allowed[from, from] = 1
      for (i = 2; i <= n; i++) {
        to = words[i]
        if (to ~ /^\.\//) to = beside substr(to, 3)
        if (!(to in known) || to == from) complain("the table of rooms: " from " names " to ", which does not stand above it")
        allowed[from, to] = 1
      }
      known[from] = 1
    }
    # Reached by no include of the layer, however long the chain.
    never["protocol"] = "^(boost/(asio|beast)|openssl/)"
    never["model"] = "^(boost/(asio|beast)|openssl/)"
    never["net"] = "^include/mistral/workflows/model/"
    never["testing"] = "^src/(net|session|api|bulk)/"
    never["base"] = never["face"] = never["api"] = never["bulk"] = "^(boost/(beast|asio/ssl)|openssl/)"
  }
  function room_of(file,   name) {
    if (file ~ "^include/mistral/workflows/model/") return "model"
    if (file ~ "^include/mistral/workflows/testing/") return "testing"
    if (file ~ "^include/") {
      name = file
      sub(/^.*\//, "", name); sub(/\.hpp$/, "", name)
      return name in room_of_header ? room_of_header[name] : "face"
    }
    name = substr(file, 5)
    return sub(/\/[^\/]*$/, "", name) ? name : ""
  }
  # The first part of its name.
  function layer_of(room) { sub(/\/.*/, "", room); return room }
  function complain(text) { print text; bad = 1 }
  {
    split($0, parts, ":")
    file = parts[1]; line = parts[2]; text = substr($0, length(file) + length(line) + 3)
    room = room_of(file)
    layer = layer_of(room)
    if (!(file in files) && !(room in known)) complain(file ": its folder is no room of the table")
    files[file] = layer
    if (text ~ /^#pragma/) next
    if (text !~ /^[ \t]*#[ \t]*include/) {
      if (layer == "protocol" && text !~ /^[ \t]*\/\//)
        complain(file ":" line ": the protocol layer has no clock and no randomness of its own")
      next
    }
    quoted = text ~ /include[ \t]*"/
    name = text; sub(/^[^"<]*["<]/, "", name); sub(/[">].*$/, "", name)
    target = quoted ? "src/" name : (name ~ /^mistral\// ? "include/" name : name)
    if (quoted && file ~ "^include/") complain(file ":" line ": a public header includes the internal \"" name "\"")
    if (!quoted && name ~ "^(base|protocol|net|session|api|bulk|journal|testing)/")
      complain(file ":" line ": include internal headers in quotes: <" name ">")
    if (quoted && name !~ "/") complain(file ":" line ": include internal headers as \"room/name.hpp\", not \"" name "\"")
    includes[file] = includes[file] target "\n"
    if (target ~ "^(src|include)/") {
      to = room_of(target)
      if (!((room, to) in allowed)) complain(file ":" line ": " room " may not include " to " (" name ")")
    }
  }
  # Whether `file` reaches something that `pattern` forbids; the chain is left in `chain`.
  function reaches(file, pattern,   i, n, list) {
    if (file in seen) return 0
    seen[file] = 1
    n = split(includes[file], list, "\n")
    for (i = 1; i < n; i++)
      if (list[i] ~ pattern || reaches(list[i], pattern)) { chain = list[i] (chain == "" ? "" : " <- " chain); return 1 }
    return 0
  }
  END {
    for (file in files) {
      pattern = never[files[file]]
      if (pattern == "") continue
      split("", seen); chain = ""
      # Sources of these layers may use what they like below them; the promise is about their public headers.
      if (files[file] ~ /^(api|bulk|face|base)$/ && file !~ "^include/") continue
      if (reaches(file, pattern)) complain(file ": " files[file] " must not reach this: " chain)
    }
    exit bad
  }' || bad=1
exit $bad
