#!/usr/bin/env bash
# getting_started.sh: the blocks of src/doc/guide/getting-started.md that install the library and use it, as they stand there. It
# installs into $HOME/mistral and listens on the guide's port: test/distros.sh runs it in a bare system.
set -euo pipefail
unset CDPATH IFS
cd "$(dirname "${BASH_SOURCE[0]}")/.."
guide=$PWD/src/doc/guide/getting-started.md

fail() { echo "test/getting_started.sh: $*" >&2; exit 1; }

# block LANGUAGE NUMBER: that block of the guide
block() {
  awk -v fence="\`\`\`$1" -v number="$2" '
    /^```/ { shown = !inside && $0 == fence && ++seen == number; inside = !inside; next }
    shown { print; some = 1 }
    END { exit !some }' "$guide" || fail "the guide has no block $2 of $1"
}
# run NUMBER: that block of sh, here, as somebody would who sees whether a command has failed
run() {
  local commands
  commands=$(block sh "$1")
  sed 's/^/+ /' <<<"$commands"
  bash -ec "$commands"
}

export CMAKE_BUILD_PARALLEL_LEVEL=${CMAKE_BUILD_PARALLEL_LEVEL-$(nproc)}
work=$(mktemp -d)
server=
clean_up() {
  [ -z "$server" ] || { kill -- "-$server" && wait "$server"; } 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
run 1 >"$work/log" 2>&1 || { tail -n 50 "$work/log"; fail 'the library was not installed'; }

# The second terminal: a group of processes of its own.
set -m
run 2 >"$work/server" 2>&1 &
server=$!
set +m
until grep -qx ready "$work/server"; do
  kill -0 "$server" 2>/dev/null || { cat "$work/server"; fail 'the server does not run'; }
  sleep 1
done

mkdir "$work/first"
block cmake 1 >"$work/first/CMakeLists.txt"
block cpp 1 >"$work/first/first.cpp"
cd "$work/first"
run 3 >"$work/log" 2>&1 || { cat "$work/log"; fail 'the program of the guide failed'; }
for said in 'started ' 'WORKFLOW_EXECUTION_COMPLETED' 'result '; do
  grep -q "^$said" "$work/log" || { cat "$work/log"; fail "the program of the guide has not said: $said"; }
done
echo 'the guide to getting started does what it says'
