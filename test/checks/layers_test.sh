#!/usr/bin/env bash
# layers_test.sh ROOT: layers.sh accepts ROOT, and complains about each of the violations planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$1")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

complaints=()

"$here/layers.sh" "$root"

mkdir "$copy/test"
cp -r "$root/include" "$root/src" "$root/example" "$copy"
cp "$here/rooms.txt" "$copy"

# complains TEXT...: layers.sh fails on the copy, and says each TEXT.
complains() {
  if output=$("$here/layers.sh" "$copy" "$copy/rooms.txt"); then
    echo "layers.sh did not notice: $1"
    exit 1
  fi
  for text in "$@"; do
    grep -qF -- "$text" <<<"$output" && continue
    printf 'layers.sh said nothing about %s, but:\n%s\n' "$text" "$output"
    exit 1
  done
}

# plant FILE LINE COMPLAINT: FILE with this one line makes layers.sh fail, and say so.
plant() {
  mkdir -p "$(dirname "$copy/$1")"
  echo "$2" >"$copy/$1"
  complains "$3"
  rm "$copy/$1"
  [ ! -e "$root/$1" ] || cp "$root/$1" "$copy/$1"
}

# plant_lines FILE COMPLAINT: of FILE with the lines of the input, layers.sh says COMPLAINT about each.
plant_lines() {
  cat >"$copy/$1"
  for number in $(seq "$(wc -l <"$copy/$1")"); do complaints+=("$1:$number: $2"); done
  complains "${complaints[@]}"
  rm "$copy/$1"
  complaints=()
}

# From layer to layer.
plant src/protocol/calls/planted.cpp '#include "session/call/call.hpp"' 'protocol/calls may not include session/call'
plant src/protocol/calls/planted.cpp '#include <session/call/call.hpp>' 'include internal headers in quotes: <session/call/call.hpp>'
plant src/protocol/calls/planted.cpp '#include <boost/asio/awaitable.hpp>' 'protocol must not reach this: boost/asio/awaitable.hpp'
plant src/protocol/http/planted.cpp 'auto t = std::chrono::steady_clock::now();' 'no clock'
plant_lines src/protocol/http/planted.cpp 'the protocol layer has no clock' <<'END'
auto now = &std::chrono::steady_clock::now;
auto t = std::time(nullptr);
auto t = time(0);
auto t = std::clock();
gettimeofday(&t, nullptr);
clock_gettime(CLOCK_MONOTONIC, &t);
auto* t = localtime(&at);
auto x = std::rand() % 6;
auto x = random();
std::random_device device;
std::mt19937 engine(42);
std::mt19937_64 engine;
std::default_random_engine engine{};
auto x = arc4random_uniform(6);
getrandom(&x, sizeof x, 0);
END
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

plant include/mistral/workflows/bulk/planted.hpp '#include <openssl/ssl.h>' 'must not reach this: openssl/ssl.h'
plant include/mistral/workflows/bulk/planted.hpp '#include <mistral/workflows/testing/clock.hpp>' 'bulk may not include testing'

# An include in another form, which would hide what it includes.
plant_lines src/protocol/calls/planted.cpp 'write an include plainly' <<'END'
#  include "session/call/call.hpp"
/* x */ #include "session/call/call.hpp"
#/* x */include "session/call/call.hpp"
%:include "session/call/call.hpp"
#include CALL_HEADER
#include_next <boost/asio/awaitable.hpp>
#import "session/call/call.hpp"
#include <boost/../../src/session/call/call.hpp>
#inc\
END
plant include/mistral/workflows/planted.hpp '#include PLANTED' 'planted.hpp:1: write an include plainly'

# Out of the rooms: programs see what users see, and the library sees neither programs nor tests.
plant example/planted.cpp '#include "session/call/call.hpp"' 'there is no example/session/call/call.hpp'
plant example/planted.cpp '#include <session/call/call.hpp>' 'include internal headers in quotes: <session/call/call.hpp>'
plant example/planted.cpp '#include "../src/session/call/call.hpp"' 'write an include plainly'
plant include/mistral/workflows/planted.hpp '#include <session/call/call.hpp>' 'include internal headers in quotes'
plant src/session/call/planted.cpp '#include "net/support.hpp"' 'there is no src/net/support.hpp'
plant src/session/call/planted.cpp '#include <test/net/support.hpp>' 'include internal headers in quotes: <test/net/support.hpp>'
plant src/session/call/planted.cpp '#include "example/sample_workflows.hpp"' 'there is no src/example/sample_workflows.hpp'

# Sources under another name.
for planted in src/net/pool/planted.{ipp,h,cc,cxx,hxx,inl,tpp,HPP} {include/mistral/workflows,test,example}/planted.h; do
  touch "$copy/$planted"
  complaints+=("$planted: sources are named .hpp and .cpp")
done
complains "${complaints[@]}"
find "$copy" -name 'planted.*' -delete
complaints=()

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
plant src/planted/planted.cpp 'int planted;' 'src/planted/planted.cpp: its folder is no room'
plant include/mistral/workflows/planted/planted.hpp '#pragma once' 'planted/planted.hpp: its folder is no room'

# A door that says other arrows than the row.
plant src/net/tls/README.md 'May include: `base`, `./common`.' 'src/net/tls/README.md: it says "May include: base ./common", its row base ./common ./channel'
plant src/net/tls/README.md 'TLS.' 'src/net/tls/README.md: it says "May include: ", its row'

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

# A row without its room, and a room that has come.
cp "$here/rooms.txt" "$copy"
echo 'planted  base' >>"$copy/rooms.txt"
complains 'the table of rooms: planted does not exist'
cp "$here/rooms.txt" "$copy"
echo 'to-come planted  base' >>"$copy/rooms.txt"
"$here/layers.sh" "$copy" "$copy/rooms.txt"
plant src/planted/planted.cpp 'int planted;' 'the table of rooms: planted exists, it is not to-come'

# What comes in as a value is welcome in protocol.
cat >"$copy/src/protocol/http/planted.cpp" <<'END'
// Not std::chrono::steady_clock::now(), which the caller asks.
double drawn(call_clock::time_point now, std::mt19937_64& engine, std::uint64_t seed, clock& clock) {
  const digit_pairs time(text), random{seed};
  return clock.now() - now + clock.time() + source.random() + random01(engine);
}
END
"$here/layers.sh" "$copy" "$copy/rooms.txt"
echo "every include follows an arrow of the table of rooms"
