#!/usr/bin/env bash
# bulk_run.sh BULK_RUN DEV_SERVER: what the usage text of bulk_run promises: exit codes, one line an outcome, going on after an interruption.
set -euo pipefail
bulk_run=$1
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"

fail() { echo "FAILED: $*"; exit 1; }
# expect CODE COMMAND...: runs it; its messages are in `said`.
expect() {
  local code=$1 got=0
  shift
  "$@" 2>said >out || got=$?
  [ "$got" = "$code" ] || { cat said; fail "exit code $got in place of $code: $*"; }
}
lines() { wc -l <"$1" | tr -d ' '; }
# until_true COMMAND...: tries it for 20 s.
until_true() { for i in $(seq 200); do if "$@"; then return; fi; sleep 0.1; done; fail "never: $*"; }
jobs_of() { for i in $(seq 1 "$1"); do echo "{\"key\": \"job-$i\", \"input\": $2}"; done; }

jobs_of 20 '{"n": 1}' >good.jsonl
expect 0 "$bulk_run" echo good.jsonl --in-flight 5
[ "$(lines good.outcomes.jsonl)" = 20 ] || fail "20 outcomes, not $(lines good.outcomes.jsonl)"
[ "$(grep -c '"completed"' good.outcomes.jsonl)" = 20 ] || fail "not all completed"

# A finished batch is not run again unless that is asked for; a report adds nothing to a whole file, and mends a torn one.
expect 2 "$bulk_run" echo good.jsonl
expect 0 "$bulk_run" echo good.jsonl --report
[ "$(lines good.outcomes.jsonl)" = 20 ] || fail "a report added lines"
truncate -s -7 good.outcomes.jsonl
expect 0 "$bulk_run" echo good.jsonl --report
[ "$(lines good.outcomes.jsonl)" = 20 ] || fail "the torn line was not mended"
[ "$(sed 's/.*"key":"\([^"]*\)".*/\1/' good.outcomes.jsonl | sort -u | wc -l | tr -d ' ')" = 20 ] || fail "a job is missing"

# What fails: some, and too many.
{ jobs_of 3 '{}'; } >bad.jsonl
expect 1 "$bulk_run" failing bad.jsonl --batch some
jobs_of 50 '{}' >many.jsonl
expect 3 "$bulk_run" failing many.jsonl --stop-after 2 --in-flight 2

# Inputs arrive as they stand, also what a parser is tempted to round or finds nested too deep.
deep=$(printf '[%.0s' $(seq 1 40))$(printf ']%.0s' $(seq 1 40))
printf '{"key": "a", "input": {"deep": %s, "small": 8.5e-320}}\n' "$deep" >exact.jsonl
expect 0 "$bulk_run" echo exact.jsonl
grep -qiF '8.5e-320' exact.outcomes.jsonl || fail "rounded: $(cat exact.outcomes.jsonl)"
grep -qF "$deep" exact.outcomes.jsonl || fail "not as deep: $(cat exact.outcomes.jsonl)"
echo '{"key": "a", "input": 18446744073709551616}' >large.jsonl
expect 2 "$bulk_run" echo large.jsonl
grep -q 'large.jsonl:1:' said || fail "the place of a number is not named: $(cat said)"

# Bad input: nothing is started, and the place is named.
printf '{"key": "a"}\n\n{"key": "b", "input": {"x": tru}}\n' >torn.jsonl
expect 2 "$bulk_run" echo torn.jsonl
grep -q 'torn.jsonl:3:' said || fail "the line is not named: $(cat said)"
[ ! -e torn.journal ] || fail "a journal was made for a file that is none"
printf '{"key": "a"}\n{"name": "b"}\n' >none.jsonl
expect 2 "$bulk_run" echo none.jsonl
grep -q 'none.jsonl:2:2:' said || fail "the column is not named: $(cat said)"
printf '{"key": "%s"}\n' "$(printf 'k%.0s' $(seq 1 1001))" >long.jsonl
expect 2 "$bulk_run" echo long.jsonl
expect 2 "$bulk_run" echo good.jsonl --batch ''
expect 2 "$bulk_run" echo
expect 2 "$bulk_run" echo missing.jsonl
expect 2 "$bulk_run" echo good.jsonl --in-flight 0

expect 2 flock good.outcomes.jsonl "$bulk_run" echo good.jsonl --report
grep -q 'in use' said || fail "outcomes that another process writes: $(cat said)"

# Jobs that cannot be read are not taken for none.
mkdir folder.jsonl
expect 2 "$bulk_run" echo folder.jsonl
expect 2 "$bulk_run" echo - --batch closed --journal closed.journal --outcomes closed.jsonl <&-
grep -q 'cannot read standard input' said || fail "closed standard input: $(cat said)"

# A standard stream that is closed leaves its number to none of the files.
cp good.jsonl silent.jsonl
"$bulk_run" echo silent.jsonl 2>&- >&- || fail "exit code $? without standard streams"
expect 0 "$bulk_run" echo silent.jsonl --report
[ "$(lines silent.outcomes.jsonl)" = 20 ] || fail "20 outcomes without standard streams"

# Another source under the same name is refused.
cp many.jsonl good2.jsonl
expect 2 "$bulk_run" echo good2.jsonl --batch good --journal good.journal --outcomes other.jsonl

# An interruption drains, a second one leaves; the same command goes on. The server outlives the program here.
mkfifo ready
"$2" --ca ca.pem >ready &
server=$!
exec 3<ready
while read -r -u 3 word rest; do
  [ "$word" = url ] && url=$rest
  [ "$word" = ready ] && break
done
{ jobs_of 4 '{"seconds": 1}'; } >slow.jsonl
mkfifo words
"$bulk_run" sleeper slow.jsonl --server "$url" --ca ca.pem --in-flight 2 2>words &
run=$!
exec 4<words
read -r -u 4 line || fail "it ended without a word"
kill -INT "$run"
got=0
wait "$run" || got=$?
case $got in
  5) expect 0 "$bulk_run" sleeper slow.jsonl --server "$url" --ca ca.pem ;;
  0) ;; # it was done before the signal came
  *) cat said; fail "exit code $got after Ctrl-C" ;;
esac
[ "$(lines slow.outcomes.jsonl)" = 4 ] || fail "4 outcomes after an interruption, not $(lines slow.outcomes.jsonl)"

# What is no file of outcomes is left as it is.
printf '{"precious": [1,2,3]}' >precious
expect 2 "$bulk_run" echo good.jsonl --outcomes precious
[ "$(cat precious)" = '{"precious": [1,2,3]}' ] || fail "a file that is no file of outcomes was cut"
expect 2 "$bulk_run" echo good.jsonl --outcomes ./good.jsonl
grep -q 'named twice' said || fail "one name for two files: $(cat said)"

# A signal while the next line of standard input is awaited.
mkfifo slow_jobs
"$bulk_run" echo - --batch awaited --server "$url" --ca ca.pem <slow_jobs 2>left &
run=$!
exec 4>slow_jobs
echo '{"key": "one"}' >&4
until_true test -e awaited.journal
# Once more, if it came before the line was awaited.
until_true bash -c "! kill -INT $run 2>/dev/null || { sleep 0.3; ! kill -0 $run 2>/dev/null; }"
got=0
wait "$run" || got=$?
exec 4>&-
[ "$got" = 5 ] || { cat left; fail "exit code $got in place of 5 where standard input is awaited"; }

# An execution that the service has forgotten (a server that has lost its state) has failed, at each run of the program.
outcomes_are() { [ -e "$1" ] && [ "$(lines "$1")" = "$2" ]; }
{ echo '{"key": "long", "input": {"seconds": 3600}}'; jobs_of 3 '{"seconds": 0}'; } >lost.jsonl
"$bulk_run" sleeper lost.jsonl --server "$url" --ca ca.pem --in-flight 2 2>left &
run=$!
until_true outcomes_are lost.outcomes.jsonl 3
kill -INT "$run"
until_true grep -q 'once more leaves it running' left
kill -INT "$run"
got=0
wait "$run" || got=$?
[ "$got" = 5 ] || { cat left; fail "exit code $got in place of 5"; }
kill "$server"
wait "$server" || true
"$2" --ca ca.pem >ready &
server=$!
exec 3<ready
while read -r -u 3 word rest; do
  [ "$word" = url ] && url=$rest
  [ "$word" = ready ] && break
done
for life in 1 2; do
  expect 1 "$bulk_run" sleeper lost.jsonl --server "$url" --ca ca.pem
  outcomes_are lost.outcomes.jsonl 4 || fail "$(lines lost.outcomes.jsonl) outcomes, the forgotten one among them, in place of 4"
  grep '"key":"long"' lost.outcomes.jsonl | grep -q '"status":"unknown"' || fail "the forgotten one is not unknown"
done
echo "bulk_run: all as promised"
