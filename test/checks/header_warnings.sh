#!/usr/bin/env bash
# header_warnings.sh ROOT COMPILER REQUIRED [FLAGS...]: the public headers hold under a strict user's warnings, with COMPILER and
# with every compiler that the library supports and that is installed, as C++20, and as C++23 without what Asio has deprecated.
# Says which it tried. A compiler of REQUIRED (names with spaces between) that is not installed is a failure.
# Not whether each header stands alone: CMake's VERIFY_INTERFACE_HEADER_SETS compiles them so.
set -euo pipefail
root=$1 compiler=$2 required=$3
shift 3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

(cd "$root/include" && find . -name '*.hpp' | sed 's|^\./\(.*\)|#include <\1>|' | sort) >"$work/all.cpp"
mkdir "$work/planted"
echo 'inline int planted(long value) { return value; }' >"$work/planted/planted.hpp"
echo '#include <planted.hpp>' >"$work/planted.cpp"
printf '#include <boost/%s.hpp>\n' asio/awaitable json >"$work/boost.cpp"

# compiles COMPILER FLAGS...: without code, and with nothing between the warnings and the headers.
compiles() { "$1" -fsyntax-only "${warnings[@]}" "${@:2}" >"$work/said" 2>&1; }

[ "$(wc -l <"$work/all.cpp")" -ge 40 ] || { echo 'the public headers are not there' && exit 1; }

bad=0 passed=0 tried=' '
for one in $required; do
  command -v "$one" >/dev/null || { echo "$one: not installed, and required" && bad=1; }
done
for one in "$compiler" g++ g++-{12..14} clang++-{16..19} $required; do
  path=$(command -v "$one") || continue
  path=$(readlink -f "$path")
  case "$tried" in *" $path "*) continue ;; esac
  tried+="$path "
  for way in -std=c++20 '-std=c++2b -DBOOST_ASIO_NO_DEPRECATED'; do
    # Whether it works, and whether it sees.
    if ! compiles "$one" $way -Wno-conversion -I "$work/planted" "$work/planted.cpp"; then
      echo "$one $way: does not work:" && bad=1
      head -n 5 "$work/said"
    elif compiles "$one" $way -I "$work/planted" "$work/planted.cpp" || ! grep -q conversion "$work/said"; then
      echo "$one $way: did not notice a planted warning" && bad=1
    elif compiles "$one" $way -I "$root/include" "$@" "$work/all.cpp"; then
      echo "$one ($("$one" -dumpfullversion -dumpversion)) $way: no warning"
      passed=$((passed + 1))
    elif cp "$work/said" "$work/ours" && ! compiles "$one" $way "$@" "$work/boost.cpp"; then
      echo "$one ($("$one" -dumpfullversion -dumpversion)) $way: cannot compile Boost's own headers"
    else
      echo "$one ($("$one" -dumpfullversion -dumpversion)) $way:" && bad=1
      head -n 30 "$work/ours"
    fi
  done
done
[ $passed -gt 0 ] || { echo 'no compiler has compiled the public headers' && bad=1; }
exit $bad
