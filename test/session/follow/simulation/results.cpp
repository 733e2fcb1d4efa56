// How a result waits for an execution's end, whatever the server
// makes of its streams and GETs, over seconds and minutes.
#include "api/result.hpp"
#include "session/follow/simulation/story.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

using namespace scripted;
namespace api = mistral::workflows::api;
using protocol::run_facts;
using protocol::status_facts;
using protocol::terminal_kind;

namespace {

constexpr const char* first = "r1";
constexpr const char* second = "r2";

status_facts answered(status_facts::answer said) {
  status_facts out;
  out.said = said;
  return out;
}

run_facts run_of(run_facts::answer said, const std::string& execution_id = std::string()) {
  run_facts out;
  out.said = said;
  out.execution_id = execution_id;
  return out;
}

struct waiting : story {
  struct timed {
    milliseconds at;
    std::int64_t number;
    std::string frame;
  };

  wf::result_options how;
  std::vector<timed> events;

  waiting() {
    server->answer = [this](const std::string& target, int) { return live(target); };
  }

  void happens(milliseconds at, std::int64_t number, const std::string& frame) {
    events.push_back({at, number, frame});
  }

  // What there is after the cursor, and the rest as it happens; the connection stays open.
  act live(const std::string& target) const {
    act out("", finish::open);
    out.tick_interval = 100ms;
    milliseconds last = 0ms;
    for (const auto& one : events) {
      last = std::max(last, one.at);
      if (one.number > cursor_in(target) && one.at <= passed()) out.body += one.frame;
    }
    for (auto from = passed(); from < last; from += 100ms) {
      std::string& text = out.ticks.emplace_back();
      for (const auto& one : events)
        if (one.number > cursor_in(target) && one.at > from && one.at <= from + 100ms) text += one.frame;
      if (text.empty()) text = ": nothing\n\n";
    }
    return out;
  }

  static wf::session::begun_operation operation() {
    wf::session::begun_operation out;
    out.name = "executions.result";
    return out;
  }

  asio::awaitable<void> wait_into(api::end_of_execution* out) {
    std::optional<api::instant> give_up;
    if (how.deadline) give_up = simulation::now() + *how.deadline;
    auto part_of = operation();
    auto stream = api::open_end_stream(server, recorded::execution, how, 60s, part_of);
    *out = co_await api::wait_for_end(std::move(stream), how, give_up, std::move(part_of));
  }

  api::end_of_execution wait() {
    api::end_of_execution out;
    run(wait_into(&out));
    return out;
  }
  template <class Error>
  Error error_of_wait() {
    api::end_of_execution out;
    return error_of<Error>(wait_into(&out));
  }

  bool ended_as(const api::end_of_execution& end, wf::execution_status status) const {
    return end.over && end.state.status == status;
  }

  /// Of a run that has continued as new, and nobody says with which.
  void names_the_run() {
    server->look = [](const std::string&, int) { return ended(first, terminal_kind::continued_as_new); };
    const auto end = wait();
    BOOST_TEST(ended_as(end, wf::execution_status::continued_as_new));
    BOOST_TEST(end.failure.find(first) != std::string::npos);
    BOOST_TEST((passed() >= 60s && passed() <= 95s));
    BOOST_TEST(server->looks <= 20);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(a_result_in_time, waiting)

BOOST_AUTO_TEST_CASE(is_there_at_once_where_the_first_get_says_so) {
  server->look = [](const std::string&, int) { return ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed().count() == 0);
  BOOST_TEST(server->looks == 1);
  BOOST_TEST(server->targets.empty());
}

BOOST_AUTO_TEST_CASE(comes_with_the_event_of_its_end) {
  happens(12s, 1, recorded::completed(1, first));
  server->look = [this](const std::string&, int) { return passed() < 12s ? running(first) : ended(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST((passed() >= 12s && passed() < 13s));
  BOOST_TEST(server->looks == 2);
  BOOST_TEST(server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(follows_a_run_that_goes_on_under_the_same_id_with_one_stream) {
  happens(1s, 1, continued_as(1, second, first));
  happens(6s, 2, recorded::completed(2, second));
  server->find = [](const std::string&, int) {
    return run_of(run_facts::answer::found, recorded::execution);
  };
  server->look = [this](const std::string&, int) {
    return passed() < 1s ? running(first) : passed() < 6s ? running(second) : ended(second);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::completed));
  BOOST_TEST(end.state.run_id.value_or("") == second);
  BOOST_TEST(passed() < 7s);
  BOOST_TEST(server->targets.size() <= 2U);
  BOOST_TEST(server->looks + server->finds < 10);
}

BOOST_AUTO_TEST_CASE(follows_a_run_that_goes_on_and_whose_predecessor_a_get_shows_for_a_while) {
  happens(1s, 1, continued_as(1, second, first));
  happens(6s, 2, recorded::completed(2, second));
  server->find = [](const std::string&, int) {
    return run_of(run_facts::answer::found, recorded::execution);
  };
  server->look = [this](const std::string&, int) {
    if (passed() < 1s) return running(first);
    if (passed() < 4s) return ended(first, terminal_kind::continued_as_new);
    return passed() < 6s ? running(second) : ended(second);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 8s);
  BOOST_TEST(server->targets.size() <= 2U);
  BOOST_TEST(server->looks + server->finds < 15);
}

BOOST_AUTO_TEST_CASE(names_the_run_whose_successor_does_not_appear) { names_the_run(); }

BOOST_AUTO_TEST_CASE(names_the_run_whose_successor_no_event_names) {
  happens(0s, 1, continued_as(1, ".", first));
  names_the_run();
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_successor_that_no_event_names_and_a_get_shows) {
  happens(0s, 1, continued_as(1, ".", first));
  server->look = [this](const std::string&, int) {
    if (passed() < 5s) return ended(first, terminal_kind::continued_as_new);
    return passed() < 40s ? running(second) : ended(second);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::completed));
  BOOST_TEST(passed() < 72s);
}

BOOST_AUTO_TEST_CASE(says_continued_as_new_where_that_is_not_to_be_followed) {
  how.follow_continue_as_new = false;
  happens(1s, 1, continued_as(1, second, first));
  server->look = [this](const std::string&, int) {
    return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::continued_as_new));
  BOOST_TEST(end.failure.empty());
  BOOST_TEST(passed() < 2s);
  BOOST_TEST(server->finds == 0);
}

BOOST_AUTO_TEST_CASE(waits_for_the_execution_of_a_successor_that_is_not_to_be_found_for_two_seconds) {
  happens(1s, 1, continued_as(1, second, first));
  server->find = [this](const std::string&, int) {
    return passed() < 3s ? run_of(run_facts::answer::missing) : run_of(run_facts::answer::found, "exec-2");
  };
  server->look = [this](const std::string& id, int) {
    if (id == "exec-2") return passed() < 10s ? running(second) : ended(second);
    return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::completed));
  BOOST_TEST(end.state.execution_id == "exec-2");
  BOOST_TEST(server->targets.back().find("/exec-2/") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(goes_on_with_a_successor_whatever_its_gets_say_for_a_while) {
  happens(1s, 1, continued_as(1, second, first));
  for (const auto said : {run_facts::answer::unknown, run_facts::answer::missing}) {
    began = simulation::now();
    server->find = [this, said](const std::string&, int) {
      return passed() < 40s ? run_of(said) : run_of(run_facts::answer::found, "exec-2");
    };
    server->look = [this](const std::string& id, int) {
      if (id == "exec-2") return ended(second);
      return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
    };
    const auto end = wait();
    BOOST_TEST(ended_as(end, wf::execution_status::completed));
    BOOST_TEST(end.state.execution_id == "exec-2");
  }
}

BOOST_AUTO_TEST_CASE(gives_a_successor_up_that_is_not_to_be_found_for_long) {
  happens(1s, 1, continued_as(1, second, first));
  server->find = [](const std::string&, int) { return run_of(run_facts::answer::missing); };
  server->look = [this](const std::string&, int) {
    return passed() < 1s ? running(first) : ended(first, terminal_kind::continued_as_new);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::continued_as_new));
  BOOST_TEST((passed() >= 60s && passed() <= 110s));
  BOOST_TEST(server->finds < 30);
}

BOOST_AUTO_TEST_CASE(finds_a_termination_although_the_stream_is_refused_for_as_long) {
  server->answer = [](const std::string&, int) { return act::status_only(503); };
  server->look = [this](const std::string&, int) {
    return passed() < 3s ? running(first) : terminated(first);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::terminated));
  BOOST_TEST(passed() <= 32s);
}

BOOST_AUTO_TEST_CASE(finds_a_termination_although_each_connection_breaks_at_once) {
  server->answer = [](const std::string&, int) { return act("", finish::reset); };
  server->look = [this](const std::string&, int) {
    return passed() < 3s ? running(first) : terminated(first);
  };
  BOOST_TEST(ended_as(wait(), wf::execution_status::terminated));
  BOOST_TEST(passed() <= 32s);
  BOOST_TEST(server->looks < 20);
}

BOOST_AUTO_TEST_CASE(confirms_a_termination_a_second_later) {
  server->look = [](const std::string&, int) { return terminated(first); };
  BOOST_TEST(ended_as(wait(), wf::execution_status::terminated));
  BOOST_TEST((passed() >= 1s && passed() < 2s));
  BOOST_TEST(server->looks == 2);
}

BOOST_AUTO_TEST_CASE(has_no_end_at_a_deadline_that_comes_before_the_get_which_confirms_it) {
  how.deadline = 500ms;
  for (const auto kind : {terminal_kind::terminated, terminal_kind::timed_out}) {
    server->look = [kind](const std::string&, int) { return ended(first, kind); };
    const auto end = wait();
    BOOST_TEST(!end.over);
    BOOST_TEST(end.state.run_id.value_or("") == first);
  }
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_of_a_reset) {
  happens(4s, 1, recorded::completed(1, second));
  server->look = [this](const std::string&, int) {
    return passed() < 500ms ? terminated(first) : passed() < 4s ? running(second) : ended(second);
  };
  const auto end = wait();
  BOOST_TEST(ended_as(end, wf::execution_status::completed));
  BOOST_TEST(end.state.run_id.value_or("") == second);
}

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
