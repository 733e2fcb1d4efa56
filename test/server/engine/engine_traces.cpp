// Traces made from what ran: events, spans, and OpenTelemetry's form of them. And metrics.
#include "server/engine/engine_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <set>

BOOST_AUTO_TEST_SUITE(engine_traces)

using namespace engine_test;
using boost::asio::awaitable;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

awaitable<json::value> child(workflow_context context) {
  co_await context.sleep_for(1s);
  co_return "grown up";
}

/// A task with progress, an activity that fails once, a child, then a wait.
awaitable<json::value> busy(workflow_context context) {
  auto task = context.start_task("report", parsed(R"({"pages": 0})"), "report-1");
  auto tries = std::make_shared<int>(0);
  auto flaky = [tries](const json::value&) -> json::value {
    if (++*tries == 1) throw std::runtime_error("not yet");
    return 1;
  };
  wt::activity_options twice;
  twice.maximum_attempts = 2;
  co_await context.activity("flaky", parsed("[1]"), flaky, twice);
  task.progress(parsed(R"({"pages": 1})"));
  auto started = context.start_child("child", nullptr);
  co_await started.result();
  task.complete(2);
  co_await context.wait_signal("go");
  co_return nullptr;
}

awaitable<json::value> told(workflow_context context) {
  auto what = context.input();
  if (what == "fail") throw std::runtime_error("as told");
  if (what == "wait") co_await context.wait_signal("never");
  if (what == "retry" && context.attempt() == 1) throw std::runtime_error("once more");
  if (what == "again") co_return context.continue_as_new("sleep");
  co_await context.sleep_for(2s);
  co_return what;
}

std::vector<workflow_definition> all() {
  std::vector<workflow_definition> all;
  all.emplace_back("busy", busy);
  all.emplace_back("child", child);
  workflow_definition retried("told", told);
  retried.retry.maximum_attempts = 2;
  all.push_back(retried);
  return all;
}

strings names_of(const json::value& items) {
  strings names;
  for (const auto& item : items.as_array()) names.emplace_back(item.at("name").as_string());
  return names;
}

std::string run_busy(server& server) {
  auto id = server.start("busy");
  server.advance(1s);
  server.advance(1s);
  return id;
}

json::object metrics_of(server& server, const wt::metrics_range& range = wt::metrics_range()) {
  return server.engine().metrics("told", range);
}

double number(const json::object& metrics, const char* name) {
  return metrics.at(name).at("value").to_number<double>();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_trace_shows_each_event_and_merged_one_for_each_id) {
  server server(all());
  auto id = run_busy(server);
  auto each = server.engine().trace_events(id, false, false).at("events").as_array();
  auto merged = server.engine().trace_events(id, true, false).at("events").as_array();
  std::map<std::string, int> counts;
  for (const auto& event : each) ++counts[std::string(event.at("name").as_string())];
  BOOST_TEST(counts["report"] == 3);
  BOOST_TEST(counts["flaky"] == 3);
  for (const auto& event : merged) {
    if (event.at("type") != "EVENT_PROGRESS") continue;
    BOOST_TEST(event.at("status") == "COMPLETED");
    BOOST_TEST(event.at("start_time_unix_ms").as_int64() < event.at("end_time_unix_ms").as_int64());
    BOOST_TEST(event.at("error").is_null());
    for (const auto& member : event.at("attributes").as_object()) BOOST_TEST(!member.value().is_object());
  }
  BOOST_TEST(merged.size() == each.size() - 4);
  BOOST_TEST(merged[1].at("id") == "report-1");
}

BOOST_AUTO_TEST_CASE(the_platforms_own_events_are_shown_on_request_with_their_reset_points) {
  server server(all());
  auto id = run_busy(server);
  std::set<std::string> shown;
  auto with_internal = server.engine().trace_events(id, false, true);
  for (const auto& event : with_internal.at("events").as_array())
    if (event.at("name") == "WORKFLOW_TASK_COMPLETED") {
      BOOST_TEST(event.at("internal") == true);
      shown.insert(std::string(event.at("id").as_string()));
    }
  auto points =
      refusal_of([&] { server.engine().reset(id, wt::reset_request()); }).more().at("valid_reset_events");
  std::set<std::string> valid;
  for (const auto& point : points.as_array()) valid.insert(std::to_string(point.as_int64()));
  BOOST_TEST(shown == valid, boost::test_tools::per_element());
  auto without = server.engine().trace_events(id, false, false);
  for (const auto& event : without.at("events").as_array()) BOOST_TEST(event.at("internal") == false);
}

BOOST_AUTO_TEST_CASE(the_span_tree_holds_tasks_activities_and_children) {
  server server(all());
  auto id = run_busy(server);
  auto answer = server.engine().trace_summary(id);
  BOOST_TEST(answer.at("status") == "RUNNING");
  const auto& root = answer.at("span_tree");
  BOOST_TEST(root.at("name") == "busy");
  BOOST_TEST(root.at("end_time_unix_nano").is_null());
  BOOST_TEST(root.at("attributes").at("execution_id").as_string() == id);
  BOOST_TEST(names_of(root.at("children")) == (strings{"report", "flaky", "child"}),
             boost::test_tools::per_element());
  for (const auto& span : root.at("children").as_array())
    BOOST_TEST(span.at("end_time_unix_nano").is_int64());
  BOOST_TEST(names_of(root.at("events")).front() == "WORKFLOW_EXECUTION_STARTED");
}

BOOST_AUTO_TEST_CASE(open_telemetry_gets_ended_spans_alone_in_one_trace_with_the_child) {
  server server(all());
  auto id = server.start("busy");
  BOOST_TEST(server.engine().trace_otel(id).at("otel_trace_data").is_null());
  BOOST_TEST(server.engine().trace_info(id).at("has_trace_data") == false);
  server.advance(1s);
  auto child_id = std::string(server.events(id).back().at("data").at("workflow_exec_id").as_string());
  BOOST_TEST_REQUIRE(child_id != id);
  server.advance(1s);
  server.signal(id, "go");
  auto answer = server.engine().trace_otel(id);
  BOOST_TEST(server.engine().trace_info(id).at("has_trace_data") == true);
  BOOST_TEST(server.engine().trace_info(id).at("otel_trace_id") == answer.at("otel_trace_id"));
  BOOST_TEST(server.engine().trace_info(child_id).at("otel_trace_id") == answer.at("otel_trace_id"));
  const auto& spans =
      answer.at("otel_trace_data").at("batches").at(0).at("scopeSpans").at(0).at("spans").as_array();
  BOOST_TEST(spans.size() == 4U);
  std::set<std::string> ids;
  for (const auto& span : spans) {
    BOOST_TEST(span.at("traceId") == answer.at("otel_trace_id"));
    BOOST_TEST(span.at("startTimeUnixNano").is_string());
    BOOST_TEST(span.at("endTimeUnixNano").is_string());
    ids.insert(std::string(span.at("spanId").as_string()));
    BOOST_TEST(span.at("parentSpanId").is_null() == (ids.size() == 1));
    if (ids.size() > 1) BOOST_TEST(span.at("parentSpanId") == spans[0].at("spanId"));
    for (const auto& attribute : span.at("attributes").as_array())
      if (attribute.at("key") == "attempt") BOOST_TEST(attribute.at("value").at("intValue") == "1");
  }
  BOOST_TEST(ids.size() == 4U);
}

BOOST_AUTO_TEST_CASE(attributes_of_the_caller_stand_at_the_root_span_also_after_a_restart) {
  scratch_folder folder;
  for (int start = 0; start < 2; ++start) {
    server server(all(), folder.path());
    if (start == 0) {
      wt::start_request request;
      request.execution_id = "x";
      request.input = "wait";
      request.tracing["team"] = "blue";
      server.engine().execute("told", request);
      server.settle();
    }
    BOOST_TEST(server.engine().trace_summary("x").at("span_tree").at("attributes").at("team") == "blue");
  }
}

BOOST_AUTO_TEST_CASE(metrics_count_what_ran) {
  server server(all());
  BOOST_TEST(number(metrics_of(server), "execution_count") == 0);
  BOOST_TEST(number(metrics_of(server), "average_latency_ms") == 0);
  server.start("told", "sleep", "completes");
  server.start("told", "retry", "completes-later");
  server.start("told", "fail", "fails");
  server.start("told", "wait", "waits");
  server.start("told", "wait", "terminated");
  server.start("told", "again", "continues");
  server.advance(10s);
  server.engine().terminate("terminated");
  auto metrics = metrics_of(server);
  BOOST_TEST(number(metrics, "execution_count") == 6);
  BOOST_TEST(number(metrics, "success_count") == 3);
  BOOST_TEST(number(metrics, "error_count") == 2);
  // Of "retry" and "fail", which was tried twice too.
  BOOST_TEST(number(metrics, "retry_rate") == 2.0 / 6, boost::test_tools::tolerance(1e-9));
  // 2 s, 1 s + 2 s, 1 s, 10 s, 2 s
  BOOST_TEST(number(metrics, "average_latency_ms") == 18000.0 / 5, boost::test_tools::tolerance(1e-9));
  const auto& points = metrics.at("latency_over_time").at("value").as_array();
  BOOST_TEST(!points.empty());
  for (const auto& point : points) {
    BOOST_TEST(point.as_array().size() == 2U);
    BOOST_TEST(point.at(0).is_int64());
  }
}

BOOST_AUTO_TEST_CASE(metrics_count_what_started_within_the_range_bounds_included) {
  server server(all());
  auto begin = server.clock()->now();
  for (int number = 0; number < 4; ++number) {
    server.start("told", "sleep");
    server.advance(1min);
  }
  wt::metrics_range range;
  range.start_time = begin + 1min;
  BOOST_TEST(number(metrics_of(server, range), "execution_count") == 3);
  range.end_time = begin + 2min;
  BOOST_TEST(number(metrics_of(server, range), "execution_count") == 2);
  BOOST_TEST(metrics_of(server, range).at("latency_over_time").at("value").as_array().size() == 2U);
  BOOST_TEST(refusal_of([&] { server.engine().metrics("nobody", range); }).code() == "WF_1100");
}

BOOST_AUTO_TEST_SUITE_END()
