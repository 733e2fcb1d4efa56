// Traces and logs of executions: what each operation sends and how its answer is read.
#include "session/operations/operations.hpp"

#include <mistral/workflows/executions.hpp>

using namespace mistral::workflows;
using test::some_uuid;

namespace {

// An execution's answer with more members.
std::string with(const std::string& members) {
  std::string text = test::execution_json(test::asked_id, "COMPLETED", "2026-01-01T00:00:00Z");
  text.back() = ',';
  return text + members + "}";
}

}  // namespace

// GCC 12 destroys an aggregate temporary twice in a co_await expression.
static_assert(!std::is_aggregate_v<trace_events_request> && !std::is_aggregate_v<execution_logs_request>);

BOOST_FIXTURE_TEST_SUITE(operations_on_executions, test::operations)

BOOST_AUTO_TEST_CASE(search_keys_come_when_they_are_asked_for) {
  const executions_api executions(server.client());
  const execution plain = answered(with("\"total_duration_ms\":1"), [&] { return executions.get("e1"); });
  BOOST_TEST(!plain.search_keys.has_value());
  BOOST_TEST(line() == "GET /v1/workflows/executions/e1");
  const execution keyed =
      answered(with(R"("search_keys":{"order":"A-1"})"), [&] { return executions.get("e1", true); });
  BOOST_TEST(keyed.search_keys.value().at("order") == "A-1");
  BOOST_TEST(line() == "GET /v1/workflows/executions/e1?include_search_keys=true");
}

BOOST_AUTO_TEST_CASE(an_execution_id_has_at_most_256_characters_whatever_their_bytes) {
  const executions_api executions(server.client());
  std::string id;
  for (int i = 0; i < 256; ++i) id += "\xC3\xA9";
  answered(with("\"total_duration_ms\":1"), [&] { return executions.get(id); });
  BOOST_TEST(refused([&] { return executions.get(id + "e"); }) == "execution_id");
}

BOOST_AUTO_TEST_CASE(a_trace_is_read_in_each_of_its_forms) {
  const executions_api executions(server.client());
  const trace_info info = answered(R"({"otel_trace_id":"t","has_trace_data":true})",
                                   [&] { return executions.trace_info("e/1"); });
  BOOST_TEST(info.has_trace_data);
  BOOST_TEST(line() == "GET /v1/workflows/executions/e%2F1/trace/info");

  const auto otel =
      answered(with(R"("data_source":"tempo","otel_trace_id":"t","otel_trace_data":{"batches":[]})"),
               [&] { return executions.trace_otel("e1"); });
  BOOST_TEST(otel.execution_id == "e1");
  BOOST_TEST(otel.data_source == "tempo");
  BOOST_TEST(otel.otel_trace_data.has_value());
  BOOST_TEST(line() == "GET /v1/workflows/executions/e1/trace/otel");

  const auto summary =
      answered(with(R"("span_tree":{"span_id":"s","name":"root","start_time_unix_nano":1,)"
                    R"("end_time_unix_nano":null,"attributes":{"n":1},"events":[],"children":[]})"),
               [&] { return executions.trace_summary("e1"); });
  BOOST_TEST(summary.span_tree.value().name == "root");
  BOOST_TEST(line() == "GET /v1/workflows/executions/e1/trace/summary");
}

BOOST_AUTO_TEST_CASE(trace_events_are_merged_and_completed_on_demand) {
  const executions_api executions(server.client());
  const std::string answer = with(
      R"("events":[{"name":"step","id":"1","timestamp_unix_nano":1767323045000000006,"attributes":{}}])");
  const auto read = answered(answer, [&] { return executions.trace_events("e1"); });
  BOOST_TEST(read.events.at(0).timestamp_unix_nano.time_since_epoch().count() == 1'767'323'045'000'000'006);
  BOOST_TEST(line() == "GET /v1/workflows/executions/e1/trace/events");
  trace_events_request all;
  all.merge_same_id_events = true;
  all.include_internal_events = false;
  answered(answer, [&] { return executions.trace_events("e1", all); });
  BOOST_TEST(
      line() ==
      "GET /v1/workflows/executions/e1/trace/events?merge_same_id_events=true&include_internal_events=false");
}

BOOST_AUTO_TEST_CASE(logs_are_read_page_by_page_with_every_filter) {
  const executions_api executions(server.client());
  const std::string page =
      R"({"results":[{"timestamp":"2026-01-02T03:04:05.000006Z","trace_id":"t","span_id":"s",)"
      R"("severity_text":"INFO","body":"hello","log_attributes":{"k":"v"}}],"next_cursor":"c2"})";
  const log_page first = answered(page, [&] { return executions.logs("e1"); });
  BOOST_TEST(first.results.at(0).body == "hello");
  BOOST_TEST((first.results.at(0).timestamp == test::some_time()));
  BOOST_TEST(first.next_cursor.value() == "c2");
  BOOST_TEST(line() == "GET /v1/workflows/executions/e1/logs");

  execution_logs_request all;
  all.run_id = some_uuid;
  all.activity_id = "12";
  all.after = test::some_time();
  all.before = test::some_time();
  all.order = sort_order::descending;
  all.cursor = "c,2";
  all.limit = 100;
  answered(page, [&] { return executions.logs("e1", all); });
  BOOST_TEST(
      line() ==
      "GET /v1/workflows/executions/e1/logs?run_id=" + some_uuid +
          "&activity_id=12&after=2026-01-02T03%3A04%3A05.000006Z&before=2026-01-02T03%3A04%3A05.000006Z"
          "&order=desc&cursor=c%2C2&limit=100");
}

BOOST_AUTO_TEST_CASE(a_log_filter_that_cannot_be_is_refused_by_name) {
  const executions_api executions(server.client());
  const auto refused_with = [&](auto change) {
    execution_logs_request request;
    change(request);
    return refused([&] { return executions.logs("e1", request); });
  };
  BOOST_TEST(refused_with([](auto& r) { r.run_id = "run"; }) == "run_id");
  BOOST_TEST(refused_with([](auto& r) { r.activity_id = "1a"; }) == "activity_id");
  BOOST_TEST(refused_with([](auto& r) { r.activity_id = ""; }) == "activity_id");
  BOOST_TEST(refused_with([](auto& r) { r.limit = 0; }) == "limit");
  BOOST_TEST(refused_with([](auto& r) { r.limit = 101; }) == "limit");
  BOOST_TEST(refused([&] { return executions.trace_info(""); }) == "execution_id");
  BOOST_TEST(refused([&] { return executions.trace_events(".."); }) == "execution_id");
}

BOOST_AUTO_TEST_SUITE_END()
