#!/usr/bin/env bash
# mutants.sh [NAME...]: breaks the rules of calls that may have acted (src/protocol/calls), one named edit at a time in a copy, and
# says whether the unit tests or the model tests of test/protocol/calls notice. Without names: all. Exits 1 where one survives.
# Rebuilds the pure files alone, with g++ (CXX) and two jobs (JOBS). Not a part of test/run.sh: it takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=${JOBS:-2}
sequences=${CALL_MODEL_SEQUENCES:-200000}

compiler=${CXX:-g++}
if command -v ccache >/dev/null; then compiler="ccache $compiler"; fi
flags=(-std=c++20 -O1 -DNDEBUG -DBOOST_TEST_DYN_LINK -w)
sources=(
  src/protocol/calls/{answers,batch_ending,machine,ownership,pause,reading,table}.cpp
  test/protocol/calls/{answers,batch_endings,batch_model,call_model,endings,ends,model_driver,model_judge,model_server,starts}.cpp
  test/main.cpp
)

object() { echo "$1/$(tr / _ <<<"$2").o"; }

# compile FOLDER FILE: FOLDER has src/protocol/calls before the project's own.
compile() { $compiler "${flags[@]}" -I"$1/src" -I"$root/src" -I"$root/include" -I"$root/test" -c "$2" -o "$3"; }

# caught PROGRAM: by which tests, if any.
caught() {
  local by=
  CALL_MODEL_SEQUENCES=1 timeout 60 "$1" --run_test='call_*' >"$1.unit" 2>&1 || by=unit
  CALL_MODEL_SEED=1 CALL_MODEL_SEQUENCES=$sequences timeout 300 "$1" --run_test='no_*' >"$1.model" 2>&1 || by=${by:+$by and }model
  echo "$by"
}

build_base() {
  mkdir -p "$work/base"
  for file in "${sources[@]}"; do compile "$work/none" "$file" "$(object "$work/base" "$file")"; done
  g++ "$work"/base/*.o -lboost_unit_test_framework -o "$work/base/program"
  local by
  by=$(caught "$work/base/program")
  if [ -n "$by" ]; then
    echo "the tests fail on the code as it is: $by"
    exit 1
  fi
}

# mutate NAME FILE EDIT: EDIT is a perl substitution over the whole of src/protocol/calls/FILE.
mutate() {
  local name=$1 file=$2 edit=$3 copy=$work/$1 by
  mkdir -p "$copy/src/protocol"
  cp -r src/protocol/calls "$copy/src/protocol/calls"
  perl -0pi -e "$edit" "$copy/src/protocol/calls/$file"
  if cmp -s "src/protocol/calls/$file" "$copy/src/protocol/calls/$file"; then
    echo "ERROR $name: the edit changes nothing in $file"
    return
  fi
  cp "$work"/base/*.o "$copy"
  local again=("src/protocol/calls/$file")
  if [[ $file == *.hpp ]]; then again=("${sources[@]}"); fi
  for source in "${again[@]}"; do
    local from=$source
    if [[ $source == src/* ]]; then from=$copy/$source; fi
    if ! compile "$copy" "$from" "$(object "$copy" "$source")" 2>"$copy/errors"; then
      echo "ERROR $name: does not compile: $(head -1 "$copy/errors")"
      return
    fi
  done
  g++ "$copy"/*.o -lboost_unit_test_framework -o "$copy/program"
  by=$(caught "$copy/program")
  if [ -n "$by" ]; then echo "caught $name ($by)"; else echo "SURVIVED $name"; fi
  rm -rf "$copy"
}

# NAME FILE EDIT, one a line.
mutants() {
  cat <<'LIST'
no_look_after_429                        table.cpp      s/(refused  .*?)start_unseen,( +)ending_doubted/$1start_again,$2ending_again/
no_look_after_a_refused_connect          table.cpp      s/(unsent  .*?)start_unseen,( +)ending_doubted/$1start_again,$2ending_again/
no_look_after_a_renewed_key              table.cpp      s/(unauthorized \*\/ \{read.*?)start_unseen,( +)ending_doubted/$1start_again,$2ending_again/
a_429_ends_the_doubt                     table.cpp      s/(refused  .*?)start_unseen,( +)ending_doubted/$1start,$2ending/
one_404_is_enough                        table.cpp      s/(nothing  .*?)unseen_once,/$1start_again,/
a_lost_repeat_takes_one_look             table.cpp      s/(unsure  .*ending_doubted, )start_doubted/$1start_unseen/
lasting_in_doubt_without_a_look          table.cpp      s/(lasting  .*?)last_look, +last_look/$1failed, failed/
broken_without_a_look                    table.cpp      s/(broken  .*?)last_look/$1failed/
a_409_for_our_own_id_is_an_error         table.cpp      s/(taken  .*?)last_look/$1failed/
a_cut_2xx_is_sent_again                  table.cpp      s/(unread  .*?)last_look/$1start_doubted/
a_2xx_for_another_id_is_sent_again       table.cpp      s/(misnamed  .*?)misnamed_look/$1start_doubted/
a_2xx_for_another_id_says_failed         table.cpp      s/(nothing  .*)unknown/$1failed/
not_running_is_done_at_first             table.cpp      s/(gone  .*?)failed/$1found/
not_running_on_a_repeat_is_an_error      table.cpp      s/(gone  .*)found/$1failed/
once_is_repeated_in_doubt                table.cpp      s/(unsure  .*?)failed/$1once/
an_old_look_permits_all_the_same         table.cpp      s/(stale  .*?)start_unseen,( +)ending_doubted/$1start_again,$2ending_again/
spent_in_doubt_without_a_look            table.cpp      s/(start_unseen +\*\/ )last_look/$1failed/
what_is_foreign_is_ours                  table.cpp      s/(foreign  +\*\/ \{)unknown/$1found/
a_404_needs_no_code                      reading.cpp    s/ && end\.code == who\.absent_code//
a_404_needs_no_json                      reading.cpp    s/ && end\.json//
a_404_that_breaks_off_is_proof           reading.cpp    s/return end\.reached == reach::answered && end\.status == 404/return end.status == 404/
an_edges_404_lasts                       reading.cpp    s/if \(end\.status == 404\) return look_answer::passing;//
the_id_of_a_2xx_is_not_read              reading.cpp    s/named && end\.id == named_id::other/false/
a_look_for_another_id_counts             reading.cpp    s/ && end\.id != named_id::other//
other_409s_are_looked_after              reading.cpp    s/ && end\.code == "WF_1101"//
the_key_is_renewed_for_ever              reading.cpp    s/ && !key_renewed//
a_run_id_is_not_compared                 ownership.cpp  s/if \(who\.run_id && run\.run_id\).*?;\n//s
an_earlier_looks_run_id_is_forgotten     ownership.cpp  s/  who\.run_id = run\.run_id;\n//
a_run_of_the_same_second_is_ended        ownership.cpp  s/who\.run_id \|\| run\.start_time >= known\.window->begin/false/
a_run_of_the_same_second_is_another      ownership.cpp  s/known\.window->end\)/known.window->begin)/
the_date_is_taken_as_exact               ownership.cpp  s/ \+ std::chrono::seconds\(1\)//
the_window_ends_at_the_answer            ownership.cpp  s/whole\(to_look\)/whole(to_answer)/
the_window_begins_at_the_look            ownership.cpp  s/>\(to_answer\)/>(to_look)/
an_undated_run_is_older                  ownership.cpp  s/if \(!known\.window\) return look_fact::foreign/if (!known.window) return look_fact::nothing/
a_terminal_run_goes_on                   ownership.cpp  s/if \(run\.terminal\) return look_fact::own;//
the_workflow_is_not_asked                ownership.cpp  s/ \|\| !thing\.as_sent//
the_start_time_is_not_asked              ownership.cpp  s/known\.window && thing.*?;/true;/s
no_margin_of_a_second                    ownership.cpp  s/ - start_margin//
ours_without_doubt                       ownership.cpp  s/!known\.in_doubt \|\| //
attached_to_what_has_ended               ownership.cpp  s/ && !thing\.terminal//
the_clock_starts_with_the_call           machine.cpp    s/acted != server_action::no && !doubted_since_/!doubted_since_/
the_clock_is_the_latest_requests         machine.cpp    s/ && !doubted_since_\) doubted_since_/) doubted_since_/
the_clock_starts_before_the_first_byte   machine.cpp    s/end\.left_at\.value_or\(left_at_\)/left_at_/
a_look_stays_fresh                       machine.cpp    s/at\.now - looked_at_ > rules_\.look_fresh \|\| //
a_slow_look_is_fresh                     machine.cpp    s/ \|\| at\.now - left_at_ > rules_\.look_oldest//
looks_close_to_one_another               machine.cpp    s/at\.now \+ rules_\.look_distance/at.now/
look_before_back_off                     machine.cpp    s/return wait\(before\.why, before\.until, !spent\);/return prepare(!spent);/
a_starts_back_off_is_forgotten           machine.cpp    s/send_not_before_ = before\.until;//
attempts_are_not_counted                 machine.cpp    s/  \+\+sends_;\n  wasted/  wasted/
a_repeat_beyond_the_attempts             machine.cpp    s/return attempts_spent\(\) \? give_up\(retry_end::attempts, instead_of\(state_\)\) : prepare\(\)/return prepare()/
looks_are_not_counted                    machine.cpp    s/if \(\+\+wasted_looks_ >= rules_\.max_attempts\) return give_up\(retry_end::attempts, without\);//
a_request_leaves_at_the_deadline         machine.cpp    s/if \(at\.now >= rules_\.deadline\) return stop.*?;//
the_interrupted_request_is_forgotten     machine.cpp    s/may_have_been\(may_have_acted\(left\), left\);//
the_last_answer_says_what_was_done       machine.cpp    s/acted_ = worse\(acted_, acted\)/acted_ = acted/
the_last_failure_is_told                 machine.cpp    s/told_now_ = end\.status != 0 \|\| .*?;/told_now_ = true;/
a_timeout_hides_the_answer               machine.cpp    s/if \(told_ == telling::doubtful_answer\) return call_end::failed;//
a_429_after_the_end_of_the_budget        machine.cpp    s/wish call_machine::no_token\(\) \{.*?\n\}/wish call_machine::no_token() { return prepare(); }/s
a_409_of_a_copy_is_no_doubt              machine.cpp    s/if \(what == send_fact::taken && who\.own_by == proof::id\) return server_action::unknown;//
every_found_start_is_our_own             machine.cpp    s/attached_ = what == look_fact::own && .*?;/attached_ = false;/
what_the_server_asks_is_not_waited_for   pause.cpp      s/out\.until = at\.now \+ \*end\.retry_after/out.until = at.now/
a_wait_beyond_the_deadline_is_slept      pause.cpp      s/\*end\.retry_after > left/false/
a_random_wait_beyond_the_deadline        pause.cpp      s/waits_\.next\(at\.random01, room\)/waits_.next(at.random01)/
the_last_attempts_time_is_not_left       pause.cpp      s/left - std::chrono::ceil<milliseconds>\(lasted\)/left - 0 * lasted.count() * milliseconds(1)/
every_429_is_left_to_the_gate            pause.cpp      s/end\.status == 429 && end\.retry_after && .*?;/end.status == 429;/
a_lost_answer_has_not_acted              answers.cpp    s/if \(outcome\.reached == reach::sent\) return server_action::unknown;//
a_lost_answer_is_not_done                answers.cpp    s/if \(o\.reached == reach::sent\) return in_doubt/if (o.reached == reach::sent) return not_done/
a_502_has_not_acted                      answers.cpp    s/\{502, "\*",( +)time_named::any, in_doubt/{502, "*",$1time_named::any, not_done/
a_503_without_a_code_has_not_acted       answers.cpp    s/\{503, "",( +)time_named::yes/{503, "",$1time_named::any/
a_520_lasts                              answers.cpp    s/\{520, .*?\n//
nine_looks_at_once                       batch_ending.hpp  s/most_looks = 8/most_looks = 9/
an_old_look_permits_a_batch              batch_ending.cpp  s/ \|\| at\.now - one\.looked_at <= rules_\.look_oldest/ || true/
a_portion_waits_for_every_look           batch_ending.cpp  s/return old \|\| /return /
a_batch_is_sent_again_blindly            batch_ending.cpp  s/return what == send_fact::unreadable \? send_fact::broken : what/return what == send_fact::unsure ? send_fact::refused : what/
an_unnamed_id_is_done                    batch_ending.cpp  s/return send_fact::broken;\n\}/return send_fact::done;\n}/
a_batchs_doubt_is_forgotten              batch_ending.cpp  s/return one\.doubted_since \? batch_fate::unknown : batch_fate::refused/return batch_fate::refused/
a_batchs_clock_is_the_latest_requests    batch_ending.cpp  s/leaves_doubt\(what\) && !one\.doubted_since/leaves_doubt(what)/
a_batch_waits_for_nothing                batch_ending.cpp  s/  not_before_ = before\.until;\n//
LIST
}

chosen() {
  mutants | while read -r name file edit; do
    if [ $# = 0 ] || [[ " $* " == *" $name "* ]]; then printf '%s\t%s\t%s\n' "$name" "$file" "$edit"; fi
  done
}

build_base
export -f compile object caught mutate
export root work compiler sequences
export flags_text="${flags[*]}" sources_text="${sources[*]}"
chosen "$@" >"$work/list"
one() {
  read -ra flags <<<"$flags_text"
  read -ra sources <<<"$sources_text"
  IFS=$'\t' read -r name file edit <<<"$1"
  mutate "$name" "$file" "$edit"
}
export -f one
tr '\n' '\0' <"$work/list" | xargs -0 -P "$jobs" -I '{}' bash -c 'one "$1"' - '{}' | tee "$work/told"

total=$(wc -l <"$work/list")
good=$(grep -c '^caught' "$work/told" || true)
grep -v '^caught' "$work/told" | sed 's/^/not caught: /' || true
echo "mutants: $good of $total caught"
[ "$good" = "$total" ]
