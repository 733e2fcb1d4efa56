#!/usr/bin/env bash
# Installs nginx, wrk and libcurl, builds the release preset, and holds the library against its peers on this machine:
# tables, and one JSON object as the last line. Takes two cores: one for the server, one for a client.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. src/cmake/setup.sh

usage() {
  echo "usage: test/bench/compare.sh [--long] [--only calls|streams|handshakes|memory|json]   (--long: three times the rounds)"
  exit 2
}

rounds=5
only=
while [ $# -gt 0 ]; do
  case "$1" in
    --long) rounds=15 ;;
    --only)
      case "${2-}" in
        calls | streams | handshakes | memory | json) only=$2 ;;
        *) usage ;;
      esac
      shift
      ;;
    *) usage ;;
  esac
  shift
done

# The first and the last core that this process may use.
cores=$(taskset -cp $$ | sed 's/.*: //')
server_core=${cores%%[-,]*}
client_core=${cores##*[-,]}
if [ "$server_core" = "$client_core" ]; then
  echo "compare.sh: two cores are needed" >&2
  exit 1
fi

install_what_the_build_needs
install_missing "${bench_packages[@]}"
leave_environment_behind

work=$(mktemp -d)
server=
comparing=
clean_up() {
  for one in $comparing $server; do
    kill "$one" 2>/dev/null || true
    wait "$one" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }

quietly cmake --preset release
quietly cmake --build --preset release --target bench_calls bench_curl bench_idle bench_json bench_streams compare
programs=build/release/test/bench

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null

# The running events of an execution, and the one that ends it.
stream_events=200000
"$programs/bench_streams" --write "$work/events.txt" --events "$stream_events"

# 364 bytes: an execution as the API answers it. The streamed one has ended, with the run that its last event names.
execution='{"workflow_name":"support-workflow","deployment_name":null,"execution_id":"0192f0c4-7a5e-7c3b-9d1f-000000000011","parent_execution_id":null,"root_execution_id":"0192f0c4-7a5e-7c3b-9d1f-000000000011","status":"COMPLETED","start_time":"2025-12-17T10:25:07.818693Z","end_time":"2025-12-17T10:26:07.000001Z","total_duration_ms":59181,"result":{"ok":true,"n":33333333}}'
streamed=/v1/workflows/executions/0192f0c4-7a5e-7c3b-9d1f-000000000022
ended='{"workflow_name":"support-workflow","execution_id":"0192f0c4-7a5e-7c3b-9d1f-000000000022","run_id":"0192f0c4-7a5e-7c3b-9d1f-000000000023","root_execution_id":"0192f0c4-7a5e-7c3b-9d1f-000000000022","status":"COMPLETED","start_time":"2025-12-17T10:25:07.818693Z","end_time":"2025-12-17T10:26:07.000001Z","total_duration_ms":59181,"result":{"ok":true}}'

port=$((20000 + RANDOM % 10000))
closing=$((port + 1))
forgetful=$((port + 2))
user=
[ "$(id -u)" != 0 ] || user="user root;"
cat >"$work/nginx.conf" <<CONF
$user
worker_processes 1;
daemon off;
master_process off;
pid $work/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile $(ulimit -Hn | sed 's/unlimited/1048576/');
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  default_type application/json;
  ssl_certificate $work/cert.pem;
  ssl_certificate_key $work/key.pem;
  ssl_protocols TLSv1.3;
  server {
    listen 127.0.0.1:$port ssl backlog=4096;
    ssl_session_cache shared:sessions:8m;
    location /v1/workflows/executions/ { return 200 '$execution'; }
    location = $streamed { return 200 '$ended'; }
    location = $streamed/stream { alias $work/events.txt; types {} default_type text/event-stream; keepalive_timeout 0; }
  }
  server {
    listen 127.0.0.1:$closing ssl backlog=4096;
    ssl_session_cache shared:closing:8m;
    keepalive_timeout 0;
    location / { return 200 '$execution'; }
  }
  server {
    listen 127.0.0.1:$forgetful ssl backlog=4096;
    ssl_session_cache off;
    ssl_session_tickets off;
    keepalive_timeout 0;
    location / { return 200 '$execution'; }
  }
}
CONF
taskset -c "$server_core" nginx -e stderr -c "$work/nginx.conf" &
server=$!
for _ in $(seq 100); do
  if (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; then break; fi
  kill -0 "$server"
  sleep 0.1
done

ulimit -n "$(ulimit -Hn)"
# In the background, so that a signal is acted upon at once.
"$programs/compare" --programs "$programs" --ca "$work/cert.pem" --port "$port" --port-closing "$closing" \
  --port-forgetful "$forgetful" --stream-path "$streamed/stream" --stream-events "$stream_events" \
  --stream-bytes "$(stat -c %s "$work/events.txt")" --rounds "$rounds" --core "$client_core" --only "$only" &
comparing=$!
wait "$comparing"
