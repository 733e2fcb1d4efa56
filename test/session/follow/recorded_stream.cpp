#include "session/follow/recorded_stream.hpp"

#include <utility>

namespace recorded {

namespace {

using attributes_of_type = std::pair<std::string, std::string>;

const std::string payload = R"({"type":"json","value":{"n":1,"text":"Grüße\n"}})";

const std::vector<attributes_of_type>& types() {
  static const std::vector<attributes_of_type> all = {
      {"CUSTOM_TASK_STARTED",
       R"({"custom_task_id":"c1","custom_task_type":"step","payload":)" + payload + "}"},
      {"CUSTOM_TASK_IN_PROGRESS",
       R"({"custom_task_id":"c1","custom_task_type":"step","payload":)" + payload + "}"},
      {"CUSTOM_TASK_COMPLETED",
       R"({"custom_task_id":"c1","custom_task_type":"step","payload":)" + payload + "}"},
      {"CUSTOM_TASK_FAILED",
       R"({"custom_task_id":"c2","custom_task_type":"step","failure":{"message":"no"}})"},
      {"CUSTOM_TASK_TIMED_OUT",
       R"({"custom_task_id":"c3","custom_task_type":"step","timeout_type":"START_TO_CLOSE"})"},
      {"CUSTOM_TASK_CANCELED", R"({"custom_task_id":"c4","custom_task_type":"step","reason":null})"},
      {"ACTIVITY_TASK_STARTED", R"({"task_id":"a1","activity_name":"fetch","input":)" + payload + "}"},
      {"ACTIVITY_TASK_COMPLETED", R"({"task_id":"a1","activity_name":"fetch","result":)" + payload + "}"},
      {"ACTIVITY_TASK_RETRYING",
       R"({"task_id":"a2","activity_name":"fetch","attempt":1,"failure":{"message":"later"}})"},
      {"ACTIVITY_TASK_FAILED",
       R"({"task_id":"a2","activity_name":"fetch","attempt":2,"failure":{"message":"never"}})"},
      {"WORKFLOW_TASK_TIMED_OUT", R"({"task_id":"w1","timeout_type":null})"},
      {"WORKFLOW_TASK_FAILED", R"({"task_id":"w2","failure":{"message":"bug"}})"},
      {"SOMETHING_OF_THE_FUTURE", R"({"surprise":[1,2,3]})"},
  };
  return all;
}

std::vector<std::string> record() {
  std::vector<std::string> out;
  out.push_back(started(1));
  // A child goes through every end that there is; none of them is the stream's.
  out.push_back(
      frame(2, "WORKFLOW_EXECUTION_CANCELED", R"({"task_id":"t","reason":"parent"})", "child-1", "run-c1"));
  out.push_back(frame(3, "WORKFLOW_EXECUTION_FAILED", R"({"task_id":"t","failure":{"message":"x"}})",
                      "child-2", "run-c2"));
  out.push_back(
      frame(4, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
            R"({"task_id":"t","new_execution_run_id":"run-c4","workflow_name":"w","input":)" + payload + "}",
            "child-3", "run-c3"));
  out.push_back(frame(5, "WORKFLOW_EXECUTION_COMPLETED", R"({"task_id":"t","result":)" + payload + "}",
                      "child-4", "run-c5"));
  for (std::int64_t sequence = 6; sequence < 60; ++sequence) {
    const auto& [type, attributes] = types()[static_cast<std::size_t>(sequence) % types().size()];
    std::string text = frame(sequence, type, attributes);
    if (sequence % 7 == 0) text = ": keep-alive\n\n" + text;
    if (sequence % 11 == 0) text = "retry: 0\r\n" + text;
    out.push_back(text);
  }
  out.push_back(completed(60));
  return out;
}

}  // namespace

std::string frame(std::int64_t sequence, const std::string& type, const std::string& attributes,
                  const std::string& execution_id, const std::string& run_id) {
  const std::string number = std::to_string(sequence);
  return "id: " + number + "\nevent: " + type +
         "\ndata: " + R"({"stream":"events","timestamp":"2025-12-17T10:25:07.818693Z",)" +
         R"("data":{"event_id":"e-)" + number +
         R"(","event_timestamp":1765967107818693000,"root_workflow_exec_id":")" + execution +
         R"(","parent_workflow_exec_id":null,"continued_run_id":null,"first_execution_run_id":null,"schedule_id":null,)" +
         R"("workflow_exec_id":")" + execution_id + R"(","workflow_run_id":")" + run_id +
         R"(","workflow_name":"w","event_type":")" + type + R"(","attributes":)" + attributes +
         R"(},"workflow_context":{"namespace":"n","workflow_name":"w","workflow_exec_id":")" + execution_id +
         R"(","parent_workflow_exec_id":null,"root_workflow_exec_id":null},"metadata":{},"broker_sequence":)" +
         number + "}\n\n";
}

std::string progress(std::int64_t sequence, const std::string& run_id) {
  return frame(sequence, types()[1].first, types()[1].second, execution, run_id);
}

std::string started(std::int64_t sequence, const std::string& run_id) {
  return frame(sequence, "WORKFLOW_EXECUTION_STARTED",
               R"({"task_id":"t","workflow_name":"w","display_name":null,"input":)" + payload + "}",
               execution, run_id);
}

std::string completed(std::int64_t sequence, const std::string& run_id) {
  return frame(sequence, "WORKFLOW_EXECUTION_COMPLETED", R"({"task_id":"t","result":)" + payload + "}",
               execution, run_id);
}

std::string failed(std::int64_t sequence, const std::string& run_id) {
  return frame(sequence, "WORKFLOW_EXECUTION_FAILED", R"({"task_id":"t","failure":{"message":"no"}})",
               execution, run_id);
}

const std::vector<std::string>& frames() {
  static const std::vector<std::string> all = record();
  return all;
}

}  // namespace recorded
