#include "protocol/follow/stream_end.hpp"

#include <boost/test/unit_test.hpp>

#include <ostream>
#include <string>

namespace mistral::workflows::protocol {
std::ostream& operator<<(std::ostream& out, stream_step step) {
  constexpr const char* names[] = {"read", "ask", "ask_run", "reconnect", "end", "follow"};
  return out << names[static_cast<int>(step)];
}
}  // namespace mistral::workflows::protocol

using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

status_facts terminal(const std::string& run) {
  status_facts status;
  status.known = status.terminal = true;
  status.run_id = run;
  return status;
}

status_facts running(const std::string& run) {
  status_facts status;
  status.known = true;
  status.run_id = run;
  return status;
}

// A stream of run "r1" on an open connection.
struct story : stream_end {
  explicit story(end_rules rules = end_rules()) : stream_end(rules) { connected(); }

  void own(terminal_kind kind, const std::string& run = "r1", const std::string& next_run = std::string()) {
    event(true, kind, run, next_run);
  }
};

end_rules endless() {
  end_rules rules;
  rules.watches_execution = false;
  return rules;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stream)

BOOST_AUTO_TEST_CASE(reads_on_while_nothing_says_that_it_ends) {
  story s;
  BOOST_TEST(s.next() == stream_step::read);
  s.own(terminal_kind::none);
  BOOST_TEST(s.next() == stream_step::read);
}

BOOST_AUTO_TEST_CASE(ends_on_a_terminal_event_once_a_get_is_terminal_too_and_names_the_same_run) {
  for (const auto kind : {terminal_kind::completed, terminal_kind::canceled}) {
    story s;
    s.own(kind);
    BOOST_TEST(s.next() == stream_step::ask);
    s.answered(terminal("r1"));
    BOOST_TEST(s.next() == stream_step::end);
  }
}

BOOST_AUTO_TEST_CASE(reads_on_if_the_get_is_not_terminal_and_ends_once_it_is) {
  story s;
  s.own(terminal_kind::completed);
  s.answered(running("r1"));
  BOOST_TEST(s.next() == stream_step::read);
  s.check_due();
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(asks_sooner_while_a_terminal_event_waits_to_be_confirmed) {
  story s;
  BOOST_TEST((s.check_interval(30s, 1.0) == 30s));
  s.own(terminal_kind::completed);
  s.answered(running("r1"));
  BOOST_TEST((s.check_interval(30s, 1.0) == 500ms));
  for (int i = 0; i < 40; ++i) {
    s.check_due();
    s.answered(running("r1"));
  }
  BOOST_TEST((s.check_interval(30s, 1.0) == 30s));
  BOOST_TEST((s.check_interval(30s, 0.0) == 15s));
}

BOOST_AUTO_TEST_CASE(is_not_ended_by_a_childs_completed) {
  story s;
  s.event(false, terminal_kind::completed, "child-run");
  BOOST_TEST(s.next() == stream_step::read);
}

BOOST_AUTO_TEST_CASE(is_not_ended_by_a_failed_that_is_retried) {
  story s;
  s.own(terminal_kind::failed);
  s.answered(running("r2"));
  BOOST_TEST(s.next() == stream_step::read);
  s.own(terminal_kind::none, "r2");
  s.own(terminal_kind::completed, "r2");
  s.answered(terminal("r2"));
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(is_not_ended_by_the_first_of_two_failed_read_from_the_start_after_both_happened) {
  story s;
  s.own(terminal_kind::failed, "r1");
  s.answered(terminal("r2"));
  BOOST_TEST(s.next() == stream_step::read);
  s.own(terminal_kind::none, "r2");
  s.own(terminal_kind::failed, "r2");
  s.answered(terminal("r2"));
  BOOST_TEST(s.next() == stream_step::reconnect);
  s.connected();
  s.silent();
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(needs_one_more_connection_after_failed_also_where_the_runs_agree) {
  story s;
  s.own(terminal_kind::failed);
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::reconnect);
  BOOST_TEST(!s.draining());
  s.connected();
  BOOST_TEST(s.draining());
  s.own(terminal_kind::none, "r2");  // the retry
  BOOST_TEST(!s.draining());
  s.silent();
  BOOST_TEST(s.next() == stream_step::read);
}

BOOST_AUTO_TEST_CASE(needs_one_more_connection_where_a_run_id_is_missing) {
  for (const bool in_event : {true, false}) {
    story s;
    s.own(terminal_kind::completed, in_event ? "" : "r1");
    s.answered(terminal(in_event ? "r1" : ""));
    BOOST_TEST(s.next() == stream_step::reconnect);
    s.connected();
    s.clean_end();
    BOOST_TEST(s.next() == stream_step::end);
  }
}

BOOST_AUTO_TEST_CASE(does_not_end_because_a_connection_ends_cleanly) {
  story s;
  s.clean_end();
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(running("r1"));
  BOOST_TEST(s.next() == stream_step::read);
}

BOOST_AUTO_TEST_CASE(delivers_what_followed_a_cut_before_it_ends) {
  story s;
  s.clean_end();
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::reconnect);
  s.connected();
  s.own(terminal_kind::none);
  s.own(terminal_kind::completed);
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(asks_again_after_events_on_the_connection_that_was_to_prove_the_end) {
  story s;
  s.clean_end();
  s.answered(terminal("r1"));
  s.connected();
  s.own(terminal_kind::none);
  s.clean_end();
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(terminal("r1"));
  s.connected();
  s.clean_end();
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(is_not_ended_by_a_cut_of_the_connection_that_was_to_prove_the_end) {
  story s;
  s.check_due();
  s.answered(terminal("r1"));
  s.connected();
  s.cut();
  BOOST_TEST(!s.draining());
  BOOST_TEST(s.next() == stream_step::read);
  s.connected();
  BOOST_TEST(s.draining());
  s.silent();
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(of_a_terminated_execution_ends_though_no_event_says_so) {
  story s;
  s.check_due();
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::reconnect);
  s.connected();
  s.silent();
  BOOST_TEST(s.next() == stream_step::end);
}

// COMPLETED of r1, then a reset, and r2 is terminated: no GET ever names r1 again.
BOOST_AUTO_TEST_CASE(ends_though_the_terminal_get_names_a_run_that_never_had_a_terminal_event) {
  story s;
  s.own(terminal_kind::completed, "r1");
  s.answered(terminal("r2"));
  BOOST_TEST(s.next() == stream_step::read);
  s.check_due();
  s.answered(terminal("r2"));
  BOOST_TEST(s.next() == stream_step::reconnect);
  s.connected();
  s.silent();
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(takes_a_get_that_failed_for_no_answer) {
  story s;
  s.own(terminal_kind::completed);
  s.answered(status_facts());
  BOOST_TEST(s.next() == stream_step::read);
  s.check_due();
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(ends_on_204) {
  story s;
  s.no_content();
  BOOST_TEST(s.next() == stream_step::end);
  story e(endless());
  e.no_content();
  BOOST_TEST(e.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(of_many_executions_never_ends_by_itself) {
  story s(endless());
  s.own(terminal_kind::completed);
  s.clean_end();
  s.check_due();
  s.silent();
  BOOST_TEST(s.next() == stream_step::read);
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_that_continues_it_under_the_same_execution) {
  story s;
  s.own(terminal_kind::continued_as_new, "r1", "r2");
  BOOST_TEST(s.next() == stream_step::ask_run);
  BOOST_TEST(s.continued_as() == "r2");
  s.run_found("exec", true);
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(running("r2"));
  BOOST_TEST(s.next() == stream_step::read);
}

BOOST_AUTO_TEST_CASE(follows_to_another_execution_once_its_own_has_nothing_left) {
  story s;
  s.own(terminal_kind::continued_as_new, "r1", "r2");
  s.run_found("exec-2", false);
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(terminal("r1"));
  BOOST_TEST(s.next() == stream_step::reconnect);
  s.connected();
  s.clean_end();
  BOOST_TEST(s.next() == stream_step::follow);
  BOOST_TEST(s.next_execution() == "exec-2");
}

BOOST_AUTO_TEST_CASE(does_not_end_before_it_is_known_where_the_next_run_stands) {
  story s;
  s.own(terminal_kind::continued_as_new, "r1", "r2");
  s.run_found("", false);
  s.answered(terminal("r1"));
  s.connected();
  s.silent();
  BOOST_TEST(s.next() == stream_step::ask_run);
  s.run_found("exec-2", false);
  s.check_due();
  s.answered(terminal("r1"));
  s.connected();
  s.silent();
  BOOST_TEST(s.next() == stream_step::follow);
}

BOOST_AUTO_TEST_CASE(asks_for_the_next_run_again_and_at_last_takes_it_for_its_own) {
  story s;
  s.own(terminal_kind::continued_as_new, "r1", "r2");
  for (int i = 0; i < stream_end::most_run_asks; ++i) {
    BOOST_TEST(s.next() == stream_step::ask_run);
    s.run_found("", false);
    BOOST_TEST(s.next() != stream_step::ask_run);
    s.check_due();
  }
  BOOST_TEST(s.continued_as().empty());
}

BOOST_AUTO_TEST_CASE(needs_no_look_at_a_run_whose_events_it_has) {
  story s;
  s.own(terminal_kind::continued_as_new, "r1", "r2");
  s.run_found("", false);
  s.own(terminal_kind::completed, "r2");
  BOOST_TEST(s.continued_as().empty());
  BOOST_TEST(s.next() == stream_step::ask);
  s.answered(terminal("r2"));
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_CASE(that_is_not_to_follow_ends_with_the_run_that_was_continued) {
  end_rules rules;
  rules.follow_continue_as_new = false;
  story s(rules);
  s.own(terminal_kind::continued_as_new, "r1", "r2");
  BOOST_TEST(s.next() == stream_step::end);
}

BOOST_AUTO_TEST_SUITE_END()
