// Event texts as the API sends them, for the programs that make a stream of them or decode one.
// Not a server: nginx hands the file out as it is.
#pragma once

#include <string>

namespace bench {

constexpr const char* streamed_execution = "0192f0c4-7a5e-7c3b-9d1f-000000000022";
constexpr const char* streamed_run = "0192f0c4-7a5e-7c3b-9d1f-000000000023";

/// The payload of a running execution's event: 530 bytes where `sequence` has six digits.
inline std::string event_text(int sequence) {
  const std::string number = std::to_string(sequence);
  return R"({"stream":"workflow.events","timestamp":"2025-12-17T10:25:07.818693Z","data":{"event_id":"e-)" +
         number +
         R"(","event_timestamp":1765967107818693123,)"
         R"("root_workflow_exec_id":"x-1","continued_run_id":null,"schedule_id":null,)"
         R"("workflow_exec_id":"x-1","workflow_run_id":"r-1","workflow_name":"support-workflow","event_type":"CUSTOM_TASK_STARTED",)"
         R"("attributes":{"custom_task_id":"t-1","custom_task_type":"ans"}},"workflow_context":{"namespace":"n","workflow_name":"support-workflow",)"
         R"("workflow_exec_id":"x-1"},"metadata":{},"broker_sequence":)" +
         number + "}";
}

/// The event that ends the stream of `streamed_execution`.
inline std::string last_event_text(int sequence) {
  const std::string number = std::to_string(sequence);
  const std::string id = streamed_execution;
  return R"({"stream":"workflow.events","timestamp":"2025-12-17T10:26:07.000001Z","data":{"event_id":"e-)" +
         number + R"(","event_timestamp":1765967167000001123,"root_workflow_exec_id":")" + id +
         R"(","parent_workflow_exec_id":null,"workflow_exec_id":")" + id + R"(","workflow_run_id":")" +
         streamed_run +
         R"(","workflow_name":"support-workflow","event_type":"WORKFLOW_EXECUTION_COMPLETED",)"
         R"("attributes":{"task_id":"t-0","result":{"type":"json","value":{"ok":true}}}},)"
         R"("workflow_context":{"namespace":"n","workflow_name":"support-workflow","workflow_exec_id":")" +
         id + R"("},"metadata":{},"broker_sequence":)" + number + "}";
}

/// So many events as they stand in the body of a stream, the last one terminal.
inline std::string stream_text(int events) {
  constexpr int first = 100'000;
  std::string text;
  text.reserve(static_cast<std::size_t>(events) * 600);
  for (int i = 0; i < events; ++i) {
    const int sequence = first + i;
    const bool last = i + 1 == events;
    text += "id: " + std::to_string(sequence) +
            "\nevent: " + (last ? "WORKFLOW_EXECUTION_COMPLETED" : "CUSTOM_TASK_STARTED") +
            "\ndata: " + (last ? last_event_text(sequence) : event_text(sequence)) + "\n\n";
  }
  return text;
}

}  // namespace bench
