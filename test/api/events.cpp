// Events across executions against the local server, over TLS, as a user calls it.
#include "api/support.hpp"

#include <algorithm>
#include <map>

using namespace mistral::workflows;
using test::asio::awaitable;

namespace {

test::json::object counting_to(int n) {
  test::json::object input;
  input["count"] = n;
  return input;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(events_across_executions, test::local)

BOOST_AUTO_TEST_CASE(are_streamed_with_filters_and_from_a_sequence_on) {
  run([&]() -> awaitable<void> {
    const started_execution one =
        co_await client.workflows().execute("ticks", execute_request(counting_to(3)));
    const started_execution two =
        co_await client.workflows().execute("ticks", execute_request(counting_to(5)));
    co_await client.executions().result(two.execution_id);

    event_stream_request of_two;
    of_two.workflow_exec_id = two.execution_id;
    of_two.workflow_event_types.emplace_back(workflow_event_type::custom_task_in_progress);
    auto ticks = client.events().stream(of_two);
    std::vector<std::int64_t> sequences;
    for (int i = 0; i < 5; ++i) {
      const auto tick = co_await ticks.next();
      BOOST_TEST_REQUIRE(tick.has_value());
      BOOST_TEST(tick->type() == "CUSTOM_TASK_IN_PROGRESS");
      BOOST_TEST(tick->data.workflow_exec_id == two.execution_id);
      sequences.push_back(tick->broker_sequence);
    }
    ticks.close();

    of_two.start_seq = sequences[2];  // inclusive
    auto rest = client.events().stream(of_two);
    for (std::size_t i = 2; i < 5; ++i) BOOST_TEST((co_await rest.next())->broker_sequence == sequences[i]);
  });
}

BOOST_AUTO_TEST_CASE(are_streamed_as_text_and_on_from_a_cursor) {
  run([&]() -> awaitable<void> {
    const started_execution started =
        co_await client.workflows().execute("ticks", execute_request(counting_to(3)));
    event_stream_request of_one;
    of_one.workflow_exec_id = started.execution_id;
    auto typed = client.events().stream(of_one);
    auto raw = client.events().stream_raw(of_one);
    std::string cursor;
    bool ends = false;
    while (!ends) {
      const auto event = co_await typed.next();
      const auto text = co_await raw.next();
      BOOST_TEST_REQUIRE(text.has_value());
      const stream_event decoded = text->decode();
      BOOST_TEST(decoded.broker_sequence == event->broker_sequence);
      BOOST_TEST(decoded.type() == event->type());
      BOOST_TEST(text->execution_id == "");
      BOOST_TEST(raw.cursor() == typed.cursor());
      ends = event->type() == "WORKFLOW_EXECUTION_COMPLETED";
      if (!ends) cursor = raw.cursor();
    }
    raw.close();

    stream_options options;
    options.from = cursor;
    auto rest = client.events().stream_raw(of_one, options);
    const auto last = co_await rest.next();
    BOOST_TEST((last->text.find("WORKFLOW_EXECUTION_COMPLETED") != std::string_view::npos));
  });
}

BOOST_AUTO_TEST_CASE(a_stream_of_texts_refuses_what_a_typed_one_does) {
  event_stream_request before_the_first;
  before_the_first.start_seq = -1;
  BOOST_CHECK_THROW(client.events().stream_raw(before_the_first), invalid_argument);
}

BOOST_AUTO_TEST_CASE(are_listed_page_by_page) {
  run([&]() -> awaitable<void> {
    const started_execution started =
        co_await client.workflows().execute("ticks", execute_request(counting_to(7)));
    co_await client.executions().result(started.execution_id);
    event_list_request request;
    request.workflow_exec_id = started.execution_id;
    request.limit = 4;
    std::vector<std::string> types;
    for (;;) {
      const event_page page = co_await client.events().list(request);
      BOOST_TEST(page.events.size() <= 4u);
      for (const auto& event : page.events) types.emplace_back(event.type());
      if (!page.next_cursor) break;
      request.cursor = page.next_cursor;
    }
    BOOST_TEST(types.front() == "WORKFLOW_EXECUTION_STARTED");
    BOOST_TEST(types.back() == "WORKFLOW_EXECUTION_COMPLETED");
    BOOST_TEST(std::count(types.begin(), types.end(), "CUSTOM_TASK_IN_PROGRESS") == 7);
  });
}

BOOST_AUTO_TEST_CASE(of_several_executions_are_merged_into_one_loop) {
  run([&]() -> awaitable<void> {
    event_merge all;
    std::map<std::string, int> expected;
    for (int n = 1; n <= 4; ++n) {
      const started_execution started =
          co_await client.workflows().execute("ticks", execute_request(counting_to(n)));
      expected[started.execution_id] = n;
      all.add(client.executions().stream(started.execution_id), started.execution_id);
    }
    std::map<std::string, int> got;
    while (auto one = co_await all.next()) {
      BOOST_TEST(one->event.data.workflow_exec_id == one->source_name);
      if (one->event.type() == "CUSTOM_TASK_IN_PROGRESS") ++got[one->source_name];
    }
    BOOST_TEST((got == expected));
  });
}

BOOST_AUTO_TEST_SUITE_END()
