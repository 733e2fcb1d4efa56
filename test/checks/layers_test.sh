#!/usr/bin/env bash
# layers_test.sh ROOT: layers.sh accepts ROOT, and complains about each of the violations planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(realpath "$1")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

complaints=()

"$here/layers.sh" "$root"

cp -r "$root/include" "$root/src" "$root/test" "$root/example" "$copy"
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
plant_lines src/protocol/http/planted.cpp 'the rules have no clock' <<'END'
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
auto t = clock();
auto t = steady_clock:: now();
time(out);
return time(out);
auto t = time(&out);
auto x = rand_r(&seed);
auto x = erand48(state);
std::independent_bits_engine<std::mt19937, 8, unsigned> engine;
std::shuffle_order_engine<std::minstd_rand0, 256> engine;
auto t = boost::posix_time::second_clock::local_time();
syscall(SYS_getrandom, &x, sizeof x, 0);
auto t = __rdtsc();
asm volatile("rdtsc" : "=a"(low), "=d"(high));
auto* zone = std::getenv("TZ");
const char* text = "a \" quote"; auto t = call_clock::now();
const char quote = '"'; auto t = call_clock::now();  // "
END
plant include/mistral/workflows/model/planted.hpp 'inline auto t = std::chrono::system_clock::now();' 'planted.hpp:1: the rules have no clock'
for header in sys/random.h netdb.h arpa/inet.h unistd.h fstream thread future; do
  plant src/protocol/http/planted.hpp "#include <$header>" "protocol must not reach this: $header"
done
plant include/mistral/workflows/model/planted.hpp '#include <fstream>' 'model must not reach this: fstream'
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

# What the doors of rooms promise beside their rows.
plant src/net/pool/planted.cpp '#include <openssl/ssl.h>' 'net/pool must not reach this: openssl/ssl.h'
plant src/net/connect/planted.cpp '#include <boost/asio/ssl.hpp>' 'net/connect must not reach this: boost/asio/ssl.hpp'
plant src/net/http/planted.cpp '#include <boost/asio/ip/tcp.hpp>' 'net/http must not reach this: boost/asio/ip/tcp.hpp'
plant src/net/http/planted.cpp '#include "net/common/gate.hpp"' 'net/http must not reach this: '
plant src/net/channel/planted.cpp '#include <boost/beast/http.hpp>' 'net/channel must not reach this: boost/beast/http.hpp'
plant src/net/channel/planted.cpp '#include <boost/asio/awaitable.hpp>' 'net/channel must not reach this: boost/asio/awaitable.hpp'
plant src/net/tls/planted.cpp '#include <boost/json/value.hpp>' 'net must not reach this: boost/json/value.hpp'
plant src/net/tls/planted.cpp '#include <mistral/workflows/error.hpp>' 'net must not reach this: include/mistral/workflows/error.hpp <- boost/json/value.hpp'
plant include/mistral/workflows/testing/planted.hpp '#include <openssl/ssl.h>' 'testing must not reach this: openssl/ssl.h'
plant include/mistral/workflows/testing/planted.hpp '#include <boost/beast/http.hpp>' 'testing must not reach this: boost/beast/http.hpp'

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
#inc\ 	
#/*
import planted;
import <vector>;
export import "session/call/call.hpp";
END
plant src/protocol/calls/planted.cpp $'\xef\xbb\xbf#include "session/call/call.hpp"' 'write an include plainly'
printf '// \0\n#include "session/call/call.hpp"\n' >"$copy/src/protocol/calls/planted.cpp"
complains 'protocol/calls may not include session/call'
printf '// \0\nauto t = call_clock::now();\n' >"$copy/src/protocol/calls/planted.cpp"
complains 'planted.cpp:2: the rules have no clock'
rm "$copy/src/protocol/calls/planted.cpp"
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
for planted in src/net/pool/planted.{md,m,cu,txt} src/net/pool/{planted-,Planted}.hpp {include/mistral/workflows,example}/planted.def \
  include/mistral/workflows/planted.cpp src/cmake/planted.txt; do
  touch "$copy/$planted"
  complaints+=("$planted: sources are named .hpp and .cpp")
done
ln -s nowhere "$copy/src/net/pool/planted.inc"
complaints+=("src/net/pool/planted.inc: sources are named .hpp and .cpp")
complains "${complaints[@]}"
find "$copy" -iname 'planted*' -delete
complaints=()

# From room to room.
plant src/session/call/planted.cpp '#include "session/doubt/start.hpp"' 'session/call may not include session/doubt'
plant src/session/frame/planted.hpp '#include "session/client/client_state.hpp"' 'session/frame may not include session/client'
plant src/session/doubt/planted.cpp '#include "session/follow/stream.hpp"' 'session/doubt may not include session/follow'
plant src/protocol/http/planted.cpp '#include "protocol/calls/answers.hpp"' 'protocol/http may not include protocol/calls'
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

plant include/mistral/model/planted.hpp '#pragma once' 'mistral/model/planted.hpp: its folder is no room'
plant include/mistral/planted.hpp '#pragma once' 'mistral/planted.hpp: its folder is no room'
plant include/mistral/workflows/model/deep/planted.hpp '#pragma once' 'model/deep/planted.hpp: its folder is no room'
plant src/cmake/planted.cpp 'int planted;' 'src/cmake/planted.cpp: its folder is no room'
plant planted.cpp 'int planted;' 'planted.cpp: sources stand in rooms'

# A door that says other arrows than the row, or says them twice, stands at another room, or names what is not there.
door=src/net/tls/README.md
row='May include: `base`, `./common`, `./channel`.'
plant $door 'May include: `base`, `./common`.' 'it says "May include: `base`, `./common`.", its row "May include: `base`, `./common`, `./channel`."'
plant $door "${row%.} and more." 'it says "May include: `base`, `./common`, `./channel` and more."'
plant $door "${row//\`/}" 'it says "May include: base, ./common, ./channel."'
plant $door "So: $row" 'it says "So: May include'
plant $door 'TLS.' "$door: \"May include\" stands there 0 times"
plant $door "$row"$'\n\n'"$row" "$door: \"May include\" stands there 2 times"
plant $door "$row $row" "$door: \"May include\" stands there 2 times"
plant $door $'# net/ssl: TLS\n\n'"$row" "$door: its title is not \"# net/tls: ...\""
plant $door 'See `tls_planted.cpp`.' "$door: it names tls_planted.cpp, which is not there"
plant $door 'See `tls_planted.*`.' "$door: it names tls_planted.*, which is not there"
plant src/ARCHITECTURE.md 'See `call/planted.hpp`.' 'src/ARCHITECTURE.md: it names call/planted.hpp, which is not there'

# A room that is full.
for number in $(seq 31); do echo '#pragma once' >"$copy/src/session/doubt/planted_$number.hpp"; done
complains 'src/session/doubt holds'
mv "$copy"/src/session/doubt/planted_* "$copy/example"
complains 'example holds'
rm "$copy"/example/planted_*

# plant_row SCRIPT COMPLAINT: the table, changed by a script of sed, makes layers.sh fail, and say so.
plant_row() {
  sed "$1" "$here/rooms.txt" >"$copy/rooms.txt"
  complains "the table of rooms: $2"
  cp "$here/rooms.txt" "$copy"
}

# A table whose arrows run both ways, and one that says things twice or of nothing.
plant_row 's|^net/common  .*|net/common  base net/pool|' 'net/common names net/pool, which does not stand above it'
plant_row '$a base  session/call' 'the rows of base stand apart'
plant_row 's|^net/tls  .*|& base|' 'net/tls names base twice'
plant_row 's|^public base .*|& planted|' 'there is no public header planted'
plant_row 's|^public base .*|& planted/|' 'there is no public header planted/'
plant_row 's|^public base .*|& client|' 'the public header client is of two rooms'
plant_row 's|^public api .*|& client|' 'the public header client is of two rooms'
plant_row 's|^public base |public planted |' 'the public header error is of planted, which is no room'
plant_row '$a never reach ^openssl/ net/planted' 'never: there is no room net/planted'
plant_row '$a never touch ^openssl/ net' 'never touch?'

# A row without its room, and a room that has come.
plant_row '$a planted  base' 'planted does not exist'
plant_row '$a to-come planted  base\nplanting  planted' 'planting names planted, which is to come'
echo 'to-come planted  base' >>"$copy/rooms.txt"
"$here/layers.sh" "$copy" "$copy/rooms.txt"
plant src/planted/planted.cpp 'int planted;' 'the table of rooms: planted exists, it is not to-come'

# What comes in as a value is welcome in protocol.
cat >"$copy/src/protocol/http/planted.cpp" <<'END'
#include <string> /* a view would do */
// Not std::chrono::steady_clock::now(), which the caller asks.
int important = 1;  // not time(0), nor std::rand()
const char* text = "mt19937 engine; call_clock::now()";  /* clock() */
planted::planted(std::uint64_t seed) : time(seed), random(seed) {}
double drawn(call_clock::time_point now, std::mt19937_64& engine, std::uint64_t seed, clock& clock) {
  const digit_pairs time(text), random{seed};
  return clock.now() - now + clock.time() + source.random() + random01(engine);
}
END
"$here/layers.sh" "$copy" "$copy/rooms.txt"

# So is a header of the system in a folder with a room's name.
echo '#include <net/if.h>' >"$copy/src/net/connect/planted.cpp"
"$here/layers.sh" "$copy" "$copy/rooms.txt"

# A tree with nothing to look at in it.
small=$copy/small
mkdir -p "$small"/{include/mistral/workflows,src/base,src/protocol,test,example}
printf 'base\nprotocol\nface\n' >"$small/rooms.txt"
echo '#pragma once' >"$small/include/mistral/workflows/planted.hpp"
for room in base protocol; do
  echo 'int planted;' >"$small/src/$room/planted.cpp"
  printf '# %s: planted\n\nMay include: nothing.\n' $room >"$small/src/$room/README.md"
done
"$here/layers.sh" "$small" "$small/rooms.txt"
echo "every include follows an arrow of the table of rooms"
