#!/usr/bin/env bash
# layers.sh ROOT [ROOMS]: fails and names every include under ROOT/include, ROOT/src and ROOT/example that no row of the table
# of rooms allows (rooms.txt beside this script), every source outside the rooms, whatever in that table is of nothing, every
# README.md that says other arrows than its row or names files that are not there, and every folder too large for a room.
# Not a style check: what it enforces is the design's table of layers and their rooms, nothing else. It is made for mistakes: who
# means to deceive it can.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rooms=$(realpath "${2:-$here/rooms.txt}")
cd "$1"
bad=0

# says WHAT: each line of the input, followed by WHAT, is a complaint.
says() {
  while read -r line; do
    echo "$line$1"
    bad=1
  done
}

# A room that holds more than a reader takes in: divide it.
most=30
says ' sources stand in one folder: divide it into rooms' < <(find include src test example -name '*.[hc]pp' -printf '%h holds\n' |
  sort | uniq -c | awk -v most=$most '$1 > most { print $2, $3, $1 }')

# What may lie here, a pattern a line. Under another name, a source would be seen by none of these checks.
expected='include/(CMakeLists\.txt|[a-z0-9_/]+\.hpp)
src/(ARCHITECTURE\.md|[a-z0-9_/]+/(README\.md|CMakeLists\.txt|[a-z0-9_]+\.[hc]pp))
src/doc/guide/[a-z0-9-]+\.md
src/cmake/[a-z0-9_/-]+(\.cmake|(\.cmake|\.pc)\.in|\.sh)
example/(CMakeLists\.txt|[a-z0-9_]+(\.[hc]pp|\.sh))'
like_source='.*\.(h|hh|hpp|hxx|h\+\+|c|cc|cpp|cxx|c\+\+|ipp|ixx|inc|inl|tcc|tpp|txx|cppm|mpp)'
says ': sources are named .hpp and .cpp, public headers .hpp, all in snake_case; nothing else is expected here' < <(
  find include src example -not -type d -not -name '.*' | grep -vxE "$expected"
  find test -regextype posix-extended -not -name '*.[hc]pp' -iregex "$like_source")
says ': sources stand in rooms' < <(find . -maxdepth 1 -regextype posix-extended -iregex "$like_source" -printf '%f\n')

mapfile -t sources < <(find include src example -name '*.[hc]pp' -not -path src/cmake/pch.hpp)

# What lives in a room, and what does not, is written at its door.
while read -r folder; do
  [ -e "$folder/README.md" ] || says ' has no README.md' <<<"$folder"
done < <(printf '%s\n' "${sources[@]}" | sed -n 's,^\(src/.*\)/[^/]*$,\1,p' | sort -u)

# The files that a door names. A path begins in the room, beside it, or in one of these folders.
public=include/mistral/workflows
while IFS=: read -r door name; do
  found=no
  for place in "${door%/*}" "${door%/*}/.." . src src/protocol src/session $public $public/testing; do
    compgen -G "$place/$name" >/dev/null && found=yes && break
  done
  [ $found = yes ] || says ", which is not there" <<<"$door: it names $name"
done < <(grep -aroHE --include='*.md' '`[^` {]+\.([hc]pp|\*)`' src | tr -d '`')

# Every way to spell an include, also those that are refused.
include='^(.*\*/)?[^[:graph:]]*((#|%:)([[:space:]]|/\*.*\*/)*(include|import|/\*|[a-z]*\\[[:space:]]*$)'
include+='|(export[[:space:]]+)?import([[:space:]]+[[:alpha:]_:]|[[:space:]]*["<:/\\]))'

# A clock, dice or surroundings of one's own, a pattern a line; comments and texts are left out before. A time, a random number,
# a member of an argument and `engine&` are values, and so is what is made with one: `pairs time(text)`, `: random(seed)`. But
# time(0), random() and clock() are taken for the functions of C, though a member might be made or declared so: name that otherwise.
own='::[[:space:]]*(now\>|$)
\<(random_(device|generator)|(second|microsec)_clock|SYS_[a-z_]+|asm|__asm__)\>|rdtsc
\<(mt19937(_64)?|minstd_rand0?|ranlux[0-9]+(_base)?|knuth_b|[a-z_]+_engine)\>[[:space:]]*([^[:space:]&]|$)
\<(gettimeofday|clock_gettime|timespec_get|ftime|localtime(_[rs])?|current_zone|syscall|(secure_)?getenv)[[:space:]]*\(
\<(arc4random[a-z_]*|getrandom|getentropy|[a-z]+48(_r)?|s?rand(_r)?|(srandom|random_r))[[:space:]]*\(
(^|[^[:alnum:]_.>])(random|clock)[[:space:]]*\([[:space:]]*\)
(^|[^[:alnum:]_.>])time[[:space:]]*\([[:space:]]*(0|NULL|nullptr|&)
(:|[=(;{!?]|\<return)[[:space:]]*time[[:space:]]*\([^()]*\)[[:space:]]*[;)]
\<std::(time|clock)[[:space:]]*\('
mapfile -t pure < <(printf '%s\n' "${sources[@]}" | grep -E "^(src/protocol|$public/model)/")
values="s,'(\\\\.|[^\\\\'])','',g; "'s,"([^"\\]|\\.)*","",g; s,//.*,,; s,/\*[^*]*\*/,,g'

# hits PATTERN FILE...: lines of FILE:LINE:TEXT. None is no failure.
hits() { grep -aHnE -- "$@" /dev/null || [ $? -eq 1 ]; }

# Lines of KIND:FILE:LINE:TEXT.
{
  printf 'source:%s::\n' "${sources[@]}"
  hits "$include" "${sources[@]}" | sed 's/^/include:/'
  hits '' "${pure[@]}" | sed -E "$values" | { grep -aE "$own" || [ $? -eq 1 ]; } | sed 's/^/own:/'
} | tr -d '\0' | awk -v rooms="$rooms" -f "$here/layers.awk" || bad=1
exit $bad
