// What a workflow can do beside waiting: races, activities, children, going on as a new run.
#include "server/engine/engine_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(engine_steps)

using namespace engine_test;
using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

std::vector<workflow_definition> only(std::string name, wt::workflow_function function) {
  std::vector<workflow_definition> all;
  all.emplace_back(std::move(name), std::move(function));
  return all;
}

awaitable<json::value> race(workflow_context context) {
  auto first = co_await (context.wait_signal("go") || context.sleep_for(1h));
  co_return first.index() == 0 ? json::value("signal") : json::value("time");
}

awaitable<json::value> child(workflow_context context) {
  auto input = co_await context.wait_signal("finish");
  if (input.is_string()) throw std::runtime_error(input.as_string().c_str());
  co_return input;
}

awaitable<json::value> parent(workflow_context context) {
  wt::child_options options;
  options.execution_id = "kid";
  auto kid = context.start_child("child", "in", options);
  std::string said;
  json::value got;
  try {
    got = co_await kid.result();
  } catch (const wt::step_failed& failed) {
    said = failed.status() + " " + failed.what();
  }
  if (!said.empty()) co_return json::value(said);
  co_return got;
}

std::vector<workflow_definition> family() {
  std::vector<workflow_definition> all;
  all.emplace_back("parent", parent);
  all.emplace_back("child", child);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(of_a_signal_and_a_time_limit_the_first_wins_and_the_other_is_forgotten) {
  server server(only("race", race));
  auto signalled = server.start("race");
  auto late = server.start("race");
  server.signal(signalled, "go");
  BOOST_TEST(server.result(signalled) == json::value("signal"));
  server.advance(1h);
  BOOST_TEST(server.result(late) == json::value("time"));
  BOOST_TEST(server.status(signalled) == "COMPLETED");
}

BOOST_AUTO_TEST_CASE(custom_tasks_show_every_stage_in_the_apis_form) {
  server server(only("stages", [](workflow_context context) -> awaitable<json::value> {
    auto task = context.start_task("download", parsed(R"({"size":3})"), "task-1");
    task.progress(50);
    task.patch(parsed(R"([{"op":"append","path":"/text","value":"x"}])").as_array());
    task.complete("done");
    context.start_task("b").fail("broken");
    context.start_task("c").time_out("heartbeat");
    context.start_task("d").cancel();
    context.emit_event("SOMETHING_NEW", parsed(R"({"a":1})").as_object());
    co_return nullptr;
  }));
  auto events = server.events(server.start("stages"));
  auto attributes = [&](std::size_t index) { return events.at(index).at("data").at("attributes"); };
  BOOST_TEST(
      attributes(1) ==
      parsed(
          R"({"custom_task_id":"task-1","custom_task_type":"download","payload":{"type":"json","value":{"size":3}}})"));
  BOOST_TEST(attributes(3).at("payload") ==
             parsed(R"({"type":"json_patch","value":[{"op":"append","path":"/text","value":"x"}]})"));
  BOOST_TEST(attributes(6).at("failure").at("message").as_string() == "broken");
  BOOST_TEST(attributes(8).at("timeout_type").as_string() == "heartbeat");
  BOOST_TEST(attributes(10).at("reason").is_null());
  BOOST_TEST(events.at(11).at("data").at("event_type").as_string() == "SOMETHING_NEW");
  for (std::size_t index = 0; index < events.size(); ++index)
    BOOST_TEST(events[index].at("broker_sequence").to_number<std::size_t>() == index + 1);
}

BOOST_AUTO_TEST_CASE(an_activity_is_tried_again_and_shows_each_attempt) {
  auto calls = std::make_shared<int>(0);
  server server(only("works", [calls](workflow_context context) -> awaitable<json::value> {
    wt::activity_options options;
    options.maximum_attempts = 3;
    auto work = [calls](const json::value& input) -> json::value {
      if (++*calls < 3) throw std::runtime_error("no luck");
      return input.at("n");
    };
    auto input = parsed(R"({"n":5})");
    co_return co_await context.activity("fetch", input, work, options);
  }));
  auto id = server.start("works");
  BOOST_TEST(server.types(id).back() == "ACTIVITY_TASK_RETRYING");
  server.advance(10s);
  BOOST_TEST(server.types(id) == (strings{"WORKFLOW_EXECUTION_STARTED", "ACTIVITY_TASK_STARTED",
                                          "ACTIVITY_TASK_RETRYING", "ACTIVITY_TASK_RETRYING",
                                          "ACTIVITY_TASK_COMPLETED", "WORKFLOW_EXECUTION_COMPLETED"}),
             boost::test_tools::per_element());
  BOOST_TEST(server.result(id) == json::value(5));
}

BOOST_AUTO_TEST_CASE(an_activity_that_fails_for_good_fails_the_workflow_unless_it_is_caught) {
  server server(only("works", [](workflow_context context) -> awaitable<json::value> {
    auto work = [](const json::value&) -> json::value { throw std::runtime_error("no luck"); };
    co_return co_await context.activity("fetch", nullptr, work);
  }));
  auto id = server.start("works");
  BOOST_TEST(server.status(id) == "FAILED");
  auto events = server.events(id);
  BOOST_TEST(events.at(2).at("data").at("event_type").as_string() == "ACTIVITY_TASK_FAILED");
  BOOST_TEST(events.at(2).at("data").at("attributes").at("attempt").to_number<int>() == 1);
  BOOST_TEST(events.back().at("data").at("attributes").at("failure").at("message").as_string() == "no luck");
}

BOOST_AUTO_TEST_CASE(an_asynchronous_activity_runs_on_the_servers_executor) {
  server server(only("works", [](workflow_context context) -> awaitable<json::value> {
    auto work = [](json::value input) -> awaitable<json::value> {
      asio::steady_timer timer(co_await asio::this_coro::executor, 0s);
      co_await timer.async_wait(asio::use_awaitable);
      co_return input;
    };
    co_return co_await context.async_activity("wait", 9, work);
  }));
  auto id = server.start("works");
  for (int turn = 0; turn < 1000 && server.status(id) != "COMPLETED"; ++turn) server.settle();
  BOOST_TEST(server.result(id) == json::value(9));
}

BOOST_AUTO_TEST_CASE(a_childs_events_stand_in_the_roots_stream_under_its_own_id) {
  server server(family());
  server.start("parent", nullptr, "root");
  auto kid = server.engine().get_execution("kid");
  BOOST_TEST(kid.at("parent_execution_id").as_string() == "root");
  BOOST_TEST(kid.at("root_execution_id").as_string() == "root");
  BOOST_TEST(server.engine().get_execution("root").at("root_execution_id").as_string() == "root");
  server.signal("kid", "finish", 3);
  BOOST_TEST(server.result("root") == json::value(3));
  strings seen;
  for (const auto& event : server.events("root"))
    seen.push_back(std::string(event.at("data").at("workflow_exec_id").as_string()) + " " +
                   std::string(event.at("data").at("event_type").as_string()));
  BOOST_TEST(seen == (strings{"root WORKFLOW_EXECUTION_STARTED", "kid WORKFLOW_EXECUTION_STARTED",
                              "kid WORKFLOW_EXECUTION_COMPLETED", "root WORKFLOW_EXECUTION_COMPLETED"}),
             boost::test_tools::per_element());
  BOOST_TEST(server.types("kid").size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_childs_failure_or_termination_reaches_its_parent) {
  server server(family());
  server.start("parent", nullptr, "a");
  server.signal("kid", "finish", "oops");
  BOOST_TEST(server.result("a") == json::value("FAILED the child ended as FAILED: oops"));
  server.start("parent", nullptr, "b");
  server.engine().terminate("kid");
  server.settle();
  BOOST_TEST(std::string(server.result("b").as_string()).starts_with("TERMINATED"));
}

BOOST_AUTO_TEST_CASE(a_child_goes_with_its_parent_unless_it_outlives_it) {
  for (bool outlives : {false, true}) {
    auto all = family();
    all.emplace_back("starter", [outlives](workflow_context context) -> awaitable<json::value> {
      wt::child_options options;
      options.execution_id = "kid";
      options.outlives_parent = outlives;
      context.start_child("child", nullptr, options);
      co_return nullptr;
    });
    server server(all);
    server.start("starter");
    BOOST_TEST(server.status("kid") == (outlives ? "RUNNING" : "TERMINATED"));
  }
}

BOOST_AUTO_TEST_CASE(a_child_that_cannot_be_started_fails_the_workflow_and_not_the_server) {
  server server(only("lonely", [](workflow_context context) -> awaitable<json::value> {
    context.start_child("nobody", nullptr);
    co_return nullptr;
  }));
  auto id = server.start("lonely");
  BOOST_TEST(server.status(id) == "FAILED");
}

BOOST_AUTO_TEST_CASE(continuing_as_new_starts_another_run_under_the_same_id_and_hands_over_signals) {
  server server(only("loop", [](workflow_context context) -> awaitable<json::value> {
    auto round = context.input().to_number<int>();
    auto said = co_await context.wait_signal("go");
    if (round < 3) co_return context.continue_as_new(round + 1);
    co_return said;
  }));
  wt::start_request request;
  request.execution_id = "x";
  request.input = 1;
  auto first_run = std::string(server.engine().execute("loop", request).at("run_id").as_string());
  for (int number = 1; number <= 3; ++number) server.engine().signal("x", "go", number);
  server.settle();
  BOOST_TEST(server.status("x") == "COMPLETED");
  BOOST_TEST(server.result("x") == json::value(3));
  BOOST_TEST(server.engine().get_run(first_run).at("status").as_string() == "CONTINUED_AS_NEW");
  auto events = server.events("x");
  const auto& continued = events.at(1).at("data").as_object();
  const auto& started = events.at(2).at("data").as_object();
  BOOST_TEST(continued.at("event_type").as_string() == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW");
  BOOST_TEST(continued.at("attributes").at("new_execution_run_id") == started.at("workflow_run_id"));
  BOOST_TEST(started.at("continued_run_id").as_string() == first_run);
  BOOST_TEST(started.at("first_execution_run_id").as_string() == first_run);
  BOOST_TEST(server.engine().done().of("started", "x") == 3);
  BOOST_TEST(server.engine().done().of("workflows.execute", "x") == 1);
}

BOOST_AUTO_TEST_CASE(continuing_as_new_can_take_an_execution_id_of_its_own) {
  server server(only("moves", [](workflow_context context) -> awaitable<json::value> {
    if (context.input() == json::value(2)) co_return "there";
    wt::continue_options options;
    options.new_execution_id = true;
    co_return context.continue_as_new(2, options);
  }));
  server.start("moves", 1, "x");
  BOOST_TEST(server.status("x") == "CONTINUED_AS_NEW");
  auto next = std::string(
      server.events("x").at(1).at("data").at("attributes").at("new_execution_run_id").as_string());
  auto run = server.engine().get_run(next);
  BOOST_TEST(run.at("execution_id").as_string() != "x");
  BOOST_TEST(run.at("result").as_string() == "there");
}

BOOST_AUTO_TEST_CASE(a_final_failure_is_not_retried) {
  workflow_definition stubborn("stubborn", [](workflow_context) -> awaitable<json::value> {
    throw wt::workflow_failure("never", true);
    co_return nullptr;
  });
  stubborn.retry.maximum_attempts = 5;
  std::vector<workflow_definition> all;
  all.push_back(stubborn);
  server server(all);
  BOOST_TEST(server.status(server.start("stubborn")) == "FAILED");
}

BOOST_AUTO_TEST_SUITE_END()
