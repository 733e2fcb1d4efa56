#!/usr/bin/env bash
# listed_test.sh ROOT: listed.sh accepts ROOT, and names each of the files planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

"$here/listed.sh" "$1"

cp -r "$1/include" "$1/src" "$1/test" "$copy"
for planted in include/mistral/workflows/planted.hpp src/protocol/planted.cpp src/testing/deep/planted.cpp; do
  mkdir -p "$copy/$(dirname $planted)"
  touch "$copy/$planted"
  if output=$("$here/listed.sh" "$copy"); then
    echo "listed.sh did not notice $planted"
    exit 1
  fi
  grep -qF "$planted is not listed" <<<"$output"
  rm "$copy/$planted"
done

# A comment lists nothing.
touch "$copy/src/net/pool/planted.cpp"
for comment in '# pool/planted.cpp' 'add_library(x # pool/planted.cpp' $'#[[\npool/planted.cpp\n]]'; do
  cp "$1/src/net/CMakeLists.txt" "$copy/src/net"
  echo "$comment" >>"$copy/src/net/CMakeLists.txt"
  if "$here/listed.sh" "$copy" >/dev/null; then
    echo "listed.sh took this for a list: $comment"
    exit 1
  fi
done
echo "every header and source is listed"
