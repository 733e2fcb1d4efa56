// How a stream goes on where its execution is continued as a new run, here or under another id.
#include "session/follow/simulation/story.hpp"

using namespace scripted;
using protocol::run_facts;
using protocol::terminal_kind;

namespace {

bool is_second(const std::string& text) { return text.find("exec-2") != std::string::npos; }

struct chain : story {
  /// exec-1 goes on as run r2 of exec-2, which completes at once.
  void goes_on_elsewhere() {
    server->answer = [](const std::string& target, int) {
      if (is_second(target))
        return act(recorded::frame(10, "WORKFLOW_EXECUTION_COMPLETED",
                                   R"({"task_id":"t","result":{"type":"json","value":1}})", "exec-2", "r2"),
                   finish::open);
      return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, "r2") : std::string(),
                 finish::open);
    };
    server->look = [](const std::string& id, int) {
      return is_second(id) ? ended("r2") : ended("r1", terminal_kind::continued_as_new);
    };
  }

  /// Of r2, `missing` as long as `outage` lasts.
  void finds_it_after(milliseconds outage, run_facts::answer missing) {
    server->find = [this, outage, missing](const std::string&, int) {
      run_facts out;
      out.said = passed() < outage ? missing : run_facts::answer::found;
      if (passed() >= outage) out.execution_id = "exec-2";
      return out;
    };
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(an_execution_that_goes_on, chain)

BOOST_AUTO_TEST_CASE(under_another_id_is_read_to_its_end_and_so_from_a_stored_cursor) {
  server->answer = [](const std::string& target, int) {
    if (!is_second(target))
      return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, "r2") : std::string(),
                 finish::open);
    return act(cursor_in(target) == 0
                   ? recorded::frame(10, "WORKFLOW_EXECUTION_STARTED", "{}", "exec-2", "r2") +
                         recorded::frame(11, "WORKFLOW_EXECUTION_CANCELED", "{}", "child", "rc") +
                         recorded::frame(12, "WORKFLOW_EXECUTION_CANCELED",
                                         R"({"task_id":"t","reason":null})", "exec-2", "r2")
               : cursor_in(target) == 11 ? recorded::frame(12, "WORKFLOW_EXECUTION_CANCELED",
                                                           R"({"task_id":"t","reason":null})", "exec-2", "r2")
                                         : std::string(),
               finish::open);
  };
  server->execution_of_run = "exec-2";
  server->look = [](const std::string& id, int) {
    return is_second(id) ? ended("r2", terminal_kind::canceled)
                         : ended("r1", terminal_kind::continued_as_new);
  };
  std::string cursor;
  {
    auto events = stream();
    auto tale = [&]() -> asio::awaitable<void> {
      while (got.size() < 4) note(*co_await events.next());
    };
    run(tale());
    cursor = events.cursor();
    BOOST_TEST(events.execution_id() == "exec-2");
  }
  // Of another process, behind a child's event.
  options.from = cursor;
  auto again = stream();
  BOOST_TEST(again.execution_id() == "exec-2");
  run(read(again));
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 10, 11, 12}));
}

BOOST_AUTO_TEST_CASE(as_another_which_goes_on_as_the_first_makes_no_storm) {
  server->answer = [](const std::string& target, int) {
    if (cursor_in(target) > 0) return act("", finish::clean);
    return act(is_second(target) ? continued_as(1, "r1", "r2", "exec-2") : continued_as(1, "r2"),
               finish::clean);
  };
  server->find = [](const std::string& run, int) {
    run_facts out;
    out.said = run_facts::answer::found;
    out.execution_id = run == "r2" ? "exec-2" : recorded::execution;
    return out;
  };
  server->look = [](const std::string& id, int) {
    return ended(is_second(id) ? "r2" : "r1", terminal_kind::continued_as_new);
  };
  server->opening = server->looking = 5ms;
  auto events = stream();
  run(read_for(events, 60s));
  BOOST_TEST(got.size() > 20U);
  BOOST_TEST(server->targets.size() <= 20U + 10U * 60U);
  BOOST_TEST(server->looks + server->finds <= 20 + 10 * 60);
}

BOOST_AUTO_TEST_CASE(as_a_run_that_cannot_be_named_is_at_its_end) {
  server->answer = [](const std::string& target, int) {
    return act(cursor_in(target) == 0 ? recorded::started(1, "r1") + continued_as(2, ".") : std::string(),
               finish::open);
  };
  server->look = [](const std::string&, int) { return ended("r1", terminal_kind::continued_as_new); };
  read_all();
  BOOST_TEST((got == numbers(1, 2)));
  BOOST_TEST(server->finds == 0);
}

BOOST_AUTO_TEST_CASE(as_a_run_that_is_found_late_is_waited_for) {
  goes_on_elsewhere();
  finds_it_after(2s, run_facts::answer::missing);
  read_all();
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 10}));
}

BOOST_AUTO_TEST_CASE(as_a_run_that_nobody_answers_for_has_not_ended) {
  goes_on_elsewhere();
  for (const auto outage : {20s, 15s * 60}) {
    finds_it_after(outage, run_facts::answer::unknown);
    got.clear();
    began = simulation::now();
    auto events = stream();
    if (outage > options.reconnect_budget) {
      const auto failed = error_of<wf::stream_failure>(read(events));
      BOOST_TEST(std::string(failed.what()).find("r2") != std::string::npos);
      BOOST_TEST((passed() >= options.reconnect_budget && passed() <= options.reconnect_budget + 1min));
    }
    run(read(events));
    BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 10}));
    BOOST_TEST(server->finds < 100);
  }
}

BOOST_AUTO_TEST_SUITE_END()
