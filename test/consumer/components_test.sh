#!/usr/bin/env bash
# components_test.sh CMAKE GENERATOR COMPILER PREFIX CLIENT_PREFIX: what find_package says to each way of asking. PREFIX has all
# libraries, CLIENT_PREFIX the client alone.
set -euo pipefail
cmake=$1 generator=$2 compiler=$3 prefix=$4 client_prefix=$5
work=$(mktemp -d)
headers=$(mktemp -d)
trap 'rm -rf "$work" "$headers"' EXIT

more=()  # what cmake is told besides

# asks PREFIX THEIRS ARGUMENTS: configures a project that calls find_package so; THEIRS is `no` where neither the date library nor
# SQLite is to be found.
# Leaves what was said in $said, in one line.
asks() {
  rm -rf "$work"/*
  cat >"$work/CMakeLists.txt" <<PROJECT
cmake_minimum_required(VERSION 3.25)
project(asks LANGUAGES CXX)
find_package(mistral_workflows $3)
message(STATUS "found: \${mistral_workflows_FOUND};")
foreach(target workflows workflows_testing workflows_journal_sqlite)
  if(TARGET mistral::\${target})
    message(STATUS "has \${target};")
  endif()
endforeach()
PROJECT
  local options=(-DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$1" "${more[@]}")
  [ "$2" = yes ] || options+=(-DCMAKE_DISABLE_FIND_PACKAGE_date=ON -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON)
  local result=0
  said=$("$cmake" -G "$generator" -S "$work" -B "$work/build" "${options[@]}" 2>&1 | tr -s ' \n' ' ') || result=1
  return $result
}

# says TEXT; lacks TEXT
says() { grep -qF -- "$1" <<<"$said" || { printf 'not said: %s\nbut: %s\n' "$1" "$said"; exit 1; }; }
lacks() { ! grep -qF -- "$1" <<<"$said" || { printf 'said: %s\nin: %s\n' "$1" "$said"; exit 1; }; }
# refused PREFIX THEIRS ARGUMENTS TEXT
refused() {
  if asks "$1" "$2" "$3"; then printf 'not refused: %s\n%s\n' "$3" "$said" && exit 1; fi
  says "$4"
}
# found PREFIX THEIRS ARGUMENTS: the client, and what else is asked of $said afterwards
found() { asks "$1" "$2" "$3" || { printf 'refused: %s\n%s\n' "$3" "$said"; exit 1; }; says 'has workflows;'; }

found "$prefix" yes '0.1 REQUIRED'
says 'has workflows_testing;'
says 'has workflows_journal_sqlite;'
found "$prefix" yes 'REQUIRED COMPONENTS testing'
says 'has workflows_testing;'
lacks 'has workflows_journal_sqlite;'
found "$prefix" yes 'REQUIRED COMPONENTS journal_sqlite'
says 'has workflows_journal_sqlite;'
lacks 'has workflows_testing;'
found "$prefix" yes 'REQUIRED COMPONENTS client'
lacks 'has workflows_testing;'
lacks 'has workflows_journal_sqlite;'
found "$client_prefix" no '0.1 REQUIRED'
lacks 'has workflows_testing;'
lacks 'has workflows_journal_sqlite;'
found "$client_prefix" no 'REQUIRED COMPONENTS client OPTIONAL_COMPONENTS testing journal_sqlite'
lacks 'has workflows_testing;'
lacks 'has workflows_journal_sqlite;'
refused "$client_prefix" no 'REQUIRED COMPONENTS testing' \
  'mistral_workflows is installed without its component testing (MISTRAL_WORKFLOWS_TESTING_LIBRARY=ON builds it)'
refused "$client_prefix" no 'REQUIRED COMPONENTS journal_sqlite' \
  'mistral_workflows is installed without its component journal_sqlite (MISTRAL_WORKFLOWS_JOURNAL_SQLITE=ON builds it)'
refused "$prefix" no 'REQUIRED COMPONENTS client server' 'The components of mistral_workflows are client, testing and journal_sqlite'
if ls "$prefix"/*/libmistral_workflows.a >/dev/null 2>&1; then
  refused "$prefix" no 'REQUIRED COMPONENTS testing' 'takes the date library (Debian: libhowardhinnant-date-dev)'
  refused "$prefix" no 'REQUIRED COMPONENTS journal_sqlite' 'takes SQLite 3.22 or later (Debian: libsqlite3-dev)'
  found "$prefix" no '0.1 REQUIRED'
  lacks 'has workflows_testing;'
  lacks 'has workflows_journal_sqlite;'
fi
# Boost's headers without its libraries, as some packages of it are: not found, and no error where it is not required.
echo 'set(PACKAGE_VERSION 1.91.0)
set(PACKAGE_VERSION_COMPATIBLE ON)' >"$headers/BoostConfigVersion.cmake"
echo '' >"$headers/BoostConfig.cmake"
more=(-DBoost_DIR="$headers")
asks "$client_prefix" no '0.1' || { printf 'an error: %s\n' "$said"; exit 1; }
says 'found: 0;'
lacks 'has workflows;'
refused "$client_prefix" no '0.1 REQUIRED' "mistral_workflows takes Boost's library json, which is not there"
echo 'find_package gives the components that were asked for, and says what is missing'
