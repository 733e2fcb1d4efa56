#!/usr/bin/env bash
# measures.sh ROOT: measures how the sources meet their reader, prints that, and fails where a bound is passed:
#   README           at most 200 lines
#   columns          no line of a header or a text of include and src ends after column 110 (in texts: but for rows of tables); elsewhere counted
#   lines of a file  at most 300 in src and include
#   comments         at least a third of the lines of public headers have one
#   first two lines  each public header says at its top what it is and what it is not
set -euo pipefail
export LC_ALL=C
cd "$1"
bad=0

# says WHAT: each line of the input, followed by WHAT, is a complaint.
says() {
  while read -r line; do
    echo "$line$1"
    bad=1
  done
}

readme=$(wc -l <README.md)
echo "README.md: $readme lines (bound 200)"
[ "$readme" -le 200 ] || bad=1

# wide FILE...: FILE:LINE of each line that ends after column 110. A character of UTF-8 is one column.
wide() {
  [ $# = 0 ] || awk '
    FILENAME ~ /\.md$/ && /^\|/ { next }
    { gsub(/[\200-\277]/, "") }
    length($0) > 110 { print FILENAME ":" FNR }' "$@"
}
mapfile -t bounded < <(find include src \( -name '*.hpp' -o -name '*.md' \) | sort)
mapfile -t elsewhere < <(find include src test example \( -name '*.[hc]pp' -o -name '*.md' \) | sort |
  comm -23 - <(printf '%s\n' "${bounded[@]}"))
says ' ends after column 110' < <(wide "${bounded[@]}")
echo "lines after column 110: $(wide "${bounded[@]}" | wc -l) in headers and guides (bound 0), $(wide "${elsewhere[@]}" | wc -l) elsewhere"

long=$(find src include -name '*.[hc]pp' -exec wc -l {} + | awk '$2 != "total" && $1 > 300 { print $2 " has " $1 }' | sort)
says ' lines, more than 300' < <(grep . <<<"$long" || true)
echo "files of src and include of more than 300 lines: $(grep -c . <<<"$long" || true) (bound 0)"

commented=$(find include -name '*.hpp' -exec cat {} + | awk '/\/\// { some++ } END { print int(100 * some / NR) }')
echo "lines of public headers that have a comment: $commented % (bound 33)"
[ "$commented" -ge 33 ] || bad=1

says ': its first two lines say what it is and what it is not' < <(
  find include -name '*.hpp' -exec awk 'FNR <= 2 && !/^\/\/ / { print FILENAME }' {} + | sort -u)
exit $bad
