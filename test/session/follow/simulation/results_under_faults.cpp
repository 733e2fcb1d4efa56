// How a result waits for an execution's end where streams and GETs are refused, late or lost, and how it
// fails.
#include "session/follow/simulation/waiting.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

using namespace scripted;

BOOST_FIXTURE_TEST_SUITE(a_result_in_time, waiting)

BOOST_AUTO_TEST_CASE(waits_for_a_get_that_is_refused_for_a_while_as_the_end_comes) {
  happens(1s, 1, recorded::completed(1, first));
  server->look = [this](const std::string&, int) {
    if (passed() < 1s) return running(first);
    return passed() < 6s ? answered(status_facts::answer::unknown) : ended(first);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST((passed() >= 6s && passed() < 12s));
  BOOST_TEST(server->looks < 20);
}

BOOST_AUTO_TEST_CASE(is_an_error_at_once_where_the_get_is_refused_for_good) {
  server->look = [](const std::string&, int) { return answered(status_facts::answer::refused); };
  BOOST_TEST(error_of_wait<wf::api_error>().status() == 403);
  BOOST_TEST(passed().count() == 0);
}

BOOST_AUTO_TEST_CASE(is_an_error_at_once_where_there_is_no_such_execution) {
  server->look = [](const std::string&, int) { return answered(status_facts::answer::missing); };
  BOOST_TEST(error_of_wait<wf::api_error>().status() == 404);
  BOOST_TEST(passed().count() == 0);
}

BOOST_AUTO_TEST_CASE(is_an_error_at_once_where_the_first_get_is_a_404_of_whoever_stands_in_front) {
  server->look = [](const std::string&, int) { return answered(status_facts::answer::page); };
  BOOST_TEST(error_of_wait<wf::api_error>().status() == 404);
  BOOST_TEST(passed().count() == 0);
}

BOOST_AUTO_TEST_CASE(waits_on_through_a_404_that_proves_nothing_once_the_execution_has_been_seen) {
  happens(1s, 1, recorded::completed(1, first));
  server->look = [this](const std::string&, int) {
    if (passed() < 1s) return running(first);
    return passed() < 6s ? answered(status_facts::answer::page) : ended(first);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST((passed() >= 6s && passed() < 12s));
}

BOOST_AUTO_TEST_CASE(of_an_execution_just_begun_waits_for_gets_that_lag_and_connects_behind_them) {
  for (const auto said : {status_facts::answer::missing, status_facts::answer::page}) {
    began = simulation::now();
    events.clear();
    server->targets.clear();
    happens(20s, 1, recorded::completed(1, first));
    lags_until = began + 10s;
    server->look = [this, said](const std::string&, int) {
      if (passed() < 3s) return answered(said);
      return passed() < 20s ? running(first) : ended(first);
    };
    BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
    BOOST_TEST((passed() >= 20s && passed() < 21s));
    BOOST_TEST(server->targets.size() == 1U);
  }
}

BOOST_AUTO_TEST_CASE(of_an_execution_just_begun_is_an_error_where_gets_do_not_find_it_for_long) {
  lags_until = began + 10s;
  server->look = [](const std::string&, int) { return answered(status_facts::answer::missing); };
  BOOST_TEST(error_of_wait<wf::api_error>().status() == 404);
  BOOST_TEST((passed() >= 10s && passed() <= 30s));
  BOOST_TEST(server->targets.empty());
}

BOOST_AUTO_TEST_CASE(has_the_text_of_a_failure_whose_get_overtakes_the_event) {
  happens(1'500ms, 1, recorded::failed(1, first));
  server->look = [](const std::string&, int) { return ended(first, terminal_kind::failed); };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::failed));
  BOOST_TEST(end.failure == "no");
  BOOST_TEST((passed() >= 1'500ms && passed() < 2s));
}

BOOST_AUTO_TEST_CASE(does_without_the_text_of_a_failure_that_does_not_come_in_two_seconds) {
  server->look = [](const std::string&, int) { return ended(first, terminal_kind::failed); };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::failed));
  BOOST_TEST(end.failure.empty());
  BOOST_TEST((passed() >= 2s && passed() < 3s));
}

BOOST_AUTO_TEST_CASE(has_not_the_text_of_an_earlier_run) {
  happens(1s, 1, recorded::failed(1, first));
  server->look = [this](const std::string&, int) {
    return passed() < 1s    ? running(first)
           : passed() < 20s ? running(second)
                            : ended(second, terminal_kind::failed);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::failed));
  BOOST_TEST(end.failure.empty());
}

BOOST_AUTO_TEST_CASE(keeps_to_its_deadline_with_a_server_that_accepts_and_does_not_answer) {
  how.deadline = 1s;
  server->opening = server->looking = 1h;
  BOOST_TEST(!wait().over);
  BOOST_TEST(passed().count() == 1'000);
}

BOOST_AUTO_TEST_CASE(says_how_the_execution_stood_at_the_deadline) {
  how.deadline = 10s;
  server->look = [](const std::string&, int) { return running(first); };
  const auto end = wait();
  BOOST_TEST(!end.over);
  BOOST_TEST((end.state.status == wf::execution_status::running));
  BOOST_TEST(passed().count() == 10'000);
}

BOOST_AUTO_TEST_CASE(leaves_nothing_under_way_at_its_deadline) {
  how.deadline = 1s;
  server->opening = server->looking = 1h;
  wait();
  BOOST_TEST(!simulation::run_until(io, [] { return false; }));
  BOOST_TEST(passed().count() == 1'000);
}

BOOST_AUTO_TEST_CASE(is_asked_for_where_the_stream_is_refused_for_good) {
  server->answer = [](const std::string&, int) { return act::status_only(404); };
  server->look = [this](const std::string&, int) { return passed() < 3s ? running(first) : ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 7s);
  BOOST_TEST(server->targets.size() == 1U);
  BOOST_TEST(server->looks < 10);
}

BOOST_AUTO_TEST_CASE(is_asked_for_where_the_stream_reports_an_error_for_good) {
  server->answer = [](const std::string&, int) {
    return act(error_event("WF_1302", "encoded"), finish::open);
  };
  server->look = [this](const std::string&, int) { return passed() < 3s ? running(first) : ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 7s);
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(is_asked_for_where_there_is_no_event_stream_to_be_had) {
  server->answer = [](const std::string&, int) {
    act page("<html>", finish::clean);
    page.content_type = "text/html";
    return page;
  };
  server->look = [this](const std::string&, int) { return passed() < 20s ? running(first) : ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 55s);
  BOOST_TEST(server->targets.size() == 3U);
}

BOOST_AUTO_TEST_CASE(is_asked_for_where_the_stream_has_nothing_to_say) {
  server->answer = [](const std::string&, int) { return act::status_only(204); };
  server->look = [this](const std::string&, int) { return passed() < 3s ? running(first) : ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 7s);
}

BOOST_AUTO_TEST_CASE(fails_when_neither_streams_nor_gets_show_life_for_the_budget) {
  server->answer = [](const std::string&, int) { return act::no_connection(); };
  server->look = [](const std::string&, int) { return answered(status_facts::answer::unknown); };
  const auto e = error_of_wait<wf::stream_failure>();
  BOOST_TEST(e.operation() == "executions.result");
  BOOST_TEST((passed() >= 9min && passed() <= 11min));
}

BOOST_AUTO_TEST_CASE(fails_when_gets_alone_are_left_and_none_is_answered_for_the_budget) {
  server->look = [](const std::string&, int number) {
    return number == 1 ? terminated(first) : answered(status_facts::answer::unknown);
  };
  error_of_wait<wf::stream_failure>();
  BOOST_TEST((passed() >= 9min && passed() <= 11min));

  began = simulation::now();
  server->answer = [](const std::string&, int) { return act::status_only(404); };
  server->look = [this](const std::string&, int) {
    return passed() < 1min ? running(first) : answered(status_facts::answer::unknown);
  };
  error_of_wait<wf::stream_failure>();
  BOOST_TEST((passed() >= 10min && passed() <= 12min));
}

BOOST_AUTO_TEST_CASE(fails_and_names_no_missing_run_where_nobody_answers_behind_a_run_that_was_continued) {
  server->look = [](const std::string&, int number) {
    return number == 1 ? ended(first, terminal_kind::continued_as_new)
                       : answered(status_facts::answer::unknown);
  };
  server->answer = [](const std::string&, int) {
    act quiet("", finish::comments);
    quiet.comment_interval = 10s;
    return quiet;
  };
  const auto asked = error_of_wait<wf::stream_failure>();
  BOOST_TEST((asked.code() == wf::errc::unavailable));
  BOOST_TEST(std::string(asked.what()).find("the execution's end") != std::string::npos);
  BOOST_TEST((passed() >= 10min && passed() <= 13min));

  began = simulation::now();
  server->looks = 0;
  server->opening = 10ms;  // behind the only answer
  server->answer = [](const std::string&, int) { return act::no_connection(); };
  error_of_wait<wf::stream_failure>();
  BOOST_TEST((passed() >= 9min && passed() <= 12min));
}

BOOST_AUTO_TEST_CASE(that_is_cancelled_says_so_for_its_operation) {
  server->look = [](const std::string&, int) { return running(first); };
  asio::cancellation_signal stop;
  std::exception_ptr failure;
  bool over = false;
  api::end_of_execution out;
  asio::co_spawn(io, wait_into(&out),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown) {
                   failure = std::move(thrown);
                   over = true;
                 }));
  BOOST_REQUIRE(simulation::run_until(io, [&] { return passed() > 5s || server->looks > 0; }));
  stop.emit(asio::cancellation_type::terminal);
  BOOST_REQUIRE(simulation::run_until(io, [&] { return over; }));
  BOOST_REQUIRE(failure);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(failure), wf::cancelled_error,
                        [](const wf::cancelled_error& e) { return e.operation() == "executions.result"; });
}

BOOST_AUTO_TEST_SUITE_END()
