# What building the library and its tests takes: found where it is installed, and else installed under this
# distribution's names, without removing anything. Sourced by the scripts that users run; one line says what stands in the way.

unset CDPATH IFS
cmake_folder=$(builtin cd "$(dirname "${BASH_SOURCE[0]}")" >/dev/null && pwd)

give_up() {
  echo "$*" >&2
  exit 1
}

has_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

# as_root COMMAND...
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# The version that apt-get would install of a package, from lists that are fetched once where they know nothing of it.
candidate() {
  local version
  version=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \(.*\)/\1/p')
  if [ -z "$version" ] && [ -z "${lists_updated-}" ]; then
    update_lists
    version=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | sed -n 's/^  Candidate: \(.*\)/\1/p')
  fi
  [ "$version" = '(none)' ] || echo "$version"
}

update_lists() {
  lists_updated=yes
  as_root apt-get update --quiet --quiet >/dev/null 2>&1 || true
}

# refuse_removal PACKAGE...: gives up where apt-get would remove something for them, as far as its lists tell. Takes no root.
refuse_removal() {
  local removed
  removed=$(LC_ALL=C apt-get install --simulate --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ') || true
  [ -z "$removed" ] || give_up "installing $* would remove ${removed% }, so it was not done." \
    "Install them yourself (apt-get install $*) if that is right, or name a folder that has them in CMAKE_PREFIX_PATH"
}

# leave_to_root WHY PACKAGE...: gives up, and says what is to be done that can be done, all of it at once.
leave_to_root() {
  local packages=("${@:2}")
  [ ${#unprobed[@]} = 0 ] || packages+=($(lists_updated=yes; not_installed "${unprobed[@]}" $(boost_packages 2>/dev/null)))
  refuse_removal "${packages[@]}"
  give_up "missing: ${packages[*]}; $1: as root, run: apt-get update && apt-get install --no-remove ${packages[*]}"
}

# What may be missing as well while nothing can be probed yet.
unprobed=()

# apt_install PACKAGE...: nothing that is installed is removed for it.
apt_install() {
  local apt_log reason broken
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null || leave_to_root 'this user is not root and there is no sudo' "$@"
  as_root true || leave_to_root 'sudo refuses' "$@"
  echo "installing $*"
  apt_log=$(mktemp)
  local install=(env LC_ALL=C DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-remove --no-install-recommends "$@")
  if as_root "${install[@]}" >"$apt_log" 2>&1; then rm -f "$apt_log"; return; fi
  # Lists that are missing or out of date are the usual reason.
  update_lists
  if as_root "${install[@]}" >"$apt_log" 2>&1; then rm -f "$apt_log"; return; fi
  reason=$(sed -n '/^E: /{s///p;q}' "$apt_log")
  broken=$(sed -n 's/^dpkg: error processing package \([^ ]*\) .*/\1/p' "$apt_log" | sort -u | tr '\n' ' ')
  rm -f "$apt_log"
  [ -z "$broken" ] || give_up "could not install $*: dpkg cannot set up ${broken% }; repair that first (as root: dpkg --configure -a)"
  refuse_removal "$@"
  give_up "could not install $*: ${reason:-apt-get does not say why}. If there is a network, run as root: apt-get update && apt-get install --no-remove $*"
}

# not_installed PACKAGE...: those of the packages that are not there.
not_installed() {
  local package
  for package in "$@"; do
    # One line for each architecture that it is installed for.
    dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -x installed >/dev/null || echo "$package"
  done
}

# install_missing PACKAGE...: those of the packages that are not there; elsewhere than on Debian that is left to the user.
install_missing() {
  has_apt || return 0
  local missing
  mapfile -t missing < <(not_installed "$@")
  [ ${#missing[@]} = 0 ] || apt_install "${missing[@]}"
}

# The names of the parts of Boost that are taken, numbered as the headers that are installed, if those are new enough; else
# the distribution's default Boost, or the newest of its numbered ones.
boost_packages() {
  local number
  new_enough() { dpkg --compare-versions "$1" ge 1.81; }
  number=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' 'libboost1.*-dev' 2>/dev/null |
    sed -n 's/^libboost\([0-9.]*\)-dev installed$/\1/p' | sort -V | tail -n 1)
  if [ -z "$number" ] || ! new_enough "$number"; then
    number=
    new_enough "$(candidate libboost-json-dev)" ||
      number=$(apt-cache pkgnames libboost-json | sed -n 's/^libboost-json\([0-9.]*\)-dev$/\1/p' | sort -V | tail -n 1)
    # Without apt's lists neither is known.
    [ -n "$number$(candidate libboost-json-dev)" ] || [ "$(. /etc/os-release && echo "${ID-} ${VERSION_ID-}")" != 'debian 12' ] || number=1.81
    [ -z "$number" ] || new_enough "$number" ||
      give_up "missing: $(described Boost_FOUND); this distribution has $number at most: build a newer one, and name its folder in CMAKE_PREFIX_PATH"
  fi
  printf '%s\n' "libboost$number-dev" "libboost-json$number-dev" "libboost-url$number-dev" "libboost-test$number-dev"
}

# What a configure finds missing of compiler and libraries, as names in probe/CMakeLists.txt, and after them what it found
# and cannot use, a line "found in its place: ..." each.
probe() {
  local folder
  folder=$(mktemp -d) || give_up "no temporary folder can be made in ${TMPDIR:-/tmp}"
  if ! cmake -S "$cmake_folder/probe" -B "$folder" -G Ninja -DCMAKE_CXX_COMPILER=g++ >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    rm -rf "$folder"
    give_up "g++, CMake 3.25 or later and Ninja must work before anything can be built"
  fi
  sed -n 's/^-- missing: //p' "$folder/log"
  sed -n 's/^-- \(found in its place: .*\)/\1/p' "$folder/log"
  rm -rf "$folder"
}

# In one line, for people.
described() {
  local name
  for name in "$@"; do
    case "$name" in
      coroutines) echo 'a g++ that knows C++20 coroutines (GCC 12 or later; Debian: g++)' ;;
      Boost_FOUND) echo 'Boost 1.81 or later with json, url and test (Debian 12: libboost{,-json,-url,-test}1.81-dev; Debian 13: libboost{,-json,-url,-test}-dev)' ;;
      OPENSSL_FOUND) echo 'OpenSSL 3 (Debian: libssl-dev)' ;;
      date_FOUND) echo "Howard Hinnant's date library 3 (Debian: libhowardhinnant-date-dev)" ;;
      SQLite3_FOUND) echo 'SQLite 3.22 or later (Debian: libsqlite3-dev)' ;;
      *) echo "$name" ;;
    esac
  done | sed ':a; N; $!ba; s/\n/; /g'
}

# Nobody is asked for a password for the sake of these, nor waits for a network. A build only takes longer without ccache; the
# others are for the user: cmake makes Makefiles by default, and an installed library is found with pkg-config.
install_what_helps() {
  local packages=()
  command -v ccache >/dev/null || packages+=(ccache)
  command -v make >/dev/null || packages+=(make)
  command -v pkg-config >/dev/null || packages+=(pkgconf)
  [ ${#packages[@]} -gt 0 ] && has_apt && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; } || return 0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-remove --no-install-recommends \
    "${packages[@]}" >/dev/null 2>&1 </dev/null || true
}

# In one line: what is missing, of what `probe` said, and what stands in its place.
lacking() { echo "$(described $(grep -v '^found ' <<<"$1"))$(sed -n 's/^found/; found/p' <<<"$1" | tr -d '\n')"; }

# install_what_the_build_needs [PACKAGE...]: whatever the build and the tests need that is not there yet, and those packages.
install_what_the_build_needs() {
  local missing=() packages=() found name boost
  for name in g++ cmake ninja; do command -v "$name" >/dev/null || missing+=("$name"); done
  if [ ${#missing[@]} -gt 0 ]; then
    has_apt || give_up "missing: ${missing[*]} (g++ 12 or later, CMake 3.25 or later, Ninja)"
    unprobed=(ca-certificates tzdata libssl-dev libhowardhinnant-date-dev libsqlite3-dev "$@")
    apt_install "${missing[@]/#ninja/ninja-build}"
    unprobed=()
  fi
  install_what_helps
  found=$(probe)
  [ -z "$found" ] || { has_apt && ! grep -qx coroutines <<<"$found"; } || give_up "missing: $(lacking "$found")"
  for name in $(grep -v '^found ' <<<"$found"); do
    case "$name" in
      Boost_FOUND)
        boost=$(boost_packages) || exit 1
        packages+=($boost)
        ;;
      OPENSSL_FOUND) packages+=(libssl-dev) ;;
      date_FOUND) packages+=(libhowardhinnant-date-dev) ;;
      SQLite3_FOUND) packages+=(libsqlite3-dev) ;;
    esac
  done
  [ ${#packages[@]} = 0 ] || [ -n "$(not_installed "${packages[@]}")" ] ||
    give_up "missing: $(lacking "$found"). Of ${packages[*]} all is installed: see what CMAKE_PREFIX_PATH, Boost_ROOT and OPENSSL_ROOT_DIR lead to"
  install_missing ${packages[@]+"${packages[@]}"} ca-certificates tzdata "$@"
  [ -n "$found" ] || return 0
  install_what_helps  # now that a password may have been given
  found=$(probe)
  [ -z "$found" ] || give_up "missing, also after installing ${packages[*]}: $(lacking "$found")"
}

# The compilers that a test compiles the public headers with, where this distribution has them, and their packages.
header_compilers=() header_compiler_packages=()
case "$(. /etc/os-release 2>/dev/null && echo "${ID-} ${VERSION_ID-}")" in
  'debian 12')
    header_compilers=(g++-12 clang++-16 clang++-19)
    header_compiler_packages=(clang-16 clang-19)
    ;;
  'debian 13')
    header_compilers=(g++-13 g++-14 clang++-17 clang++-18)
    header_compiler_packages=(g++-13 clang-17 clang-18)
    ;;
esac

# What the checks of `test/run.sh --all` take besides.
check_packages=(libsimdjson-dev libcurl4-openssl-dev clang-19 lld-19 llvm-19 libclang-rt-19-dev clang-format-19 clang-tidy-19 doxygen)

# What the benchmarks of test/bench take: the peers that the library is held against.
bench_packages=(libsimdjson-dev libcurl4-openssl-dev nginx wrk openssl)

# The programs that follow see no key, no server, no proxy and no place of installation of the user's.
leave_environment_behind() {
  local name
  for name in $(compgen -e); do
    case "$name" in
      MISTRAL_API_KEY | MISTRAL_SERVER_URL | *_PROXY | *_proxy | CMAKE_BUILD_TYPE | DESTDIR) unset "$name" ;;
    esac
  done
}
