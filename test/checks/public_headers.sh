#!/usr/bin/env bash
# public_headers.sh ROOT COMPILER [FLAGS...]: what a file sees that includes all public headers holds no header of
# Beast, OpenSSL or SQLite. Prints how long a file takes to compile that includes <mistral/workflows.hpp> and nothing else.
set -euo pipefail
root=$1 compiler=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

(cd "$root/include" && find . -name '*.hpp' | sed 's|^\./\(.*\)|#include <\1>|' | sort) >"$work/all.cpp"
"$compiler" -std=c++20 -I "$root/include" "$@" -E "$work/all.cpp" >"$work/all.ii"

# shows PATTERN: whether the preprocessed text came through a header whose path has PATTERN.
shows() { grep -qE "^# [0-9]+ \"[^\"]*$1" "$work/all.ii"; }

# The search must be able to find something: Asio is in every awaitable of the public face.
shows 'boost/asio/' || { echo "the preprocessed headers show no Asio: this test no longer sees what it looks for"; exit 1; }
for hidden in 'boost/beast/' 'openssl/' 'sqlite3'; do
  if shows "$hidden"; then
    echo "a public header pulls in $hidden:"
    grep -E "^# [0-9]+ \"[^\"]*$hidden" "$work/all.ii" | sort -u | head -n 5
    exit 1
  fi
done

echo '#include <mistral/workflows.hpp>' >"$work/one.cpp"
start=$(date +%s%N)
"$compiler" -std=c++20 -I "$root/include" "$@" -c "$work/one.cpp" -o "$work/one.o"
milliseconds=$((($(date +%s%N) - start) / 1000000))
printf 'an empty file that includes <mistral/workflows.hpp> compiles in %d.%03d s\n' $((milliseconds / 1000)) $((milliseconds % 1000))
