// What the watcher makes of events, and of runs that go on.
#include "protocol/follow/followed.hpp"

#include <boost/test/unit_test.hpp>

using namespace followed_by_rows;

BOOST_AUTO_TEST_SUITE(the_watcher)

BOOST_AUTO_TEST_CASE(ends_at_a_final_event_whose_run_a_get_names) {
  for (const auto kind : {terminal_kind::completed, terminal_kind::canceled}) {
    auto one = after_events();
    one.hand_over(event_of(kind));
    BOOST_TEST(one.asks_now());
    BOOST_TEST(one.wish().read);
    one.ask(ended(kind));
    BOOST_TEST((one.outcome() == verdict::end));
  }
}

BOOST_AUTO_TEST_CASE(ends_although_the_connection_is_lost_behind_the_end) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  for (int i = 0; i < 2; ++i) {
    one->lost(loss::stream_error, one.at, std::nullopt, "read_error: source lost");
    one.connect();
  }
  one.ask(ended(terminal_kind::completed));
  one->lost(loss::stream_error, one.at, std::nullopt, "read_error: source lost");
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(keeps_an_end_that_is_not_told_yet_over_a_failure_behind_it) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  one.ask(ended(terminal_kind::completed));
  one->lost(loss::stream_error, one.at, std::nullopt, "lasts");
  one->failure_told(one.at);
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(reads_on_where_the_get_names_another_run_or_says_running) {
  for (const auto& says : {running(), running("run-2"), ended(terminal_kind::completed, "run-2")}) {
    auto one = after_events();
    one.hand_over(event_of(terminal_kind::completed));
    one.ask(says);
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST(one.wish().read);
  }
}

BOOST_AUTO_TEST_CASE(knows_a_run_by_its_uuid_in_whichever_case_its_letters_are) {
  const std::string run = "01934c6e-7a3b-7def-8abc-00000000000a";
  const std::string upper = "01934C6E-7A3B-7DEF-8ABC-00000000000A";
  const std::string next = "01934c6e-7a3b-7def-8abc-00000000000b";
  const std::string next_upper = "01934C6E-7A3B-7DEF-8ABC-00000000000B";
  followed ends;
  ends.connect();
  ends.hand_over(event_of(terminal_kind::none, run));
  ends.hand_over(event_of(terminal_kind::completed, run));
  ends.ask(ended(terminal_kind::completed, upper));
  BOOST_TEST((ends.outcome() == verdict::end));

  followed goes_on;
  goes_on.connect();
  goes_on.hand_over(event_of(terminal_kind::continued_as_new, run, next));
  goes_on.ask(ended(terminal_kind::continued_as_new, upper));
  goes_on.ask(running(next_upper));
  BOOST_TEST(goes_on->successor().empty());
  BOOST_TEST(!goes_on->end_in_sight());
  goes_on.hand_over(event_of(terminal_kind::continued_as_new, upper, next_upper));  // a straggler
  BOOST_TEST(!goes_on->end_in_sight());
  goes_on.hand_over(event_of(terminal_kind::completed, next_upper));
  goes_on.ask(ended(terminal_kind::completed, next));
  BOOST_TEST((goes_on.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(takes_two_runs_that_are_no_uuids_for_one_only_where_their_texts_are_the_same) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed, "run-a"));
  one.ask(ended(terminal_kind::completed, "run-A"));
  BOOST_TEST((one.outcome() == verdict::none));
}

BOOST_AUTO_TEST_CASE(looks_for_no_run_where_one_says_that_it_continues_itself) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-1"));
  BOOST_TEST(one->successor().empty());
  BOOST_TEST(one->last_terminal().continued_as.empty());
  one.ask(ended(terminal_kind::continued_as_new));
  one->left(one.at);
  one.connect();
  one.pass(5s);
  BOOST_TEST(one.asks_now());
  one.ask(ended(terminal_kind::continued_as_new));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(takes_the_end_back_for_a_run_that_begins_behind_it) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed));
  one.ask(ended(terminal_kind::completed));
  one.hand_over(event_of(terminal_kind::none, "run-2"));
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(!one->over());
}

BOOST_AUTO_TEST_CASE(owes_nothing_for_a_run_whose_end_was_handed_over_before_that_of_the_next) {
  followed one;
  one->begin_behind(event_of(terminal_kind::failed, "run-0"), one.at);
  one.connect();
  one->asking(one.at);
  one.hand_over(event_of(terminal_kind::completed, "run-1"));
  one->answered(ended(terminal_kind::failed, "run-0"), one.at);
  for (int i = 0; i < 20; ++i) {
    one.pass(5s);
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST((one.wish().leave == leaving::no));
    one->received(one.at);
    if (one.asks_now()) one.ask(status_of(answer::unknown));
  }
}

BOOST_AUTO_TEST_CASE(takes_back_a_failure_for_an_event_that_was_there) {
  auto one = after_events();
  one.end_on_a_new_connection(terminal_kind::completed);
  one.pass(60s);
  BOOST_TEST((one.outcome() == verdict::none));
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::incomplete));
  one.hand_over(event_of());
  BOOST_TEST((one.outcome() == verdict::none));
  one.hand_over(event_of(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(takes_an_end_back_for_a_run_that_begins_while_another_is_drained) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::completed, "run-2"));
  one.ask(ended(terminal_kind::terminated, "run-1"));  // lags
  one->left(one.at);
  one.connect();
  one.hand_over(event_of(terminal_kind::none, "run-3"));
  one.pass(5s);
  for (const std::string run : {"run-2", "run-2"}) {
    one.ask(ended(terminal_kind::completed, run));
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST(one.wish().read);
  }
}

BOOST_AUTO_TEST_CASE(a_straggler_of_a_past_run_is_no_run_that_goes_on) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::failed, "run-1"));
  one.hand_over(event_of(terminal_kind::none, "run-2"));
  one.hand_over(event_of(terminal_kind::completed, "run-2"));
  one.hand_over(event_of(terminal_kind::none, "run-1"));
  one.ask(ended(terminal_kind::completed, "run-2"));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(has_nothing_owed_behind_a_marked_cursor) {
  followed one;
  one->begin_behind(event_of(terminal_kind::completed), one.at);
  BOOST_TEST(one.asks_now());
  BOOST_TEST(one.connects_now());
  one.ask(ended(terminal_kind::completed));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(is_not_moved_by_what_each_connection_repeats_of_runs_before) {
  followed one;
  one->begin_behind(event_of(terminal_kind::completed, "run-2"), one.at);
  one.connect();
  auto repeated = event_of(terminal_kind::none, "run-1");
  repeated.moves_cursor = false;
  one.hand_over(repeated);
  BOOST_TEST(one->end_in_sight());
  one.ask(ended(terminal_kind::completed, "run-2"));
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(follows_the_run_of_another_execution_once_this_one_is_drained) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  BOOST_TEST(one.wish().ask_run.has_value());
  BOOST_TEST(one->successor() == "run-2");
  one.ask(ended(terminal_kind::continued_as_new));
  one->left(one.at);
  one.connect();
  one.lose(loss::clean_end);
  BOOST_TEST((one.outcome() == verdict::none));
  one->asking_run(one.at);
  run_facts found;
  found.said = run_facts::answer::found;
  found.execution_id = "other";
  one->run_answered(found, false, one.at);
  BOOST_TEST((one.outcome() == verdict::follow));
  BOOST_TEST(one->next_execution() == "other");
}

BOOST_AUTO_TEST_CASE(asks_for_a_run_no_sooner_than_a_server_in_trouble_wants) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one->asking_run(one.at);
  run_facts in_trouble;
  in_trouble.retry_after = 20s;
  one->run_answered(in_trouble, false, one.at);
  BOOST_TEST((*one.wish().ask_run == one.at.now + 20s));
  // The server is the same one.
  BOOST_TEST((*one.wish().ask == one.at.now + 20s));
}

namespace {

run_facts run_of(run_facts::answer said) {
  run_facts out;
  out.said = said;
  if (said == run_facts::answer::found) out.execution_id = "other";
  return out;
}

/// Asks for the run whenever that is due, for so long; how often.
int look_for_run(followed& one, run_facts::answer says, std::chrono::seconds time) {
  int asked = 0;
  for (const auto until = one.at.now + time; one.at.now < until && one.outcome() == verdict::none;) {
    if (one.asks_now()) one.ask(ended(terminal_kind::continued_as_new));
    if (one.wish().ask_run && *one.wish().ask_run <= one.at.now) {
      one->asking_run(one.at);
      one->run_answered(run_of(says), false, one.at);
      ++asked;
    }
    one.pass(250ms);
  }
  return asked;
}

/// A run is named that goes on, and all is read that was before it.
followed behind_a_continued_run(const watch_rules& rules = watch_rules()) {
  auto one = after_events(rules);
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one.ask(ended(terminal_kind::continued_as_new));
  one->left(one.at);
  one.connect();
  one.lose(loss::clean_end);
  return one;
}

}  // namespace

BOOST_AUTO_TEST_CASE(looks_for_a_named_run_until_the_budget_is_spent_where_no_get_of_it_is_answered) {
  auto one = behind_a_continued_run();
  auto other = one;
  BOOST_TEST(look_for_run(one, run_facts::answer::unknown, 8min) < 40);
  BOOST_TEST((one.outcome() == verdict::none));
  BOOST_TEST(one->successor() == "run-2");
  look_for_run(one, run_facts::answer::found, 1min);
  BOOST_TEST((one.outcome() == verdict::follow));
  look_for_run(other, run_facts::answer::unknown, 11min);
  BOOST_TEST((other.outcome() == verdict::gave_up));
  other->failure_told(other.at);
  look_for_run(other, run_facts::answer::unknown, 9min);
  BOOST_TEST((other.outcome() == verdict::none));
}

BOOST_AUTO_TEST_CASE(keeps_to_a_refusal_whatever_is_said_of_a_named_run_before_it_is_told) {
  watch_rules rules;
  rules.for_result = true;
  auto one = after_events(rules);
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one.ask(ended(terminal_kind::continued_as_new));
  one.pass(60s);
  BOOST_TEST((one.outcome() == verdict::none));
  const auto ask_for_run = [&] {
    one->asking_run(one.at);
    one->run_answered(run_facts(), false, one.at);
  };
  ask_for_run();
  one.pass(11min);
  one.ask(status_of(answer::refused));
  ask_for_run();
  BOOST_TEST((one.outcome() == verdict::status_refused));
}

BOOST_AUTO_TEST_CASE(ends_without_a_named_run_that_is_proven_not_to_be_there_for_ten_seconds) {
  auto one = behind_a_continued_run();
  look_for_run(one, run_facts::answer::unknown, 60s);
  look_for_run(one, run_facts::answer::missing, 9s);
  BOOST_TEST((one.outcome() == verdict::none));
  look_for_run(one, run_facts::answer::missing, 60s);
  BOOST_TEST((one.outcome() == verdict::end));
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_of_the_same_execution_however_late_it_shows) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one->asking_run(one.at);
  run_facts found;
  found.said = run_facts::answer::found;
  one->run_answered(found, true, one.at);
  for (int i = 0; i < 20; ++i) {
    one.pass(30s);
    one->received(one.at);
    if (one.asks_now()) one.ask(ended(terminal_kind::continued_as_new));
    BOOST_TEST((one.outcome() == verdict::none));
    BOOST_TEST((one.wish().leave == leaving::no));
  }
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_whose_events_come_although_it_is_not_found) {
  auto one = after_events();
  one.hand_over(event_of(terminal_kind::continued_as_new, "run-1", "run-2"));
  one->asking_run(one.at);
  run_facts none;
  none.said = run_facts::answer::impossible;
  one->run_answered(none, false, one.at);
  one.lose(loss::cut);
  one.connect();
  auto unmoving = event_of(terminal_kind::none, "run-2");
  unmoving.moves_cursor = false;
  one.hand_over(unmoving);
  one.ask(ended(terminal_kind::continued_as_new));  // lags
  BOOST_TEST((one.wish().leave == leaving::no));
  BOOST_TEST(!one->end_in_sight());
}

BOOST_AUTO_TEST_SUITE_END()
