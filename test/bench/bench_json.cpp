// What decoding costs: nanoseconds per document, beside Boost.JSON's DOM, the DOM taken apart with value_to,
// and simdjson's on-demand reader filling the same structs. The last line is one JSON object with all of it.
// Not a test: it promises nothing; the numbers are to be read.
#include "protocol/json/date_time.hpp"
#include "protocol/json/decode.hpp"

#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <simdjson.h>
#include <boost/describe.hpp>
#include <boost/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace wf = mistral::workflows;
namespace json = boost::json;

namespace plain {

// The same documents for value_to, which fills structs described to Boost.
struct run {
  std::string workflow_name;
  std::optional<std::string> workflow_id, deployment_name;
  std::string execution_id;
  std::optional<std::string> parent_execution_id;
  std::string root_execution_id;
  std::optional<std::string> run_id, user_id, status;
  std::string start_time;
  std::optional<std::string> end_time;
  std::optional<std::int64_t> total_duration_ms;
};
BOOST_DESCRIBE_STRUCT(run, (),
                      (workflow_name, workflow_id, deployment_name, execution_id, parent_execution_id,
                       root_execution_id, run_id, user_id, status, start_time, end_time, total_duration_ms))
struct page {
  std::vector<run> executions;
  std::optional<std::string> next_page_token;
};
BOOST_DESCRIBE_STRUCT(page, (), (executions, next_page_token))

}  // namespace plain

namespace {

std::string run_text(int i) {
  const std::string id = "0192f0c4-7a5e-7c3b-9d1f-0000000000" + std::to_string(10 + i % 90);
  return R"({"workflow_name":"support-workflow","workflow_id":null,"deployment_name":null,"execution_id":")" +
         id + R"(","parent_execution_id":null,"root_execution_id":")" + id +
         R"(","run_id":null,"user_id":null,"status":"COMPLETED","start_time":"2025-12-17T10:25:07.818693Z",)"
         R"("end_time":"2025-12-17T10:26:07.000001Z","total_duration_ms":59181})";
}

std::string page_text() {
  std::string text = R"({"executions":[)";
  for (int i = 0; i < 50; ++i) text += (i ? "," : "") + run_text(i);
  return text + R"(],"next_page_token":"eyJvZmZzZXQiOjUwfQ=="})";
}

std::string execution_text() {
  std::string text = run_text(1);
  text.pop_back();
  return text + R"(,"result":{"ok":true,"n":3}})";
}

std::string event_text() {
  return R"({"stream":"workflow.events","timestamp":"2025-12-17T10:25:07.818693Z","data":{"event_id":"0192f0c4","event_timestamp":1765967107818693123,)"
         R"("root_workflow_exec_id":"x-1","parent_workflow_exec_id":null,"continued_run_id":null,"first_execution_run_id":null,"schedule_id":null,)"
         R"("workflow_exec_id":"x-1","workflow_run_id":"r-1","workflow_name":"support-workflow","event_type":"CUSTOM_TASK_STARTED",)"
         R"("attributes":{"custom_task_id":"t-1","custom_task_type":"answer"}},"workflow_context":{"namespace":"n","workflow_name":"support-workflow",)"
         R"("workflow_exec_id":"x-1"},"metadata":{},"broker_sequence":42})";
}

template <class F>
double nanoseconds(F&& work) {
  using clock = std::chrono::steady_clock;
  double best = 1e300;
  for (int round = 0; round < 15; ++round) {
    int count = 0;
    const auto start = clock::now();
    auto end = start;
    do {
      for (int i = 0; i < 20; ++i) work();
      count += 20;
      end = clock::now();
    } while (end - start < std::chrono::milliseconds(20));
    best = std::min(best, std::chrono::duration<double, std::nano>(end - start).count() / count);
  }
  return best;
}

template <class T>
double ours(const std::string& text) {
  return nanoseconds([&] {
    T made;
    if (wf::protocol::decode(std::string_view(text), made)) std::abort();
  });
}

double dom(const std::string& text) {
  return nanoseconds([&] { json::parse(text); });
}

void take(simdjson::ondemand::value& value, std::optional<std::string>& out) {
  if (!value.is_null()) out.emplace(std::string_view(value.get_string()));
}

// In whatever order the members come, as ours.
void fill(simdjson::ondemand::object object, wf::execution_summary& run) {
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    simdjson::ondemand::value value = field.value();
    if (key == "workflow_name")
      run.workflow_name = std::string_view(value.get_string());
    else if (key == "workflow_id")
      take(value, run.workflow_id);
    else if (key == "deployment_name")
      take(value, run.deployment_name);
    else if (key == "execution_id")
      run.execution_id = std::string_view(value.get_string());
    else if (key == "parent_execution_id")
      take(value, run.parent_execution_id);
    else if (key == "root_execution_id")
      run.root_execution_id = std::string_view(value.get_string());
    else if (key == "run_id")
      take(value, run.run_id);
    else if (key == "user_id")
      take(value, run.user_id);
    else if (key == "status") {
      if (!value.is_null()) run.status.emplace().assign(std::string_view(value.get_string()));
    } else if (key == "start_time")
      run.start_time = wf::protocol::parse_timestamp(std::string_view(value.get_string())).value();
    else if (key == "end_time") {
      if (!value.is_null())
        run.end_time = wf::protocol::parse_timestamp(std::string_view(value.get_string())).value();
    } else if (key == "total_duration_ms") {
      if (!value.is_null()) run.total_duration_ms = std::int64_t(value.get_int64());
    }
  }
}

double simdjson_page(const std::string& text) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  return nanoseconds([&] {
    wf::run_page page;
    simdjson::ondemand::document document = parser.iterate(padded);
    for (auto field : document.get_object()) {
      const std::string_view key = field.unescaped_key();
      simdjson::ondemand::value value = field.value();
      if (key == "executions") {
        for (auto element : value.get_array()) fill(element.get_object(), page.executions.emplace_back());
      } else if (key == "next_page_token")
        take(value, page.next_page_token);
    }
    if (page.executions.size() != 50) std::abort();
  });
}

double value_to_page(const std::string& text) {
  return nanoseconds([&] {
    if (json::value_to<plain::page>(json::parse(text)).executions.size() != 50) std::abort();
  });
}

}  // namespace

int main() {
  const std::string page = page_text(), execution = execution_text(), event = event_text();
  json::object report;
  const auto row = [&](const char* name, const std::string& text, double own, double tree) {
    std::printf("%-10s %6zu bytes   ours %9.0f ns   json::parse %9.0f ns\n", name, text.size(), own, tree);
    report[name] = {{"bytes", text.size()}, {"ours_ns", own}, {"parse_ns", tree}};
  };
  row("execution", execution, ours<wf::execution>(execution), dom(execution));
  row("event", event, ours<wf::stream_event>(event), dom(event));
  const double own = ours<wf::run_page>(page), sim = simdjson_page(page), to = value_to_page(page);
  row("page", page, own, dom(page));
  std::printf("page: simdjson %.0f ns, value_to %.0f ns; ours / simdjson %.2f\n", sim, to, own / sim);
  report["page"].as_object()["simdjson_ns"] = sim;
  report["page"].as_object()["value_to_ns"] = to;
  report["page"].as_object()["ours_over_simdjson"] = own / sim;
  std::printf("%s\n", json::serialize(report).c_str());
}
