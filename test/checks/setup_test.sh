#!/usr/bin/env bash
# setup_test.sh ROOT: what src/cmake/setup.sh says where packages are missing that it cannot install, with an apt-get that is made up.
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/tmp"
for tool in bash cat dirname env grep head mktemp rm sed sort tail tr; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

# fake NAME LINES...: a program
fake() { printf '%s\n' '#!/usr/bin/env bash' "${@:2}" >"$work/bin/$1" && chmod +x "$work/bin/$1"; }
# says USER_ID REMOVED TEXT: of an installation that fails for this user; REMOVED is what a simulation would remove.
says() {
  fake id "echo $1"
  fake apt-get "case \" \$* \" in *' --simulate '*) [ -z '$2' ] || echo 'Remv $2 [1.0]' ;; *) echo 'E: no'; exit 100 ;; esac"
  said=$(PATH=$work/bin TMPDIR=$work/tmp bash -c 'set -euo pipefail; . "$0/src/cmake/setup.sh"; apt_install libone-dev libtwo-dev' "$root" 2>&1) &&
    { echo "no failure: $said"; exit 1; }
  grep -qF -- "$3" <<<"$said" || { printf 'not said: %s\nbut: %s\n' "$3" "$said"; exit 1; }
  [ -z "$(ls "$work/tmp")" ] || { echo "left behind: $(ls "$work/tmp")"; exit 1; }
}

would='installing libone-dev libtwo-dev would remove libold, so it was not done.'
says 0 libold "$would"
says 0 '' 'could not install libone-dev libtwo-dev: no.'
says 1000 libold "$would"
says 1000 '' 'this user is not root and there is no sudo: as root, run: apt-get update && apt-get install --no-remove libone-dev libtwo-dev'
fake sudo 'exit 1'
says 1000 libold "$would"
says 1000 '' 'sudo refuses: as root, run: apt-get update && apt-get install --no-remove libone-dev libtwo-dev'

# Another package's trouble has that package's name.
fake id 'echo 0'
fake apt-get 'echo "dpkg: error processing package broken-one (--configure):"' 'echo "E: Sub-process /usr/bin/dpkg returned an error code (1)"' 'exit 100'
gives_up() {
  said=$(PATH=$work/bin TMPDIR=$work/tmp bash -c 'set -euo pipefail; . "$0/src/cmake/setup.sh"; '"$1" "$root" 2>&1) && { echo "no failure: $said"; exit 1; }
  grep -qE -- "$2" <<<"$said" || { printf 'not said: %s\nbut: %s\n' "$2" "$said"; exit 1; }
}
gives_up 'apt_install libone-dev' 'could not install libone-dev: dpkg cannot set up broken-one; repair that first'

# Who has to ask somebody else for packages asks once: compiler, libraries and what a caller needs besides.
fake id 'echo 1000'
rm "$work/bin/sudo"
fake dpkg '[ -n "$2" ] && [ "$(printf "%s\n" "$4" "$2" | sort -V | head -n 1)" = "$4" ]'  # --compare-versions A ge B
for tool in dpkg-query apt-cache apt-get; do fake $tool 'exit 1'; done
gives_up 'install_what_the_build_needs libthree-dev' \
  'run: apt-get update && apt-get install --no-remove g\+\+ cmake ninja-build .*libssl-dev .*libthree-dev libboost[0-9.]*-dev libboost-json'

# What somebody's own folder has too old is named, and not asked for again.
fake dpkg-query 'echo installed'
for tool in g++ ninja ccache make pkg-config; do fake $tool 'exit 1'; done
fake cmake 'echo "-- missing: OPENSSL_FOUND"' 'echo "-- found in its place: OpenSSL 1.1.1w in /opt/my coroutines/include"'
gives_up install_what_the_build_needs \
  'missing: OpenSSL 3 .*; found in its place: OpenSSL 1\.1\.1w in /opt/my coroutines/include\. Of libssl-dev all is installed: see .*OPENSSL_ROOT_DIR'
echo 'what would be removed is said before anybody is told to install it'
