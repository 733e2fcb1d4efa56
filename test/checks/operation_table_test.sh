#!/usr/bin/env bash
# operation_table_test.sh ROOT: operation_table.sh accepts ROOT with its 54 operations, and names each of the mistakes planted here.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
copy=$(mktemp -d)
guide=src/doc/guide/calls-and-errors.md
trap 'rm -rf "$copy"' EXIT

"$here/operation_table.sh" "$1" | grep -qx "operations in the table: 54"

# spoil FILE SED COMPLAINT: with FILE changed like this operation_table.sh fails, and says so.
spoil() {
  rm -rf "$copy"/*
  cp -r "$1/include" "$1/src" "$copy"
  sed -i -E "$3" "$copy/$2"
  if cmp -s "$1/$2" "$copy/$2"; then
    echo "'$3' changes nothing in $2"
    exit 1
  fi
  if output=$("$here/operation_table.sh" "$copy"); then
    echo "operation_table.sh did not notice '$3' in $2"
    exit 1
  fi
  if ! grep -qF -- "$4" <<<"$output"; then
    printf 'operation_table.sh said nothing about %s, but:\n%s\n' "$4" "$output"
    exit 1
  fi
}

spoil "$1" $guide '/^\| `GET \/v1\/workflows\/runs` /d' '< GET /v1/workflows/runs runs.list'
spoil "$1" $guide 's/^\| `PUT \/v1\/workflows\/archive`/| `POST \/v1\/workflows\/archive`/' '> POST /v1/workflows/archive workflows.bulk_archive'
spoil "$1" $guide 's/executions\(\)\.terminate\(/executions().kill(/' '> POST /v1/workflows/executions/{execution_id}/terminate executions.kill'
spoil "$1" src/protocol/http/operation.cpp 's/"runs\.history"/"runs.past"/' '< GET /v1/workflows/runs/{run_id}/history runs.past'
spoil "$1" include/mistral/workflows/workers.hpp 's/whoami\(/who(/' 'workers.hpp declares no whoami()'
echo "every operation is in the guide's table, under its call"
