#!/usr/bin/env bash
# run.sh [--all] [--werror] [LABEL...]
# Installs what is missing, then builds and runs the tests with GCC (preset dev); where labels are named (net, session, ...), these
# tests alone.
# With --all instead: code format, clang-tidy, the release preset, ASan and UBSan, TSan and Clang 19, a short fuzz run, and the two
# commands of the README in a bare Debian 13, where the preset dev is built then, and some of its tests run. With --werror a
# compiler's warning is an error. It ends with what each step took.
set -euo pipefail
unset CDPATH IFS
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. src/cmake/setup.sh

# What all steps together may take, in seconds: more is a failure, so that a machine of CI's (90 minutes) does not cut them short.
most_seconds=4800

all=no
werror=OFF
labels=()
for argument in "$@"; do
  case "$argument" in
    --all) all=yes ;;
    --werror) werror=ON ;;
    [a-z]*) labels+=("$argument") ;;
    *) give_up "usage: test/run.sh [--all] [--werror] [LABEL...]" ;;
  esac
done

[ $all = no ] || [ ${#labels[@]} = 0 ] || give_up 'test/run.sh --all: runs all tests, so no label goes with it'
[ $all = no ] || [ "$(id -u)" = 0 ] || give_up 'test/run.sh --all: its last step makes a chroot, which needs root'
[ $all = no ] || git rev-parse --verify --quiet HEAD >/dev/null || give_up 'test/run.sh --all: its last step needs a git checkout with a commit'

SECONDS=0
log=$(mktemp)
table=
current=
began=0
began_cpu=0
trap finish EXIT

# The seconds of processor time, user's and system's, that the children of this script have used.
cpu_seconds() { awk -v ticks="$(getconf CLK_TCK)" '{ print int(($16 + $17) / ticks) }' "/proc/$$/stat"; }

end_step() {
  [ -n "$current" ] || return 0
  table+=$(printf '%-44s %6d s %7d s CPU' "$current" $((SECONDS - began)) $(($(cpu_seconds) - began_cpu)))$'\n'
  current=
}

# step NAME COMMAND...: says what begins, and how long after the start of all; a failure ends the script.
step() {
  current=$1
  began=$SECONDS
  began_cpu=$(cpu_seconds)
  shift
  echo "== $current (at $SECONDS s)"
  "$@"
  end_step
}

finish() {
  local code=$? failed=$current
  end_step
  [ -z "$table" ] || printf '== what the steps took\n%s%-44s %6d s %7d s CPU\n' "$table" all $SECONDS "$(cpu_seconds)"
  rm -f "$log" "$log.files"
  if [ $code = 0 ] && [ $SECONDS -gt $most_seconds ]; then
    echo "FAILED: took $SECONDS s, more than $most_seconds s"
    exit 1
  fi
  [ $code = 0 ] || echo "FAILED: ${failed:-set-up} (exit code $code)"
}

packages() {
  local more=()
  [ $all = no ] || more=("${check_packages[@]}" ${header_compiler_packages[@]+"${header_compiler_packages[@]}"})
  # For the test of the files for pkg-config: the tool, and what OpenSSL's own file names for static programs.
  install_what_the_build_needs pkgconf zlib1g-dev libzstd-dev ${more[@]+"${more[@]}"}
}

# quietly COMMAND...: shows what it prints only where it fails.
quietly() { "$@" >"$log" 2>&1 || { cat "$log"; return 1; }; }

# build PRESET [TARGET...]
build() {
  local options=("-DMISTRAL_WORKFLOWS_WERROR=$werror")
  [ $all = no ] || options+=("-DMISTRAL_WORKFLOWS_TEST_COMPILERS=$(IFS=';'; echo "${header_compilers[*]-}")")
  quietly cmake --preset "$1" "${options[@]}"
  cmake --build --preset "$1" ${2+--target "${@:2}"} -- ${quiet[@]+"${quiet[@]}"}
}

# The names of all C++ files of the project.
sources() { find "$@" \( -name '*.hpp' -o -name '*.cpp' \) -not -path '*/build/*' -print0; }

format() { sources include src test example | xargs -0 clang-format-19 --dry-run -Werror; }

# Over the library's own sources, in the units in which they are built: each header is read once for many of them, and checked through
# them.
tidy() {
  quietly cmake --preset tidy
  find "$PWD/build/tidy/CMakeFiles" -name 'unity_*.cxx' >"$log.files"
  find "$PWD/src" -name '*.cpp' | grep -vxFf <(xargs -d '\n' sed -n 's/^#include "\(.*\)"$/\1/p' <"$log.files") >>"$log.files" || true
  quietly xargs -d '\n' -n 1 -P "$(nproc)" clang-tidy-19 -p build/tidy --quiet --warnings-as-errors='*' <"$log.files"
}

quiet=()
[ -t 1 ] || quiet=(--quiet)

step 'packages' packages
leave_environment_behind
if [ ${#labels[@]} -gt 0 ]; then
  step 'build (dev: GCC)' build dev "${labels[@]/#/tests_}"
  step 'tests (dev)' ctest --preset dev --label-regex "^($(IFS='|'; echo "${labels[*]}"))\$"
elif [ $all = no ]; then
  step 'build (dev: GCC)' build dev
  step 'tests (dev)' ctest --preset dev
else
  step 'code format' format
  step 'clang-tidy' tidy
  step 'build (release)' build release
  step 'tests (release)' ctest --preset release
  step 'build (asan: GCC, ASan and UBSan)' build asan
  step 'tests (asan)' ctest --preset asan
  step 'build (tsan: Clang 19, shared libraries)' build tsan
  step 'tests (tsan)' ctest --preset tsan
  step 'build (fuzz: Clang 19)' build fuzz
  step 'fuzz run' ctest --preset fuzz
  step 'Debian 13' test/distros.sh debian13 net session server consumer
fi
