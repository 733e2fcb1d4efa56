#!/usr/bin/env bash
# distros.sh debian12|debian13|debian13-boost1.88|testing [LABEL...]: makes a bare Debian in a folder (debootstrap), puts a
# clean checkout of HEAD into it and runs the README's two commands there, and those of the guide to getting started, as a new user
# would; where labels are named, the tests of these alone, and not the guide. Needs root; the compiler cache of this machine is used
# unless CCACHE_DISABLE is set.
set -euo pipefail
unset CDPATH IFS
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. src/cmake/setup.sh

usage() { give_up "usage: test/distros.sh debian12|debian13|debian13-boost1.88|testing [LABEL...]"; }

packages=()
name=${1-}
case "$name" in
  debian12) suite=bookworm ;;
  debian13) suite=trixie ;;
  debian13-boost1.88)
    suite=trixie
    packages=(libboost1.88-dev libboost-json1.88-dev libboost-url1.88-dev libboost-test1.88-dev)
    ;;
  testing) suite=testing ;;
  *) usage ;;
esac
shift
root=
if [ "${1-}" = --inside ]; then
  root=$2
  shift 2
fi
labels=("$@")

[ "$(id -u)" = 0 ] || give_up 'test/distros.sh: making a chroot needs root'
git rev-parse --verify --quiet HEAD >/dev/null || give_up 'test/distros.sh: needs a git checkout with a commit'
# The system stands in namespaces of its own: its mounts and processes go when it ends, and its folder when this script ends, unless
# that is killed outright. unshare blocks TERM and INT, so it is told with KILL.
if [ -z "$root" ]; then
  install_missing debootstrap  # on this machine
  root=$(mktemp -d)
  system=
  clean_up() {
    trap '' INT TERM HUP
    kill -KILL $system 2>/dev/null || true
    wait $system 2>/dev/null || true
    rm -rf --one-file-system "$root" "$root.log"
  }
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child "$PWD/test/distros.sh" "$name" --inside "$root" "${labels[@]}" &
  system=$!
  # In the background, so that a signal is acted upon at once.
  wait $system
  exit 0
fi

began=$SECONDS
log=$root.log
debootstrap --variant=minbase "$suite" "$root" http://deb.debian.org/debian >"$log" 2>&1 || { tail -n 20 "$log"; exit 1; }
rm -f "$log"
chmod 755 "$root"  # mktemp made it root's alone: a test that goes on as another user could not open a file in it
cp /etc/resolv.conf "$root/etc/resolv.conf"
echo '127.0.0.1 localhost' >"$root/etc/hosts"
mount -t proc proc "$root/proc"
mkdir -p "$root/dev/pts" "$root/dev/shm"
mount -t devpts devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
echo "== $name: bare system made ($((SECONDS - began)) s)"

git clone --quiet --no-hardlinks . "$root/root/mistral_workflows"
if [ -z "${CCACHE_DISABLE-}" ]; then
  mkdir -p "$root/root/.cache/ccache" "${CCACHE_DIR:-${HOME:-/root}/.cache/ccache}"
  mount --bind "${CCACHE_DIR:-${HOME:-/root}/.cache/ccache}" "$root/root/.cache/ccache"
fi

# inside COMMAND...: in the new system, with nothing of this machine's environment.
inside() {
  chroot "$root" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=dumb ${CCACHE_DISABLE:+CCACHE_DISABLE=1} \
    bash -c 'cd /root/mistral_workflows && exec "$@"' inside "$@"
}

if [ ${#packages[@]} -gt 0 ]; then
  inside apt-get update --quiet --quiet
  inside env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends "${packages[@]}" >/dev/null
fi
# tell_and_run COMMAND...
tell_and_run() {
  echo "== $name: $* (at $((SECONDS - began)) s)"
  inside "$@"
}
tell_and_run ./example/quickstart.sh
[ ${#labels[@]} -gt 0 ] || tell_and_run ./test/getting_started.sh
tell_and_run ./test/run.sh ${labels[@]+"${labels[@]}"}
# The public headers with the compilers that this distribution adds.
echo "== $name: headers (at $((SECONDS - began)) s)"
inside bash -ec '. src/cmake/setup.sh
  [ ${#header_compilers[@]} -gt 0 ] || exit 0
  install_missing "${header_compiler_packages[@]}"
  test/checks/header_warnings.sh . g++ "${header_compilers[*]}"'
inside bash -c 'g++ --version | head -n 1; openssl version; sed -n "s/^#define BOOST_LIB_VERSION \"\(.*\)\"/Boost \1/p" /usr/include/boost/version.hpp' |
  tr '\n' ';' | sed "s/^/== $name: passed in $((SECONDS - began)) s with /; s/;\$/\n/; s/;/; /g"
