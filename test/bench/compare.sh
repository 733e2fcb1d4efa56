#!/usr/bin/env bash
# Installs nginx, wrk and libcurl, builds the release preset, and holds the library against its peers on this machine:
# a table, and one JSON object as the last line. `--long`: more rounds. Takes two cores: one for the server, one for a client.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. src/cmake/setup.sh

rounds=5
case "${1-}" in
  '') ;;
  --long) rounds=15 ;;
  *) echo "usage: test/bench/compare.sh [--long]"; exit 2 ;;
esac

install_missing "${build_packages[@]}" "${test_packages[@]}" "${bench_packages[@]}"
leave_environment_behind

quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }; }

work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
quietly cmake --preset release
quietly cmake --build --preset release --target bench_calls bench_curl bench_json compare

port=18443
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null

# 364 bytes: an execution as the API answers it.
execution='{"workflow_name":"support-workflow","deployment_name":null,"execution_id":"0192f0c4-7a5e-7c3b-9d1f-000000000011","parent_execution_id":null,"root_execution_id":"0192f0c4-7a5e-7c3b-9d1f-000000000011","status":"COMPLETED","start_time":"2025-12-17T10:25:07.818693Z","end_time":"2025-12-17T10:26:07.000001Z","total_duration_ms":59181,"result":{"ok":true,"n":33333333}}'
cat >"$work/nginx.conf" <<EOF
worker_processes 1;
worker_cpu_affinity 01;
daemon off;
master_process off;
pid $work/nginx.pid;
error_log stderr crit;
worker_rlimit_nofile 20000;
events { worker_connections 10000; }
http {
  access_log off;
  client_body_temp_path $work; proxy_temp_path $work; fastcgi_temp_path $work; uwsgi_temp_path $work; scgi_temp_path $work;
  keepalive_requests 1000000000;
  keepalive_timeout 300s;
  default_type application/json;
  server {
    listen 127.0.0.1:$port ssl backlog=4096;
    ssl_certificate $work/cert.pem;
    ssl_certificate_key $work/key.pem;
    ssl_protocols TLSv1.3;
    ssl_session_cache shared:sessions:8m;
    location /v1/workflows/executions/ { return 200 '$execution'; }
  }
}
EOF
taskset -c 0 nginx -e stderr -c "$work/nginx.conf" &
server=$!
for _ in $(seq 100); do
  if (exec 3<>/dev/tcp/127.0.0.1/$port) 2>/dev/null; then break; fi
  kill -0 "$server"
  sleep 0.1
done
ulimit -n "$(ulimit -Hn)"
build/release/test/bench/compare --programs build/release/test/bench --port "$port" --ca "$work/cert.pem" --rounds "$rounds"
