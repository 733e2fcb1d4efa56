#include "server/engine/engine_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(engine_runs)

using namespace engine_test;
using boost::asio::awaitable;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

awaitable<json::value> echo(workflow_context context) { co_return context.input(); }

awaitable<json::value> wait_for_go(workflow_context context) {
  auto input = co_await context.wait_signal("go");
  co_return input;
}

awaitable<json::value> sleeper(workflow_context context) {
  auto task = context.start_task("nap", 1);
  co_await context.sleep_for(1h);
  task.progress("half");
  co_await context.sleep_for(1h);
  task.complete(2);
  co_return "rested";
}

awaitable<json::value> counter(workflow_context context) {
  auto total = std::make_shared<std::int64_t>(0);
  context.on_query("total", [total](const json::value&) -> json::value { return *total; });
  context.on_update("add", [total, context](const json::value& input) -> json::value {
    if (input.at("by").to_number<std::int64_t>() < 0) throw wt::invalid_input("by must not be negative");
    *total += input.at("by").to_number<std::int64_t>();
    context.start_task("added", *total);
    return *total;
  });
  context.on_update("break", [](const json::value&) -> json::value { throw std::runtime_error("secret"); });
  context.on_query("meddle", [context](const json::value&) -> json::value {
    context.start_task("meddling");
    return nullptr;
  });
  auto enough = [total] { return *total >= 10; };
  co_await context.wait_until(enough);
  co_return *total;
}

awaitable<json::value> fails_twice(workflow_context context) {
  context.start_task("try", context.attempt());
  if (context.attempt() < 3) throw std::runtime_error("not yet");
  co_return context.attempt();
}

awaitable<json::value> tidy(workflow_context context) {
  auto task = context.start_task("work");
  bool cancelled = false;
  try {
    co_await context.wait_signal("never");
  } catch (const wt::workflow_cancelled&) {
    cancelled = true;
  }
  if (cancelled) {
    co_await context.sleep_for(1min);
    task.cancel("tidied");
    throw wt::workflow_cancelled();
  }
  co_return nullptr;
}

std::vector<workflow_definition> all() {
  std::vector<workflow_definition> all;
  all.emplace_back("echo", echo);
  all.emplace_back("wait_for_go", wait_for_go);
  all.emplace_back("sleeper", sleeper);
  all.emplace_back("tidy", tidy);
  workflow_definition counting("counter", counter);
  wt::handler_declaration add(
      "add",
      parsed(R"({"type":"object","required":["by"],"properties":{"by":{"type":"integer"}}})").as_object());
  counting.updates.push_back(add);
  all.push_back(counting);
  workflow_definition retried("fails_twice", fails_twice);
  retried.retry.maximum_attempts = 3;
  all.push_back(retried);
  workflow_definition limited("limited", wait_for_go);
  limited.execution_timeout = 1h;
  all.push_back(limited);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_answer_to_execute_shows_a_running_execution_and_a_later_one_its_result) {
  server server(all());
  wt::start_request request;
  request.input = parsed(R"({"a":[1,2.5]})");
  auto started = server.engine().execute("echo", request);
  BOOST_TEST(started.at("status").as_string() == "RUNNING");
  BOOST_TEST(started.at("end_time").is_null());
  server.settle();
  auto id = std::string(started.at("execution_id").as_string());
  BOOST_TEST(server.status(id) == "COMPLETED");
  BOOST_TEST(server.result(id) == request.input);
  BOOST_TEST(server.types(id) == (strings{"WORKFLOW_EXECUTION_STARTED", "WORKFLOW_EXECUTION_COMPLETED"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_workflow_is_found_by_name_and_by_uuid) {
  server server(all());
  auto workflow = server.engine().get_workflow("echo").at("workflow");
  auto uuid = std::string(workflow.at("id").as_string());
  BOOST_TEST(server.engine().get_workflow(uuid).at("workflow").at("name").as_string() == "echo");
  BOOST_TEST(server.status(server.start(uuid)) == "COMPLETED");
  auto refused = refusal_of([&] { server.start("nobody"); });
  BOOST_TEST(refused.status() == 404);
  BOOST_TEST(refused.code() == "WF_1100");
}

BOOST_AUTO_TEST_CASE(an_id_is_refused_while_it_runs_and_may_be_started_again_once_it_has_ended) {
  server server(all());
  server.start("wait_for_go", nullptr, "order-1");
  auto first_run = server.run_id("order-1");
  auto refused = refusal_of([&] { server.start("wait_for_go", nullptr, "order-1"); });
  BOOST_TEST(refused.status() == 409);
  BOOST_TEST(refused.code() == "WF_1101");
  BOOST_TEST(server.engine().done().of("started", "order-1") == 1);

  server.signal("order-1", "go", 1);
  server.start("wait_for_go", nullptr, "order-1");
  BOOST_TEST(server.run_id("order-1") != first_run);
  BOOST_TEST(server.status("order-1") == "RUNNING");
  BOOST_TEST(server.engine().get_run(first_run).at("status").as_string() == "COMPLETED");
  BOOST_TEST(server.engine().done().of("started", "order-1") == 2);
}

BOOST_AUTO_TEST_CASE(a_signal_is_kept_until_the_workflow_takes_it) {
  server server(all());
  wt::start_request request;
  request.execution_id = "x";
  server.engine().execute("wait_for_go", request);
  // Not even begun: the coroutine runs only when the executor does.
  server.engine().signal("x", "other", nullptr);
  server.engine().signal("x", "go", "first");
  server.settle();
  BOOST_TEST(server.result("x") == json::value("first"));
  auto refused = refusal_of([&] { server.signal("x", "go"); });
  BOOST_TEST(refused.status() == 409);
  BOOST_TEST(refused.code() == "WF_1102");
  BOOST_TEST(refused.more().at("status").as_string() == "COMPLETED");
  BOOST_TEST(server.engine().done().of("executions.signal", "x") == 2);
}

BOOST_AUTO_TEST_CASE(sleeps_end_when_the_clock_is_moved_and_not_before) {
  server server(all());
  auto id = server.start("sleeper");
  server.advance(59min);
  BOOST_TEST(server.types(id).size() == 2);
  server.advance(1min);
  BOOST_TEST(server.types(id).back() == "CUSTOM_TASK_IN_PROGRESS");
  server.advance(1h);
  BOOST_TEST(server.result(id) == json::value("rested"));
}

BOOST_AUTO_TEST_CASE(one_move_of_the_clock_carries_out_sleeps_that_follow_each_other_at_their_own_instants) {
  server server(all());
  auto id = server.start("sleeper");
  server.advance(2h);
  auto events = server.events(id);
  BOOST_TEST(server.status(id) == "COMPLETED");
  auto at = [&](std::size_t index) { return events.at(index).at("data").at("event_timestamp").as_int64(); };
  BOOST_TEST(at(2) - at(0) == 3'600'000'000'000);
  BOOST_TEST(at(3) - at(0) == 7'200'000'000'000);
}

BOOST_AUTO_TEST_CASE(a_query_answers_and_an_update_changes) {
  server server(all());
  auto id = server.start("counter");
  BOOST_TEST(server.query(id, "total") == json::value(0));
  BOOST_TEST(server.update(id, "add", parsed(R"({"by":4})")) == json::value(4));
  BOOST_TEST(server.query(id, "total") == json::value(4));
  BOOST_TEST(server.status(id) == "RUNNING");
  server.update(id, "add", parsed(R"({"by":6})"));
  BOOST_TEST(server.status(id) == "COMPLETED");
  BOOST_TEST(server.engine().done().of("executions.update", id) == 2);
  BOOST_TEST(server.engine().done().of("executions.query", id) == 2);
  BOOST_TEST(refusal_of([&] { server.query(id, "total"); }).code() == "WF_1102");
}

BOOST_AUTO_TEST_CASE(inputs_that_do_not_fit_are_refused_with_422_and_handlers_that_break_with_500) {
  server server(all());
  auto id = server.start("counter");
  for (const auto* input : {R"({})", R"({"by":"2"})", R"({"by":-1})", R"([])"}) {
    auto refused = refusal_of([&] { server.update(id, "add", parsed(input)); });
    BOOST_TEST(refused.status() == 422);
    BOOST_TEST(refused.code() == "WF_1001");
  }
  BOOST_TEST(refusal_of([&] { server.update(id, "nothing"); }).status() == 422);
  BOOST_TEST(refusal_of([&] { server.query(id, "nothing"); }).status() == 422);
  auto broken = refusal_of([&] { server.update(id, "break"); });
  BOOST_TEST(broken.status() == 500);
  BOOST_TEST(std::string(broken.what()).find("secret") == std::string::npos);
  BOOST_TEST(refusal_of([&] { server.query(id, "meddle"); }).status() == 500);
  BOOST_TEST(server.types(id).size() == 1);
}

BOOST_AUTO_TEST_CASE(a_failure_that_is_retried_is_followed_by_another_start_and_shown_in_between) {
  server server(all());
  auto id = server.start("fails_twice");
  BOOST_TEST(server.status(id) == "RETRYING_AFTER_ERROR");
  BOOST_TEST(server.engine().get_execution(id).at("end_time").is_null());
  auto run = server.run_id(id);
  server.advance(1s);
  BOOST_TEST(server.status(id) == "RETRYING_AFTER_ERROR");
  server.advance(2s);
  BOOST_TEST(server.status(id) == "COMPLETED");
  BOOST_TEST(server.result(id) == json::value(3));
  BOOST_TEST(server.run_id(id) == run);
  std::vector<std::int64_t> attempts;
  for (const auto& event : server.events(id))
    if (auto* attempt = event.at("data").at("attributes").as_object().if_contains("attempt"))
      attempts.push_back(attempt->to_number<int>());
  BOOST_TEST(attempts == (std::vector<std::int64_t>{1, 1, 2, 2, 3, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_execution_that_waits_for_its_next_attempt_can_be_cancelled) {
  server server(all());
  auto id = server.start("fails_twice");
  server.engine().cancel(id);
  server.settle();
  BOOST_TEST(server.status(id) == "CANCELED");
  BOOST_TEST(server.types(id).back() == "WORKFLOW_EXECUTION_CANCELED");
  server.advance(1h);
  BOOST_TEST(server.status(id) == "CANCELED");
}

BOOST_AUTO_TEST_CASE(a_cancelled_workflow_may_tidy_up_before_it_is_canceled) {
  server server(all());
  auto id = server.start("tidy");
  server.engine().cancel(id);
  server.engine().cancel(id);
  server.settle();
  BOOST_TEST(server.status(id) == "RUNNING");
  server.advance(1min);
  BOOST_TEST(server.status(id) == "CANCELED");
  BOOST_TEST(server.types(id) == (strings{"WORKFLOW_EXECUTION_STARTED", "CUSTOM_TASK_STARTED",
                                          "CUSTOM_TASK_CANCELED", "WORKFLOW_EXECUTION_CANCELED"}),
             boost::test_tools::per_element());
  BOOST_TEST(server.engine().done().of("executions.cancel", id) == 2);
}

BOOST_AUTO_TEST_CASE(terminating_and_timing_out_end_at_once_and_without_an_event) {
  server server(all());
  auto terminated = server.start("tidy");
  server.engine().terminate(terminated);
  BOOST_TEST(server.status(terminated) == "TERMINATED");
  BOOST_TEST(!server.engine().get_execution(terminated).at("end_time").is_null());
  BOOST_TEST(server.types(terminated).back() == "CUSTOM_TASK_STARTED");
  BOOST_TEST(refusal_of([&] { server.engine().terminate(terminated); }).code() == "WF_1102");

  auto late = server.start("limited");
  server.advance(1h);
  BOOST_TEST(server.status(late) == "TIMED_OUT");
  BOOST_TEST(server.types(late) == strings{"WORKFLOW_EXECUTION_STARTED"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_batch_reports_each_id_and_fails_as_a_whole_for_none) {
  server server(all());
  server.start("tidy", nullptr, "a");
  server.start("echo", nullptr, "b");
  auto results = server.engine().terminate_all({"a", "b", "c"}).at("results");
  BOOST_TEST(results.at("a").at("status").as_string() == "success");
  BOOST_TEST(results.at("b").at("status").as_string() == "failure");
  BOOST_TEST(results.at("c").at("error").is_string());
  BOOST_TEST(server.status("a") == "TERMINATED");
}

BOOST_AUTO_TEST_CASE(who_waits_for_the_end_is_told_or_told_that_time_is_up) {
  server server(all());
  auto id = server.start("wait_for_go");
  std::vector<bool> answers;
  auto wait = [&](std::optional<std::chrono::nanoseconds> limit) -> awaitable<void> {
    answers.push_back(co_await server.engine().wait_for_end(id, limit));
  };
  asio::co_spawn(server.io(), wait(1s), asio::detached);
  asio::co_spawn(server.io(), wait(std::nullopt), asio::detached);
  server.settle();
  BOOST_TEST(answers.empty());
  server.advance(1s);
  BOOST_TEST((answers == std::vector<bool>{false}));
  server.engine().terminate(id);
  server.settle();
  BOOST_TEST((answers == std::vector<bool>{false, true}));
}

BOOST_AUTO_TEST_SUITE_END()
