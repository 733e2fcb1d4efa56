# install_missing PACKAGE...: apt-get installs those of the packages that are not there. Sourced by test/run.sh and
# example/quickstart.sh; where all is installed it does nothing, and elsewhere than on Debian it leaves that to the user.
install_missing() {
  command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
  local missing=() package root=()
  for package in "$@"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || root=(sudo)
  echo "installing ${missing[*]}"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --quiet --no-install-recommends "${missing[@]}")
  # Only a package list that is missing or out of date makes the first try fail.
  "${root[@]}" "${install[@]}" >/dev/null 2>&1 && return 0
  "${root[@]}" apt-get update --quiet --quiet || true
  "${root[@]}" "${install[@]}" >/dev/null
}

# What building the library takes, and its tests and examples.
build_packages=(g++ cmake ninja-build ccache libssl-dev ca-certificates
  libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libhowardhinnant-date-dev tzdata)
test_packages=(libboost-test1.81-dev)
# What the checks of `test/run.sh --all` take besides.
check_packages=(libsimdjson-dev libcurl4-openssl-dev clang-19 lld-19 llvm-19 libclang-rt-19-dev clang-format-19 clang-tidy-19)

# What the benchmarks of test/bench take: the peers that the library is held against.
bench_packages=(libsimdjson-dev libcurl4-openssl-dev nginx wrk openssl)

# The programs that follow see no key, no server and no proxy of the user's.
leave_environment_behind() {
  local name
  for name in $(compgen -e); do
    case "$name" in
      MISTRAL_API_KEY | MISTRAL_SERVER_URL | *_PROXY | *_proxy) unset "$name" ;;
    esac
  done
}
