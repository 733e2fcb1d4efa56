#!/usr/bin/env bash
# header_neighbours.sh ROOT COMPILER [FLAGS...]: the public headers compile after the macros of Qt and Xlib, which are ordinary words.
# The standard library's headers and Boost's come first, as some of them hold no more than others do after Xlib's.
set -euo pipefail
root=$1 compiler=$2
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

{
  grep -rhoE '^#include <[^>]*>' "$root/include" | grep -v '<mistral/' | sort -u
  cat <<'MACROS'
// qobjectdefs.h, qforeach.h
#define signals public
#define slots
#define emit
#define foreach(variable, container) for (variable : container)
#define forever for (;;)
// X.h, Xlib.h
#define None 0L
#define Status int
#define Bool int
#define True 1
#define False 0
#define Success 0
#define Always 2
MACROS
  (cd "$root/include" && find . -name '*.hpp' | sed 's|^\./\(.*\)|#include <\1>|' | sort)
} >"$work/all.cpp"

"$compiler" -std=c++20 -fsyntax-only -I "$root/include" "$@" "$work/all.cpp"
echo "the public headers compile after the macros of Qt and Xlib"
