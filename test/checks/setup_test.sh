#!/usr/bin/env bash
# setup_test.sh ROOT: what src/cmake/setup.sh says where packages are missing that it cannot install, with an apt-get that is made up.
set -euo pipefail
root=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/tmp"
for tool in bash cat dirname env head mktemp rm sed tr; do ln -s "$(command -v "$tool")" "$work/bin/$tool"; done

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
echo 'what would be removed is said before anybody is told to install it'
