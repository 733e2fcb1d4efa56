#!/usr/bin/env bash
# measures_test.sh ROOT: measures.sh accepts ROOT, and names each of the mistakes planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
"$here/measures.sh" "$1"

# plant WHAT COMPLAINT COMMAND...: measures.sh complains once COMMAND was run in a copy.
plant() {
  local what=$1 complaint=$2
  shift 2
  rm -rf "${copy:?}"/*
  cp -r "$root/include" "$root/src" "$root/README.md" "$copy"
  mkdir "$copy/test" "$copy/example"
  (cd "$copy" && "$@")
  if output=$("$here/measures.sh" "$copy"); then
    echo "measures.sh did not notice $what"
    exit 1
  fi
  if ! grep -qF -- "$complaint" <<<"$output"; then
    printf 'measures.sh said nothing about %s, but:\n%s\n' "$complaint" "$output"
    exit 1
  fi
}
root=$(realpath "$1")
more_lines() { for _ in $(seq "$2"); do echo; done >>"$1"; }
one_line() { printf "%s%$2s\n" "$3" "" | tr ' ' x >>"$1"; }

plant 'a README of 201 lines' 'README.md: ' more_lines README.md 200
plant 'a long comment' 'client.hpp:' one_line include/mistral/workflows/client.hpp 109 //
plant 'a long line of a guide' 'streams.md:' one_line src/doc/guide/streams.md 111 ''
plant 'a file of more than 300 lines' 'client.hpp has ' more_lines include/mistral/workflows/client.hpp 300
plant 'a header that says nothing' 'client.hpp: its first two' sed -i 1d include/mistral/workflows/client.hpp
echo "what passes a bound is noticed"
