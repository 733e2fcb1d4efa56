#!/usr/bin/env bash
# measures.sh ROOT: measures how the sources meet their reader, prints that, and fails where a bound is passed:
#   README           at most 200 lines
#   columns          no line of include or of src/doc ends after column 110 (in markdown: but for rows of tables); elsewhere counted
#   lines of a file  at most 300 in src and include; a file of measures.txt may have as many as stand there, and none more
#   comments         at least a third of the lines of public headers have one
#   first two lines  each public header says at its top what it is and what it is not
# A file of measures.txt that has fewer lines than stand there is named, and is no failure: its row may go, or be lowered.
set -euo pipefail
export LC_ALL=C
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
allowed=$(realpath "${2:-$here/measures.txt}")
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
mapfile -t bounded < <(find include src/doc -name '*.hpp' -o -name '*.md' | sort)
mapfile -t elsewhere < <(find include src test example \( -name '*.[hc]pp' -o -name '*.md' \) | sort |
  comm -23 - <(printf '%s\n' "${bounded[@]}"))
says ' ends after column 110' < <(wide "${bounded[@]}")
echo "lines after column 110: $(wide "${bounded[@]}" | wc -l) in include and src/doc (bound 0), $(wide "${elsewhere[@]}" | wc -l) elsewhere"

# Rows of LINES FILE.
long=$(find src include -name '*.[hc]pp' -exec wc -l {} + | awk '$2 != "total" && $1 > 300 { print $2, $1 }' | sort)
says '' < <(awk -v allowed="$allowed" '
  BEGIN { while ((getline line < allowed) > 0) if (line !~ /^#/ && split(line, part, " ") == 2) may[part[2]] = part[1] }
  { has[$1] = $2 }
  !($1 in may) { print $1 " has " $2 " lines, more than 300" }
  ($1 in may) && $2 > may[$1] { print $1 " has grown from " may[$1] " lines to " $2 }
' <<<"$long")
while read -r lines file; do
  has=$(wc -l 2>/dev/null <"$file" || echo 0)
  [ "$has" -ge "$lines" ] || echo "$file has $has lines: its row of measures.txt says $lines"
done < <(grep -v '^#' "$allowed")
echo "files of src and include of more than 300 lines: $(grep -c . <<<"$long" || true)"

commented=$(find include -name '*.hpp' -exec cat {} + | awk '/\/\// { some++ } END { print int(100 * some / NR) }')
echo "lines of public headers that have a comment: $commented % (bound 33)"
[ "$commented" -ge 33 ] || bad=1

says ': its first two lines say what it is and what it is not' < <(
  find include -name '*.hpp' -exec awk 'FNR <= 2 && !/^\/\/ / { print FILENAME }' {} + | sort -u)
exit $bad
