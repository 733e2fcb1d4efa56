#!/usr/bin/env bash
# configure_test.sh ROOT CMAKE COMPILER GENERATOR MAKE_PROGRAM: how the library configures where nobody says much, and what it says where something is
# missing or too old.
set -euo pipefail
root=$1 cmake=$2 compiler=$3 generator=$4 make_program=$5
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# configure FOLDER OPTIONS...: anew; what was said is left in $said, in one line.
configure() {
  rm -rf "$work/build"
  local result=0
  said=$("$cmake" -G "$generator" -S "$1" -B "$work/build" -DCMAKE_CXX_COMPILER="$compiler" \
    -DCMAKE_MAKE_PROGRAM="$make_program" -DCMAKE_EXPORT_COMPILE_COMMANDS=ON "${@:2}" 2>&1 | tr -s ' \n' ' ') || result=1
  return $result
}

fail() { printf '%s\n%s\n' "$1" "$said" && exit 1; }
says() { grep -qF -- "$1" <<<"$said" || fail "not said: $1"; }
# accepted OPTIONS...; refused TEXT OPTIONS...: says TEXT, with one error and no more
accepted() { configure "$root" "$@" || fail "refused: $*"; }
refused() {
  if configure "$root" "${@:2}"; then fail "not refused: ${*:2}"; fi
  says "$1"
  [ "$(grep -o 'CMake Error' <<<"$said" | wc -l)" = 1 ] || fail 'more than one error'
}
# has_flag TEXT: whether it stands in the compile commands
has_flag() { grep -qF -- "$1" "$work/build/compile_commands.json"; }
# fake_package NAME VERSION BODY: what find_package finds below $work/fake
fake_package() {
  mkdir -p "$work/fake/lib/cmake/$1"
  echo "set(PACKAGE_VERSION $2)
if(NOT PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_COMPATIBLE ON)
endif()" >"$work/fake/lib/cmake/$1/$1ConfigVersion.cmake"
  echo "$3" >"$work/fake/lib/cmake/$1/$1Config.cmake"
}
only_fakes=(-DCMAKE_PREFIX_PATH="$work/fake" -DCMAKE_FIND_USE_CMAKE_SYSTEM_PATH=OFF
  -DCMAKE_FIND_USE_SYSTEM_ENVIRONMENT_PATH=OFF -DCMAKE_FIND_USE_CMAKE_ENVIRONMENT_PATH=OFF
  -DCMAKE_FIND_USE_PACKAGE_ROOT_PATH=OFF)
debian_boost='On Debian 12: apt-get install libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev; on Debian 13: apt-get install libboost-dev libboost-json-dev libboost-url-dev.'

# Nothing said: the library alone, optimised, and no warning is an error.
accepted
grep -qx 'CMAKE_BUILD_TYPE:STRING=Release' "$work/build/CMakeCache.txt" || fail 'the build type is not Release'
has_flag mistral_workflows_testing.dir || fail 'the local server is not built'
has_flag mistral_workflows_journal_sqlite.dir || fail 'the journal in SQLite is not built'
for absent in "$root/test/" "$root/example/" -Werror; do
  if has_flag "$absent"; then fail "in a plain build: $absent"; fi
done

# The client alone where the date library is not found; who asks for the local server is told what it takes.
accepted -DCMAKE_DISABLE_FIND_PACKAGE_date=ON
says 'without its local server, as the date library is not found (Debian: libhowardhinnant-date-dev)'
if has_flag mistral_workflows_testing.dir; then fail 'the local server is built without the date library'; fi
for asking in TESTING_LIBRARY TESTS EXAMPLES; do
  refused "mistral_workflows needs Howard Hinnant's date library 3 for its local server; found: none. On Debian: apt-get install libhowardhinnant-date-dev." \
    -DCMAKE_DISABLE_FIND_PACKAGE_date=ON -DMISTRAL_WORKFLOWS_$asking=ON
done

# The same of the journal and SQLite.
accepted -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON
says 'without its journal in SQLite, as SQLite is not found (Debian: libsqlite3-dev)'
if has_flag mistral_workflows_journal_sqlite.dir; then fail 'the journal is built without SQLite'; fi
for asking in JOURNAL_SQLITE TESTS EXAMPLES; do
  refused "mistral_workflows needs SQLite 3.22 or later for its journal of batches; found: none. On Debian: apt-get install libsqlite3-dev." \
    -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON -DMISTRAL_WORKFLOWS_$asking=ON
done

# Warnings are errors for the project itself alone.
accepted -DMISTRAL_WORKFLOWS_WERROR=ON
has_flag -Werror || fail 'no -Werror with MISTRAL_WORKFLOWS_WERROR'
mkdir "$work/parent"
printf '%s\n' 'cmake_minimum_required(VERSION 3.25)' 'project(parent LANGUAGES CXX)' \
  "add_subdirectory(\"$root\" mistral_workflows)" >"$work/parent/CMakeLists.txt"
configure "$work/parent" -DMISTRAL_WORKFLOWS_WERROR=ON || fail 'refused below another project'
if has_flag -Werror; then fail '-Werror below another project'; fi
if grep -q '^CMAKE_BUILD_TYPE:STRING=Release' "$work/build/CMakeCache.txt"; then fail 'sets the build type of another project'; fi

refused "mistral_workflows needs Boost 1.81 or later with its libraries json and url; found: none. $debian_boost" \
  -DCMAKE_DISABLE_FIND_PACKAGE_Boost=ON
fake_package Boost 1.74.0 ''
refused "mistral_workflows needs Boost 1.81 or later with its libraries json and url; found: 1.74.0. $debian_boost" "${only_fakes[@]}"
fake_package Boost 1.91.0 ''  # headers alone
refused "found: 1.91.0 (without its library json). $debian_boost" "${only_fakes[@]}"
fake_package Boost 1.92.0 'set(Boost_FOUND OFF) 
set(Boost_NOT_FOUND_MESSAGE "no boost_url")'
refused "found: 1.92.0 (no boost_url). $debian_boost" "${only_fakes[@]}"

mkdir -p "$work/ssl/openssl"
echo '# define OPENSSL_VERSION_NUMBER  0x1010117fL' >"$work/ssl/openssl/opensslv.h"
refused 'mistral_workflows needs OpenSSL 3 or later; found: 1.1.1w. On Debian: apt-get install libssl-dev.' \
  -DOPENSSL_INCLUDE_DIR="$work/ssl" -DOPENSSL_SSL_LIBRARY="$work/libssl.so" -DOPENSSL_CRYPTO_LIBRARY="$work/libcrypto.so"

refused 'mistral_workflows needs C++20 with coroutines (GCC 12, Clang 16 or later); found: ' -DCMAKE_CXX_FLAGS=-fno-coroutines
says "which has none with the flags '-fno-coroutines'"
echo 'set(CMAKE_CXX_COMPILER_ID_RUN ON)
set(CMAKE_CXX_COMPILER_ID GNU)
set(CMAKE_CXX_COMPILER_VERSION 9.4.0)
set(CMAKE_CXX_STANDARD_COMPUTED_DEFAULT 14)
set(CMAKE_CXX_COMPILER_FORCED ON)' >"$work/gcc9.cmake"
refused 'mistral_workflows needs C++20 with coroutines (GCC 12, Clang 16 or later); found: GNU 9.4.0. On Debian: apt-get install g++' \
  -DCMAKE_TOOLCHAIN_FILE="$work/gcc9.cmake"
echo 'a plain configuration gives the library alone, and each thing that is missing is said in one message'
