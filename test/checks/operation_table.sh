#!/usr/bin/env bash
# operation_table.sh ROOT: the guide's table of operations has exactly the rows of src/protocol/http/operation.cpp, and each names a
# call that the public header of its resource declares. `metrics.get` stands for `client.metrics().get(...)` in metrics.hpp.
set -euo pipefail
cd "$1"

# METHOD PATH RESOURCE.FUNCTION, one line each.
in_code() {
  tr '\n' ' ' <src/protocol/http/operation.cpp |
    grep -oE '"[a-z_]+\.[a-z_]+", *"[A-Z]+", *"/v1/[^"]*"' |
    sed -E 's/"([^"]*)", *"([^"]*)", *"([^"]*)"/\2 \3 \1/' | LC_ALL=C sort
}
in_guide() {
  grep -E '^\| `[A-Z]+ /v1/' src/doc/guide/calls-and-errors.md |
    sed -E 's/^\| `([A-Z]+) ([^`]*)` \| `client\.([a-z_]+)\(\)\.([a-z_]+)\(.*$/\1 \2 \3.\4/' | LC_ALL=C sort
}

bad=0
if ! difference=$(diff <(in_code) <(in_guide)); then
  echo "the guide's table of operations differs from the code (<: in the code, >: in the guide):"
  echo "$difference"
  bad=1
fi
while read -r _ _ call; do
  header=include/mistral/workflows/${call%%.*}.hpp
  if ! grep -qE "[ >]${call#*.}\(" "$header"; then
    echo "$header declares no ${call#*.}(), which the guide's table of operations names"
    bad=1
  fi
done < <(in_guide)
count=$(in_code | wc -l)
echo "operations in the table: $count"
exit $bad
