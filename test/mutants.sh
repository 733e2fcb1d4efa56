#!/usr/bin/env bash
# mutants.sh [NAME...]: breaks the rules of calls that may have acted (src/protocol/calls) and of what follows an execution
# (src/protocol/follow/watcher*), one named edit at a time in a copy, and says whether their unit tests or their model tests
# notice. Without names: all. Exits 1 where one survives.
# Rebuilds the pure files alone, with g++ (CXX) and two jobs (JOBS). Not a part of test/run.sh: it takes minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
jobs=${JOBS:-2}
export calls_sequences=${CALL_MODEL_SEQUENCES:-200000}
export follow_sequences=${CALL_MODEL_SEQUENCES:-50000}

compiler=${CXX:-g++}
if command -v ccache >/dev/null; then compiler="ccache $compiler"; fi
flags=(-std=c++20 -O1 -DNDEBUG -DBOOST_TEST_DYN_LINK -w)
calls_sources=(
  src/protocol/calls/{answers,batch_ending,machine,ownership,pause,reading,table}.cpp
  src/protocol/http/uuid.cpp
  test/protocol/calls/{answers,batch_endings,batch_last_looks,batch_model,call_model,endings,ends,model_driver,model_judge,model_server,starts}.cpp
  test/main.cpp
)
follow_sources=(
  src/protocol/follow/{watcher,watcher_end,watcher_events,watcher_status}.cpp
  src/protocol/http/uuid.cpp
  test/protocol/follow/{watcher,watcher_events,watcher_status}.cpp
  test/protocol/follow/model/{carrier,carrier_facts,judge,judge_patience,judge_verdicts,story,tally,watcher_model,world,world_script}.cpp
  test/main.cpp
)

object() { echo "$1/$(tr / _ <<<"$2").o"; }

# compile FOLDER FILE OBJECT: FOLDER has src/protocol/ROOM before the project's own.
compile() { $compiler "${flags[@]}" -I"$1/src" -I"$root/src" -I"$root/include" -I"$root/test" -c "$2" -o "$3"; }

# caught ROOM PROGRAM: by which tests, if any.
caught() {
  local by= unit='call_*' model='no_*' sequences=$calls_sequences
  if [ "$1" = follow ]; then unit='!no_event_of*' model='no_event_of*' sequences=$follow_sequences; fi
  CALL_MODEL_SEQUENCES=1 timeout 60 "$2" --run_test="$unit" >"$2.unit" 2>&1 || by=unit
  CALL_MODEL_SEED=1 CALL_MODEL_SEQUENCES=$sequences timeout 300 "$2" --run_test="$model" >"$2.model" 2>&1 || by=${by:+$by and }model
  echo "$by"
}

# build_base ROOM SOURCE...
build_base() {
  local room=$1 file by
  shift
  mkdir -p "$work/base/$room"
  for file in "$@"; do compile "$work/none" "$file" "$(object "$work/base/$room" "$file")"; done
  g++ "$work/base/$room"/*.o -lboost_unit_test_framework -o "$work/base/$room/program"
  by=$(caught "$room" "$work/base/$room/program")
  if [ -n "$by" ]; then
    echo "the tests of $room fail on the code as it is: $by"
    exit 1
  fi
}

# mutate NAME FILE EDIT: EDIT is a perl substitution over the whole of src/protocol/FILE; a FILE without a room is of calls.
mutate() {
  local name=$1 file=$2 edit=$3 copy=$work/$1 room=calls by
  local -a sources=("${calls_sources[@]}")
  if [[ $file == follow/* ]]; then
    room=follow file=${file#follow/}
    sources=("${follow_sources[@]}")
  fi
  mkdir -p "$copy/src/protocol"
  cp -r "src/protocol/$room" "$copy/src/protocol/$room"
  perl -0pi -e "$edit" "$copy/src/protocol/$room/$file"
  if cmp -s "src/protocol/$room/$file" "$copy/src/protocol/$room/$file"; then
    echo "ERROR $name: the edit changes nothing in $file"
    return
  fi
  cp "$work/base/$room"/*.o "$copy"
  local again=("src/protocol/$room/$file")
  if [[ $file == *.hpp ]]; then again=("${sources[@]}"); fi
  for source in "${again[@]}"; do
    local from=$source
    if [[ $source == "src/protocol/$room/"* ]]; then from=$copy/$source; fi
    if ! compile "$copy" "$from" "$(object "$copy" "$source")" 2>"$copy/errors"; then
      echo "ERROR $name: does not compile: $(head -1 "$copy/errors")"
      return
    fi
  done
  g++ "$copy"/*.o -lboost_unit_test_framework -o "$copy/program"
  by=$(caught "$room" "$copy/program")
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
a_cut_2xx_is_sent_again                  table.cpp      s/(unread  .*?)acted_look/$1start_doubted/
a_cut_2xx_has_one_look                   table.cpp      s/(unread  .*?)acted_look/$1last_look/
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
other_409s_are_looked_after              reading.cpp    s/ && \(end\.code == "WF_1101" \|\| end\.unread\)//
the_key_is_renewed_for_ever              reading.cpp    s/ && !key_renewed//
a_run_id_is_not_compared                 ownership.cpp  s/if \(who\.run_id && run\.run_id\).*?;\n//s
an_earlier_looks_run_id_is_forgotten     ownership.cpp  s/  who\.run_id = run\.run_id;\n//
a_run_of_the_same_second_is_ended        ownership.cpp  s/who\.run_id \|\| run\.start_time >= known\.window->begin - start_margin/false/
a_run_of_the_same_second_is_another      ownership.cpp  s/known\.window->end \+ start_margin\)/known.window->begin)/
the_date_is_taken_as_exact               ownership.cpp  s/ \+ std::chrono::seconds\(1\)//
the_window_ends_at_the_answer            ownership.cpp  s/whole\(to_look\)/whole(to_answer)/
a_cached_look_is_as_any_other            reading.cpp    s/end\.age\.count\(\) <= 0/true/
the_window_begins_at_the_look            ownership.cpp  s/>\(to_answer\)/>(to_look)/
an_undated_run_is_older                  ownership.cpp  s/if \(!known\.window\) return look_fact::foreign/if (!known.window) return look_fact::nothing/
a_terminal_run_goes_on                   ownership.cpp  s/if \(run\.terminal\) return look_fact::own;//
the_workflow_is_not_asked                ownership.cpp  s/ \|\| !thing\.as_sent//
the_start_time_is_not_asked              ownership.cpp  s/known\.window && thing.*?;/true;/s
no_margin_of_a_second                    ownership.cpp  s/ - start_margin//
a_run_stamped_early_is_ended             ownership.cpp  s/begin - start_margin\) return/begin) return/
a_run_stamped_late_is_another            ownership.cpp  s/end \+ start_margin\)/end)/
ours_without_doubt                       ownership.cpp  s/!known\.in_doubt \|\| //
attached_to_what_has_ended               ownership.cpp  s/ && !thing\.terminal//
the_machines_sleep_is_not_counted        facts.hpp      s/ \+ std::max\(call_clock::duration\(0\), to\.ahead - from\.ahead\)//
the_clock_starts_with_the_call           machine.cpp    s/acted != server_action::no && !doubted_since_/!doubted_since_/
the_clock_is_the_latest_requests         machine.cpp    s/ && !doubted_since_\) doubted_since_/) doubted_since_/
the_clock_starts_before_the_first_byte   machine.cpp    s/end\.left_at\.value_or\(left_at_\)/left_at_/
a_look_stays_fresh                       machine.cpp    s/elapsed\(looked_at_, at\) > rules_\.look_fresh \|\| //
a_slow_look_is_fresh                     machine.cpp    s/ \|\| elapsed\(left_at_, at\) > rules_\.look_oldest//
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
an_old_look_permits_a_batch              batch_ending.cpp  s/ \|\| elapsed\(one\.looked_at, at\) <= rules_\.look_oldest/ || true/
a_portion_waits_for_every_look           batch_ending.cpp  s/return old \|\| /return /
a_batch_is_sent_again_blindly            batch_ending.cpp  s/return what == send_fact::unreadable \? send_fact::broken : what/return what == send_fact::unsure ? send_fact::refused : what/
an_unnamed_id_is_done                    batch_ending.cpp  s/return send_fact::broken;\n\}/return send_fact::done;\n}/
a_batchs_doubt_is_forgotten              batch_ending.cpp  s/return one\.doubted_since \? batch_fate::unknown : batch_fate::refused/return batch_fate::refused/
a_batchs_clock_is_the_latest_requests    batch_ending.cpp  s/leaves_doubt\(what\) && !one\.doubted_since/leaves_doubt(what)/
a_batch_waits_for_nothing                batch_ending.cpp  s/  not_before_ = before\.until;\n//
a_batch_without_a_token_does_not_look    batch_ending.cpp  s/why == retry_end::budget/false/
brake_released_by_id_less_events              follow/watcher_events.cpp     s/if \(event\.moves_cursor\) \{\n +release_brake\(\);/release_brake();\n  if (event.moves_cursor) {/
an_event_behind_the_drain_is_not_heeded       follow/watcher_events.cpp     s/if \(waited_out_\) enter\(.*?;//
an_untold_failure_is_told_in_spite_of_events  follow/watcher_events.cpp     s/if \(!over\(\) && outcome_ != wishes::verdict::status_refused\)[^;]*;//
a_stragglers_run_takes_the_end_back           follow/watcher_events.cpp     s/if \(is_past\(event\.run_id\)\) return;//
another_run_is_not_seen_while_one_drains      follow/watcher_events.cpp     s/\(is_later && differ/(stage_ == stage::said \&\& is_later \&\& differ/
what_each_connection_repeats_is_another_run   follow/watcher_events.cpp     s/\(is_later && differ/(differ/
what_each_connection_repeats_is_another_end   follow/watcher_events.cpp     s/return !is_awaited && terminal_\.terminal != terminal_kind::none;/return false;/
the_successor_is_dropped                      follow/watcher_events.cpp     s/  successor_ = terminal_\.continued_as;\n//
a_marked_cursor_is_owed_its_event             follow/watcher_events.cpp     s/  said\(last, at\);\n/  (void)last;\n/
silence_ends_what_owes_an_event               follow/watcher_status.cpp     s/!leaves_no_event\(known_kind_\) && rules_\.owes_event/false/
a_drain_older_than_the_get                    follow/watcher_status.cpp     s/  fresh_ = false;\n  quiet_since_/  quiet_since_/
another_runs_get_confirms_the_event           follow/watcher_status.cpp     s/!is_another\(status, terminal_\.run_id, terminal_\.terminal\)/true/
a_page_refuses_what_has_been_seen             follow/watcher_status.cpp     s/answer::page && !was_there_\)/answer::page)/
run_ids_are_compared_as_texts                 follow/watcher.hpp            s/same_run_id\(one, other\)/(one == other)/g
a_run_may_continue_itself                     follow/watcher_events.cpp     s/  if \(same_known\(end\.run_id, end\.continued_as\)\)[^;]*;\n//
a_past_runs_get_counts                        follow/watcher_status.cpp     s/if \(is_past\(status\.run_id\) \|\| /if (/
any_get_is_the_last                           follow/watcher_status.cpp     s/asked_last_ = stage_ == stage::confirm;/asked_last_ = true;/
running_is_not_heeded_behind_an_end           follow/watcher_status.cpp     s/  goes_on\(\);\n//
running_is_no_life                            follow/watcher_status.cpp     s/if \(explains\) life\(\);/(void)explains;/
runs_without_names_are_alike                  follow/watcher_status.cpp     s/ \|\| \(!same_known\(status\.run_id, run_id\) && status\.kind != end\)/ || (false \&\& status.kind != end)/
the_second_get_is_left_out                    follow/watcher_end.cpp        s/else\n    confirm\(at\);/else\n    finish();/
the_last_get_of_before_a_new_drain_counts     follow/watcher_end.cpp        s/  asked_last_ = false;\n//
a_drain_older_than_the_event                  follow/watcher_end.cpp        s/    fresh_ = false;\n    undecided_ = 0;/    undecided_ = 0;/
a_failed_run_ends_without_a_drain             follow/watcher_end.cpp        s/is_final && same_known/same_known/
a_result_asks_a_second_time_at_once           follow/watcher_end.cpp        s/second_get_after = 1s/second_get_after = 0s/
the_successor_is_asked_for_once               follow/watcher_end.cpp        s/most_run_time = 10s/most_run_time = 0s/
missing_time_runs_on_an_old_connection        follow/watcher_end.cpp        s/missing_counts_ = rules_\.for_result;/missing_counts_ = true;/
a_run_that_nobody_answers_for_is_none         follow/watcher_end.cpp        s/give_up_asking\(target::run\);\n    return true;/give_up_asking(target::run);\n    return run_asks_ < 5;/
a_run_is_looked_for_without_end               follow/watcher_end.cpp        s/if \(in_vain && stage_ == stage::seeking && .*\) .*;/(void)in_vain;/
unseen_next_runs_are_ends                     follow/watcher.hpp            s/return rules_\.for_result && rules_\.follow_continue_as_new &&\n +known_kind_ == terminal_kind::continued_as_new;/return false;/
gets_alone_spend_no_budget                    follow/watcher_status.cpp     s/if \(!decide\) return;/return;/
a_terminal_event_is_asked_for_without_end     follow/watcher_status.cpp     s/gets_alone\(\) \|\| stage_ == stage::said \|\|/gets_alone() ||/
an_answer_gives_no_budget_anew                follow/watcher_status.cpp     s/    unanswered_since_\.reset\(\);\n    if \(gets_alone\(\)\) life\(\);\n//
a_failure_takes_the_end_with_it               follow/watcher.cpp            s/  if \(stage_ == stage::over\) return;  \/\/ its end is still to be told\n//
an_event_is_missing_without_a_last_get        follow/watcher.cpp            s/missing_ >= missing_limit\(\)\) waited_out\(at\);/missing_ >= missing_limit()) waited_out_ = stage_, confirmed();/
the_text_of_a_failure_is_not_waited_for       follow/watcher.cpp            s/failure_text_within = 2s/failure_text_within = 0s/
missing_time_runs_without_a_connection        follow/watcher.cpp            s/if \(why != loss::clean_end && !rules_\.for_result\) missing_counts_ = false;//
a_record_is_no_life                           follow/watcher.cpp            s/if \(!known_ended\(\)\) life\(\);//
an_event_without_identity_is_no_life          follow/watcher_events.cpp     s/if \(event\.moves_cursor \|\| !known_ended\(\)\) life\(\);/if (event.moves_cursor) life();/
a_get_does_not_hear_the_servers_patience      follow/watcher_status.cpp     s/std::min\(\*retry_after, rules_\.status_check\)/milliseconds(0)/
a_server_keeps_the_status_from_being_asked    follow/watcher_status.cpp     s/std::min\(\*retry_after, rules_\.status_check\)/*retry_after/
a_run_is_asked_for_in_spite_of_retry_after    follow/watcher.cpp            s/std::max\(\{run_after_, no_get_before_, /std::max({run_after_, /
an_attempt_is_life                            follow/watcher.cpp            s/connections_\.take\(at\.now\);/connections_.take(at.now);\n  life();/
a_duplicate_sets_the_status_clock_anew        follow/watcher.cpp            s/if \(!known_ended\(\)\) life\(\);/life(), ask_due_ = at.waited + interval(at);/
a_connection_sets_the_status_clock_anew       follow/watcher.cpp            s/link_ = link::open;/link_ = link::open;\n  ask_due_ = at.waited + interval(at);/
no_status_clock_without_a_connection          follow/watcher.cpp            s/if \(asks_for_end\(\) && !asking_\)/if (asks_for_end() \&\& !asking_ \&\& link_ == link::open)/
a_cut_asks_for_the_status                     follow/watcher.cpp            s/why == loss::clean_end && !moved_here_/!moved_here_/
a_clean_end_does_not_ask                      follow/watcher.cpp            s/if \(why == loss::clean_end && !moved_here_\).*?;//s
permits_come_back_without_moving              follow/watcher.cpp            s/  a_second_ = 1;/  a_second_ = 10;/
two_gets_take_one_permit                      follow/watcher.cpp            s/\(run_asked_last_ \? out\.ask_run : out\.ask\)\.reset\(\);/{}/
retry_after_is_not_waited_for                 follow/watcher.cpp            s/if \(retry_after\) wait = .*?;//
no_back_off                                   follow/watcher.cpp            s/backoff_\.next\(at\.random01\)/0ms/
attempts_are_not_counted_for_a_stream         follow/watcher.cpp            s/rules_\.max_attempts > 0 && dead_failures_ > rules_\.max_attempts/false/
the_budget_is_never_spent                     follow/watcher.cpp            s/dead_failures_ > 1 && left == 0ms/false/
the_back_off_spends_the_budget                follow/watcher.cpp            s/left > 0ms\) wait/false) wait/
a_result_gives_up_with_its_stream             follow/watcher.cpp            s/too_long && rules_\.for_result/false/
the_same_error_for_ever                       follow/watcher.cpp            s/if \(same_error_ >= most_equal_failures\)/if (false)/
a_204_is_no_end                               follow/watcher.cpp            s/  link_ = link::none;\n  finish\(\);/  link_ = link::none;/
an_idle_connection_is_kept                    follow/watcher.cpp            s/out\.leave = wishes::leaving::idle;/{}/
a_loss_behind_the_end_undoes_it               follow/watcher.cpp            s/  if \(stage_ == stage::over\) \{\n.*?\n    return;\n  \}\n  last_loss_/  last_loss_/s
LIST
}

chosen() {
  mutants | while read -r name file edit; do
    if [ $# = 0 ] || [[ " $* " == *" $name "* ]]; then printf '%s\t%s\t%s\n' "$name" "$file" "$edit"; fi
  done
}

if [ $# = 0 ] || chosen "$@" | grep -v follow/ >/dev/null; then build_base calls "${calls_sources[@]}"; fi
if [ $# = 0 ] || chosen "$@" | grep follow/ >/dev/null; then build_base follow "${follow_sources[@]}"; fi
export -f compile object caught mutate
export root work compiler
export flags_text="${flags[*]}" calls_text="${calls_sources[*]}" follow_text="${follow_sources[*]}"
chosen "$@" >"$work/list"
one() {
  read -ra flags <<<"$flags_text"
  read -ra calls_sources <<<"$calls_text"
  read -ra follow_sources <<<"$follow_text"
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
