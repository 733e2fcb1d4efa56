#!/usr/bin/env bash
# with_server.sh DEV_SERVER PROGRAM: runs PROGRAM with the environment of a user whose Workflows server is DEV_SERVER.
set -euo pipefail
folder=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
mkfifo "$folder/said"
"$1" --ca "$folder/ca.pem" >"$folder/said" &
server=$!
exec 3<"$folder/said"
while read -r -u 3 word rest; do
  [ "$word" = url ] && url=$rest
  [ "$word" = ready ] && break
done
env SSL_CERT_FILE="$folder/ca.pem" MISTRAL_SERVER_URL="$url" MISTRAL_API_KEY=any "$2"
