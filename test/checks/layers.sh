#!/usr/bin/env bash
# layers.sh ROOT [ROOMS]: fails and names every include under ROOT/include, ROOT/src and ROOT/example that no arrow of the table of
# rooms allows (rooms.txt beside this script), every source outside the rooms, every row without its room, every README.md that
# says other arrows than its row, and every folder that has become too large for a room.
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

# Under another name, a source would be seen by none of these checks.
while read -r file; do
  echo "$file: sources are named .hpp and .cpp"
  bad=1
done < <(find include src test example -regextype posix-extended -not -name '*.[hc]pp' \
  -iregex '.*\.(h|hh|hpp|hxx|h\+\+|c|cc|cpp|cxx|c\+\+|ipp|ixx|inc|inl|tcc|tpp|txx|cppm)')

mapfile -t sources < <(find include src example \( -name '*.hpp' -o -name '*.cpp' \) -not -path 'src/cmake/*')

# What lives in a room, and what does not, is written at its door.
while read -r folder; do
  [ -e "$folder/README.md" ] && continue
  echo "$folder has no README.md"
  bad=1
done < <(printf '%s\n' "${sources[@]}" | sed -n 's,^\(src/.*\)/[^/]*$,\1,p' | sort -u)

# Every way to spell an include, also those that are refused.
include='^(.*\*/)?[[:space:]]*(#|%:)([[:space:]]|/\*.*\*/)*(include|import|[a-z]*\\$)'

# A clock or dice of one's own, a pattern a line. A time, a random number, a member of an argument and `engine&` are values.
own='::now\>
\<random_(device|generator)\>
\<(mt19937(_64)?|minstd_rand0?|ranlux[0-9]+(_base)?|knuth_b|(mersenne_twister|linear_congruential|subtract_with_carry|default_random)_engine)\>[[:space:]]*([^[:space:]&]|$)
\<(gettimeofday|clock_gettime|timespec_get|ftime|localtime(_[rs])?|current_zone)[[:space:]]*\(
\<(arc4random[a-z_]*|getrandom|getentropy|[dlm]rand48)[[:space:]]*\(
(^|[^[:alnum:]_.>])s?rand(om)?[[:space:]]*\(
(^|[^[:alnum:]_.>])time[[:space:]]*\([[:space:]]*(0|NULL|nullptr|&)
\<std::(time|clock)[[:space:]]*\('

# Lines of KIND:FILE:LINE:TEXT.
{
  printf 'source:%s::\n' "${sources[@]}"
  grep -HnE "$include" "${sources[@]}" | sed 's/^/include:/'
  printf '%s\n' "${sources[@]}" | grep '^src/protocol/' | xargs grep -HnE "$own" | sed 's/^/own:/'
} | awk -v rooms="$rooms" '
  BEGIN {
    while ((getline line < rooms) > 0) {
      sub(/#.*/, "", line)
      n = split(line, words, " ")
      if (n == 0) continue
      if (words[1] == "public") {
        for (i = 3; i <= n; i++) room_of_header[words[i]] = words[2]
        continue
      }
      first = words[1] == "to-come" ? 2 : 1
      from = words[first]
      if (first == 2) to_come[from] = 1
      if (from in row && from != previous) complain("the table of rooms: the rows of " from " stand apart")
      previous = beside = from
      if (!sub(/[^\/]*$/, "", beside)) beside = ""
      allowed[from, from] = 1
      row[from] = row[from] ""
      for (i = first + 1; i <= n; i++) {
        to = words[i]
        if (to ~ /^\.\//) to = beside substr(to, 3)
        if (!(to in row) || to == from) complain("the table of rooms: " from " names " to ", which does not stand above it")
        allowed[from, to] = 1
        row[from] = row[from] (row[from] == "" ? "" : " ") words[i]
      }
    }
    plain = "^#include (<[^<>\"]+>|\"[^<>\"]+\")([ \t]*//.*)?$"
    # Reached by no include of the layer, however long the chain.
    never["protocol"] = "^(boost/(asio|beast)|openssl/)"
    never["model"] = "^(boost/(asio|beast)|openssl/)"
    never["net"] = "^include/mistral/workflows/model/"
    never["testing"] = "^src/(net|session|api|bulk)/"
    never["base"] = never["face"] = never["api"] = never["bulk"] = "^(boost/(beast|asio/ssl)|openssl/)"
  }
  # The folder below src, or what the table says of a public header or of the folder that it is in.
  function room_of(file,   name) {
    name = file
    if (sub(/^include\/mistral\/(workflows\/)?/, "", name)) {
      if (!sub(/\/.*$/, "/", name)) sub(/\.hpp$/, "", name)
      return name in room_of_header ? room_of_header[name] : name ~ /\/$/ ? name : "face"
    }
    sub(/^src\//, "", name)
    return sub(/\/[^\/]*$/, "", name) ? name : ""
  }
  # The first part of its name.
  function layer_of(room) { sub(/\/.*/, "", room); return room }
  function complain(text) { print text; bad = 1 }
  {
    split($0, parts, ":")
    kind = parts[1]; file = parts[2]; line = parts[3]; place = file ":" line ": "
    text = substr($0, length(kind ":" file ":" line ":") + 1)
    room = room_of(file)
  }
  kind == "source" {
    if (!(room in row)) complain(file ": its folder is no room of the table")
    files[file] = layer_of(room)
    lives[room] = 1
    if (file ~ /^src\//) door[room] = "src/" room "/README.md"
  }
  kind == "own" && text !~ /^[ \t]*\/\// {
    complain(place "the protocol layer has no clock and no randomness of its own")
  }
  kind == "include" {
    if (text !~ plain || text ~ /["<\/]\.\.?\//) { complain(place "write an include plainly: " text); next }
    quoted = text ~ /^#include "/
    name = text; sub(/^[^"<]*["<]/, "", name); sub(/[">].*$/, "", name)
    target = quoted ? (file ~ /^example\// ? "example/" : "src/") name : (name ~ /^mistral\// ? "include/" name : name)
    if (quoted && file ~ "^include/") complain(place "a public header includes the internal \"" name "\"")
    if (!quoted && name ~ "^(src|include|test|example|base|protocol|net|session|api|bulk|journal|testing)?/")
      complain(place "include internal headers in quotes: <" name ">")
    if (quoted && name !~ "/" && file !~ /^example\//)
      complain(place "include internal headers as \"room/name.hpp\", not \"" name "\"")
    includes[file] = includes[file] target "\n"
    if (target !~ "^(src|include|example)/") next
    to = room_of(target)
    if (!(target in files)) complain(place "there is no " target)
    else if (!((room, to) in allowed)) complain(place room " may not include " to " (" name ")")
  }
  # The arrows that a README.md says: "May include: `base`, `./common`." is the row "base ./common".
  function said_at(door,   text, said) {
    RS = ""
    while ((getline text < door) > 0) {
      if (!sub(/^May include: /, "", text)) continue
      sub(/\.([ \n].*)?$/, "", text)
      gsub(/[`,]/, "", text); gsub(/[ \n]+/, " ", text)
      said = text
    }
    close(door)
    return said
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
    for (room in row) {
      if (!(room in lives) && !(room in to_come)) complain("the table of rooms: " room " does not exist (a room that will: to-come)")
      if (room in lives && room in to_come) complain("the table of rooms: " room " exists, it is not to-come")
      should = row[room] == "" ? "nothing" : row[room]
      if (room in door && (said = said_at(door[room])) != should)
        complain(door[room] ": it says \"May include: " said "\", its row " should)
    }
    exit bad
  }' || bad=1
exit $bad
