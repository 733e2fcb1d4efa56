#!/usr/bin/env bash
# layers_test.sh ROOT: layers.sh accepts ROOT, and complains about each of the violations planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$1")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

"$here/layers.sh" "$root"

mkdir "$copy/test"
cp -r "$root/include" "$root/src" "$copy"
cp "$here/rooms.txt" "$copy"

# complains TEXT: layers.sh fails on the copy, and says TEXT.
complains() {
  if output=$("$here/layers.sh" "$copy" "$copy/rooms.txt"); then
    echo "layers.sh did not notice: $1"
    exit 1
  fi
  if ! grep -qF -- "$1" <<<"$output"; then
    printf 'layers.sh said nothing about %s, but:\n%s\n' "$1" "$output"
    exit 1
  fi
}

# plant FILE LINE COMPLAINT: FILE with this one line makes layers.sh fail, and say so.
plant() {
  mkdir -p "$(dirname "$copy/$1")"
  echo "$2" >"$copy/$1"
  complains "$3"
  rm "$copy/$1"
  [ ! -e "$root/$1" ] || cp "$root/$1" "$copy/$1"
}

# From layer to layer.
plant src/protocol/calls/planted.cpp '#include "session/call/call.hpp"' 'protocol/calls may not include session/call'
plant src/protocol/calls/planted.cpp '#include <session/call/call.hpp>' 'include internal headers in quotes: <session/call/call.hpp>'
plant src/protocol/calls/planted.cpp '#include <boost/asio/awaitable.hpp>' 'protocol must not reach this: boost/asio/awaitable.hpp'
plant src/protocol/http/planted.cpp 'auto t = std::chrono::steady_clock::now();' 'no clock'
plant src/net/pool/planted.cpp '#include <mistral/workflows/model/execution.hpp>' 'net/pool may not include model'
plant src/net/pool/planted.cpp '#include "protocol/http/request.hpp"' 'net/pool may not include protocol/http'
plant src/testing/server/core/planted.cpp '#include "net/pool/pool.hpp"' 'testing/server/core may not include net/pool'
plant src/testing/engine/planted.hpp '#include "session/call/call.hpp"' 'testing/engine may not include session/call'
plant src/session/call/planted.cpp '#include <mistral/workflows/client.hpp>' 'session/call may not include api'
plant src/api/planted.cpp '#include "net/pool/pool.hpp"' 'api may not include net/pool'
plant src/bulk/planted.cpp '#include "session/call/call.hpp"' 'bulk may not include session/call'
plant include/mistral/workflows/planted.hpp '#include "protocol/http/uuid.hpp"' 'a public header includes the internal'
plant include/mistral/workflows/planted.hpp '#include <boost/beast/http.hpp>' 'must not reach this: boost/beast/http.hpp'
plant include/mistral/workflows/client.hpp '#include <openssl/ssl.h>' 'must not reach this: openssl/ssl.h'

# From room to room.
plant src/session/call/planted.cpp '#include "session/doubt/look.hpp"' 'session/call may not include session/doubt'
plant src/session/frame/planted.hpp '#include "session/client/client_state.hpp"' 'session/frame may not include session/client'
plant src/session/doubt/planted.cpp '#include "session/follow/stream.hpp"' 'session/doubt may not include session/follow'
plant src/protocol/http/planted.cpp '#include "protocol/calls/retry.hpp"' 'protocol/http may not include protocol/calls'
plant src/protocol/json/planted.cpp '#include "protocol/json/codec/reader.hpp"' 'protocol/json may not include protocol/json/codec'
plant src/net/channel/planted.cpp '#include "net/tls/tls_channel.hpp"' 'net/channel may not include net/tls'
plant src/net/http/planted.cpp '#include "net/pool/pool.hpp"' 'net/http may not include net/pool'
plant src/testing/engine/store/planted.cpp '#include "testing/engine/core/engine_core.hpp"' 'testing/engine/store may not include testing/engine/core'
plant src/testing/engine/run/planted.cpp '#include "testing/engine/views/views.hpp"' 'testing/engine/run may not include testing/engine/views'
plant include/mistral/workflows/model/planted.hpp '#include <mistral/workflows/event_stream.hpp>' 'model may not include face'
plant src/session/planted.cpp '#include <string>' 'src/session/planted.cpp: its folder is no room'
plant src/session/planted/planted.cpp '#include <string>' 'src/session/planted has no README.md'

# A room that is full.
for number in $(seq 31); do echo '#pragma once' >"$copy/src/session/doubt/planted_$number.hpp"; done
complains 'src/session/doubt holds'
rm "$copy"/src/session/doubt/planted_*

# A table whose arrows run both ways.
sed -i 's|^net/common  .*|net/common  base net/pool|' "$copy/rooms.txt"
complains 'net/common names net/pool, which does not stand above it'
cp "$here/rooms.txt" "$copy"
echo 'base  session/call' >>"$copy/rooms.txt"
complains 'the rows of base stand apart'
echo "every include follows an arrow of the table of rooms"
