// Every operation against the local server, over TLS, as a user calls it.
#include "api/support.hpp"

#include <set>
#include <string>

using namespace mistral::workflows;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(operations, test::local)

BOOST_AUTO_TEST_CASE(workflows_are_listed_page_by_page_and_read_by_name_and_by_uuid) {
  run([&]() -> awaitable<void> {
    std::set<std::string> names;
    workflow_list_request request;
    request.limit = 4;
    for (;;) {
      const workflow_page page = co_await client.workflows().list(request);
      for (const auto& known : page.workflows) names.insert(known.name);
      if (!page.next_cursor) break;
      request.cursor = page.next_cursor;
    }
    BOOST_TEST(names.size() == 6u);
    const workflow_with_status by_name = co_await client.workflows().get("gate");
    const workflow_with_status by_id = co_await client.workflows().get(by_name.id);
    BOOST_TEST(by_id.name == "gate");
  });
}

BOOST_AUTO_TEST_CASE(an_unknown_workflow_and_an_unknown_execution_are_told_apart) {
  const auto unknown_workflow =
      error_of<api_error>([&]() -> awaitable<void> { co_await client.workflows().get("nope"); });
  BOOST_TEST((unknown_workflow.code() == errc::workflow_not_found));
  BOOST_TEST(unknown_workflow.operation() == "workflows.get");
  const auto unknown_execution =
      error_of<api_error>([&]() -> awaitable<void> { co_await client.executions().get("nope"); });
  BOOST_TEST(unknown_execution.status() == 404);
  const auto start =
      error_of<api_error>([&]() -> awaitable<void> { co_await client.workflows().execute("nope"); });
  BOOST_TEST((start.code() == errc::workflow_not_found));
}

BOOST_AUTO_TEST_CASE(an_execution_is_started_with_any_json_and_read_with_its_result) {
  run([&]() -> awaitable<void> {
    const test::json::value input = {1, "two", nullptr, 3.5, 9'007'199'254'740'993};
    const started_execution started = co_await client.workflows().execute("echo", execute_request(input));
    BOOST_TEST((started.outcome == start_outcome::started));
    const test::json::value result = co_await client.executions().result(started.execution_id);
    BOOST_TEST(result == input);
    const execution ended = co_await client.executions().get(started.execution_id);
    BOOST_TEST((ended.status == execution_status::completed));
    BOOST_TEST(ended.workflow_name == "echo");
    BOOST_TEST(ended.root_execution_id == started.execution_id);
    BOOST_TEST(ended.end_time.has_value());
  });
}

BOOST_AUTO_TEST_CASE(an_execution_is_signalled_queried_and_updated) {
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    const auto& id = started.execution_id;
    const query_answer before = co_await client.executions().query(id, query_request("state"));
    BOOST_TEST(before.query_name == "state");
    BOOST_TEST(before.result == "closed");
    const test::json::object to = {{"to", "open"}};
    const update_answer updated = co_await client.executions().update(id, update_request("set", to));
    BOOST_TEST(updated.result == "open");
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal(id, signal_request("go", by));
    const test::json::value result = co_await client.executions().result(id);
    BOOST_TEST(result.at("state") == "open");
    BOOST_TEST(result.at("by").at("by") == "Ada");
  });
}

BOOST_AUTO_TEST_CASE(an_input_that_does_not_fit_the_declared_one_is_an_invalid_request) {
  const auto e = error_of<api_error>([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    const test::json::object wrong = {{"who", "Ada"}};
    co_await client.executions().update(started.execution_id, update_request("set", wrong));
  });
  BOOST_TEST((e.code() == errc::invalid_request));
  BOOST_TEST(e.status() == 422);
  BOOST_TEST((e.server_may_have_acted() == server_action::no));
}

BOOST_AUTO_TEST_CASE(a_cancelled_execution_ends_as_canceled_and_a_terminated_one_as_terminated) {
  run([&]() -> awaitable<void> {
    const started_execution first = co_await client.workflows().execute("sleeps");
    co_await client.executions().cancel(first.execution_id);
    const auto cancelled = co_await try_(client.executions().result(first.execution_id));
    BOOST_TEST((cancelled.code() == errc::execution_failed));
    const execution state = co_await client.executions().get(first.execution_id);
    BOOST_TEST((state.status == execution_status::canceled));

    const started_execution second = co_await client.workflows().execute("sleeps");
    co_await client.executions().terminate(second.execution_id);
    const execution ended = co_await client.executions().get(second.execution_id);
    BOOST_TEST((ended.status == execution_status::terminated));
    const auto again = co_await try_(client.executions().terminate(second.execution_id));
    BOOST_TEST((again.code() == errc::execution_not_running));
  });
}

BOOST_AUTO_TEST_CASE(all_items_of_a_list_come_page_by_page) {
  run([&]() -> awaitable<void> {
    std::set<std::string> started;
    for (int i = 0; i < 5; ++i) {
      const auto run = co_await client.workflows().execute("echo");
      started.insert(run.execution_id);
    }
    std::set<std::string> listed;
    run_list_request two;
    two.page_size = 2;
    auto runs = client.runs().list_all(two);
    while (auto one = co_await runs.next()) listed.insert(one->execution_id);
    BOOST_TEST((listed == started));
    std::size_t count = 0;
    workflow_list_request one_each;
    one_each.limit = 1;
    auto all = client.workflows().list_all(one_each);
    while (auto one = co_await all.next()) ++count;
    BOOST_TEST(count == test::workflows().size());
  });
  BOOST_TEST(server.counts().requests_of("runs.list") == 3);
}

BOOST_AUTO_TEST_CASE(a_batch_tells_what_became_of_each_id) {
  run([&]() -> awaitable<void> {
    const started_execution one = co_await client.workflows().execute("sleeps");
    const started_execution two = co_await client.workflows().execute("sleeps");
    const std::vector<std::string> ids{one.execution_id, "nope"};
    const batch_outcome cancelled = co_await client.executions().batch_cancel(ids);
    BOOST_TEST((cancelled.items.at(0).status == batch_status::success));
    BOOST_TEST((cancelled.items.at(1).status == batch_status::failed));
    BOOST_TEST(!cancelled.items.at(1).text.empty());
    const std::vector<std::string> rest{two.execution_id};
    const batch_outcome terminated = co_await client.executions().batch_terminate(rest);
    BOOST_TEST(terminated.all_succeeded());
  });
}

BOOST_AUTO_TEST_CASE(a_reset_starts_a_new_run_under_the_same_id) {
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    const auto& id = started.execution_id;
    const test::json::value history = co_await client.executions().history(id);
    BOOST_TEST(!history.is_null());
    const auto refused = co_await try_(client.executions().reset(id, reset_request(999'999)));
    BOOST_REQUIRE((refused.code() == errc::invalid_request));
    std::int64_t point = 0;
    try {
      refused.value();
    } catch (const api_error& e) {
      point = e.details().body.at("valid_reset_events").at(0).to_number<std::int64_t>();
    }
    co_await client.executions().reset(id, reset_request(point));
    const execution now = co_await client.executions().get(id);
    BOOST_TEST((now.run_id != started.run_id));
    BOOST_TEST((now.status == execution_status::running));
    const execution before = co_await client.runs().get(*started.run_id);
    BOOST_TEST((before.status == execution_status::terminated));
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal(id, signal_request("go", by));
    co_await client.executions().result(id);
  });
}

BOOST_AUTO_TEST_CASE(runs_are_listed_with_filters_and_read_one_by_one) {
  run([&]() -> awaitable<void> {
    for (int i = 0; i < 5; ++i) {
      const started_execution started = co_await client.workflows().execute("echo");
      co_await client.executions().result(started.execution_id);
    }
    const started_execution asleep = co_await client.workflows().execute("sleeps");
    run_list_request request;
    request.workflow_identifier = "echo";
    request.status = {execution_status::completed, execution_status::failed};
    request.page_size = 2;
    std::set<std::string> seen;
    for (;;) {
      const run_page page = co_await client.runs().list(request);
      for (const auto& item : page.executions) seen.insert(item.run_id.value());
      if (!page.next_page_token) break;
      request.next_page_token = page.next_page_token;
    }
    BOOST_TEST(seen.size() == 5u);
    const execution one = co_await client.runs().get(*seen.begin());
    BOOST_TEST(one.workflow_name == "echo");
    const test::json::value history = co_await client.runs().history(*seen.begin());
    BOOST_TEST(!history.is_null());
    co_await client.executions().terminate(asleep.execution_id);
  });
}

BOOST_AUTO_TEST_CASE(ids_with_every_awkward_character_reach_the_execution_they_name) {
  run([&]() -> awaitable<void> {
    for (const std::string id : {"a/b c?d#e", "100%", "\xC3\xA9+&=", "..x", "terminate"}) {
      execute_request request;
      request.execution_id = id;
      const started_execution started = co_await client.workflows().execute("sleeps", request);
      BOOST_TEST(started.execution_id == id);
      const execution state = co_await client.executions().get(id);
      BOOST_TEST(state.execution_id == id);
      co_await client.executions().terminate(id);
    }
  });
}

BOOST_AUTO_TEST_CASE(a_lost_answer_to_a_start_never_starts_twice) {
  server.faults().add(testing::fault().on("workflows.execute").close_after_processing());
  run([&]() -> awaitable<void> {
    const started_execution started = co_await client.workflows().execute("gate");
    BOOST_TEST((started.outcome == start_outcome::adopted));
    const run_page all = co_await client.runs().list();
    BOOST_TEST(all.executions.size() == 1u);
    co_await client.executions().terminate(started.execution_id);
  });
  BOOST_TEST(server.counts().requests_of("workflows.execute") == 1);
}

BOOST_AUTO_TEST_CASE(a_running_execution_of_the_same_id_is_already_started) {
  const auto e = error_of<api_error>([&]() -> awaitable<void> {
    execute_request request;
    request.execution_id = "one";
    co_await client.workflows().execute("sleeps", request);
    co_await client.workflows().execute("sleeps", request);
  });
  BOOST_TEST((e.code() == errc::execution_already_started));
}

BOOST_AUTO_TEST_SUITE_END()
