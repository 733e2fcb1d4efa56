#!/usr/bin/env bash
# Installs what is missing, then builds and runs the tests with GCC (preset dev).
# With --all also: code format, the release preset, ASan and UBSan, TSan and Clang 19, clang-tidy, a short fuzz run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. src/cmake/setup.sh

case "${1-}" in
  '') all=no ;;
  --all) all=yes ;;
  *) echo "usage: test/run.sh [--all]"; exit 2 ;;
esac

log=$(mktemp)
current=set-up
began=$SECONDS
trap 'code=$?; rm -f "$log" "$log.files"; [ $code = 0 ] || echo "FAILED: $current (after $((SECONDS - began)) s; exit code $code)"' EXIT

# step NAME COMMAND...: says what begins, and how long after the start of all; a failure ends the script.
step() {
  current=$1
  began=$SECONDS
  shift
  echo "== $current (at $SECONDS s)"
  "$@"
}

packages() {
  install_missing "${build_packages[@]}" "${test_packages[@]}"
  [ $all = no ] || install_missing "${check_packages[@]}"
}

# quietly COMMAND...: shows what it prints only where it fails.
quietly() { "$@" >"$log" 2>&1 || { cat "$log"; return 1; }; }

build() {
  quietly cmake --preset "$1"
  cmake --build --preset "$1" -- ${quiet[@]+"${quiet[@]}"}
}

# The names of all C++ files of the project.
sources() { find "$@" \( -name '*.hpp' -o -name '*.cpp' \) -not -path '*/build/*' -print0; }

format() { sources include src test example | xargs -0 clang-format-19 --dry-run -Werror; }

# Over the library's own sources; their headers are checked through them.
tidy() {
  quietly cmake --preset tidy
  sources src | grep -z '\.cpp$' >"$log.files"
  quietly xargs -0 -n 4 -P "$(nproc)" clang-tidy-19 -p build/tidy --quiet --warnings-as-errors='*' <"$log.files"
}

quiet=()
[ -t 1 ] || quiet=(--quiet)

step 'packages' packages
leave_environment_behind
if [ $all = yes ]; then
  step 'code format' format
fi
step 'build (dev: GCC)' build dev
step 'tests (dev)' ctest --preset dev
if [ $all = yes ]; then
  step 'clang-tidy' tidy
  step 'build (release)' build release
  step 'tests (release)' ctest --preset release
  step 'build (asan: GCC, ASan and UBSan)' build asan
  step 'tests (asan)' ctest --preset asan
  step 'build (tsan: Clang 19, shared libraries)' build tsan
  step 'tests (tsan)' ctest --preset tsan
  step 'build (fuzz: Clang 19)' build fuzz
  step 'fuzz run' ctest --preset fuzz
fi
