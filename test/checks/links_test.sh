#!/usr/bin/env bash
# links_test.sh ROOT: links.sh accepts ROOT, and names each of the mistakes planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
"$here/links.sh" "$1"

# spoil FILE SED COMPLAINT: with FILE changed like this links.sh fails, and says so.
spoil() {
  rm -rf "${copy:?}"/*
  cp -r "$1/src" "$1/README.md" "$1/CHANGELOG.md" "$copy"
  sed -i -E "$3" "$copy/$2"
  if cmp -s "$1/$2" "$copy/$2"; then
    echo "'$3' changes nothing in $2"
    exit 1
  fi
  if output=$("$here/links.sh" "$copy"); then
    echo "links.sh did not notice '$3' in $2"
    exit 1
  fi
  if ! grep -qF -- "$4" <<<"$output"; then
    printf 'links.sh said nothing about %s, but:\n%s\n' "$4" "$output"
    exit 1
  fi
}

guide=src/doc/guide
spoil "$1" README.md 's,guide/streams\.md,guide/rivers.md,' 'README.md: src/doc/guide/rivers.md is not there'
spoil "$1" README.md 's,(repeats\.md)#starting-once,\1#twice,' 'repeats.md#twice: src/doc/guide/repeats.md has no such heading'
spoil "$1" $guide/repeats.md 's,^## Starting once,## Starting twice,' 'src/doc/guide/repeats.md has no such heading'
spoil "$1" $guide/hooks.md 's,\(streams\.md#,(stream.md#,' 'src/doc/guide/hooks.md: stream.md#reconnecting is not there'
echo "every link leads somewhere"
