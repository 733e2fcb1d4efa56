#!/usr/bin/env bash
# layers_test.sh ROOT: layers.sh accepts ROOT, and complains about each of the violations planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

"$here/layers.sh" "$1"

# plant FILE INCLUDE COMPLAINT: FILE with this one line makes layers.sh fail, and say so.
plant() {
  rm -rf "$copy"/*
  cp -r "$1/include" "$1/src" "$copy"
  mkdir -p "$(dirname "$copy/$2")"
  echo "$3" >"$copy/$2"
  if output=$("$here/layers.sh" "$copy"); then
    echo "layers.sh did not notice '$3' in $2"
    exit 1
  fi
  if ! grep -qF -- "$4" <<<"$output"; then
    printf 'layers.sh said nothing about %s, but:\n%s\n' "$4" "$output"
    exit 1
  fi
}

plant "$1" src/protocol/planted.cpp '#include "session/call.hpp"' 'protocol may not include session'
plant "$1" src/protocol/planted.cpp '#include <boost/asio/awaitable.hpp>' 'protocol must not reach this: boost/asio/awaitable.hpp'
plant "$1" src/protocol/planted.cpp 'auto t = std::chrono::steady_clock::now();' 'no clock'
plant "$1" src/net/planted.cpp '#include <mistral/workflows/model/execution.hpp>' 'net may not include model'
plant "$1" src/net/planted.cpp '#include "protocol/request.hpp"' 'net may not include protocol'
plant "$1" src/testing/server/planted.cpp '#include "net/pool.hpp"' 'testing may not include net'
plant "$1" src/testing/planted.hpp '#include "session/call.hpp"' 'testing may not include session'
plant "$1" src/session/planted.cpp '#include <mistral/workflows/client.hpp>' 'session may not include api'
plant "$1" src/api/planted.cpp '#include "net/pool.hpp"' 'api may not include net'
plant "$1" src/bulk/planted.cpp '#include "session/call.hpp"' 'bulk may not include session'
plant "$1" include/mistral/workflows/planted.hpp '#include "protocol/uuid.hpp"' 'a public header includes the internal'
plant "$1" include/mistral/workflows/planted.hpp '#include <boost/beast/http.hpp>' 'must not reach this: boost/beast/http.hpp'
plant "$1" include/mistral/workflows/client.hpp '#include <openssl/ssl.h>' 'must not reach this: openssl/ssl.h'
echo "every include follows a layer arrow"
