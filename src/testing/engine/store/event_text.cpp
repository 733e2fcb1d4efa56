#include "testing/engine/store/event_text.hpp"

#include "testing/engine/common/packed_text.hpp"

#include <vector>

namespace mistral::workflows::testing {
namespace {

// Pieces of the payloads and steps that there are most of, as event_payload.cpp and
// the engine make them. What changes there makes texts longer here, never wrong.
constexpr std::string_view usual[] = {
    R"({"stream":"workflow_events","timestamp":")",
    R"(","data":{"event_id":")",
    R"(","event_timestamp":)",
    R"(,"root_workflow_exec_id":")",
    R"(","parent_workflow_exec_id":null,"continued_run_id":null,"first_execution_run_id":")",
    R"(","parent_workflow_exec_id":")",
    R"(","continued_run_id":null,"first_execution_run_id":")",
    R"(","parent_workflow_exec_id":null,"continued_run_id":")",
    R"(","first_execution_run_id":")",
    R"(","schedule_id":null,"workflow_exec_id":")",
    R"(","schedule_id":")",
    R"(","workflow_exec_id":")",
    R"(","workflow_run_id":")",
    R"(","workflow_name":")",
    R"(","event_type":"WORKFLOW_EXECUTION_STARTED","attributes":{"task_id":")",
    R"(","event_type":"WORKFLOW_EXECUTION_COMPLETED","attributes":{"task_id":")",
    R"(","event_type":"WORKFLOW_EXECUTION_FAILED","attributes":{"task_id":")",
    R"(","event_type":"WORKFLOW_EXECUTION_CANCELED","attributes":{"task_id":")",
    R"(","event_type":"WORKFLOW_EXECUTION_CONTINUED_AS_NEW","attributes":{"task_id":")",
    R"(","event_type":"CUSTOM_TASK_)",
    R"(","event_type":"ACTIVITY_TASK_)",
    R"(","event_type":")",
    R"(","attributes":{)",
    R"(","display_name":")",
    R"(","input":{"type":"json","value":)",
    R"(","result":{"type":"json","value":)",
    R"(","failure":{"message":")",
    R"("},"attempt":1}},"workflow_context":{"namespace":"default","workflow_name":")",
    R"(},"attempt":1}},"workflow_context":{"namespace":"default","workflow_name":")",
    R"("},"attempt":)",
    R"(},"attempt":)",
    R"(}},"workflow_context":{"namespace":"default","workflow_name":")",
    R"(","parent_workflow_exec_id":null,"root_workflow_exec_id":")",
    R"(","root_workflow_exec_id":")",
    R"("},"metadata":{},"broker_sequence":)",
    R"("},"metadata":{)",
    R"(},"broker_sequence":)",
    R"({"number":)",
    R"(,"length":)",
    R"(,"due":)",
    R"({"result":)",
    R"(,"status":"COMPLETED"})",
    R"({"error":")",
    R"(","status":"FAILED"})",
    R"(","status":"CANCELED"})",
    R"(","status":"TERMINATED"})",
    R"(","due":)",
    R"({"attempt":)",
};

std::vector<std::string_view> words_of(const run_state& run) {
  std::vector<std::string_view> words(std::begin(usual), std::end(usual));
  const auto& identity = run.identity;
  for (const auto* text : {&identity.run_id, &identity.execution_id, &identity.workflow_name,
                           &identity.root_execution_id, &identity.first_run_id, &run.input})
    words.push_back(text->view());
  for (const auto* text : {&identity.parent_execution_id, &identity.continued_run_id, &identity.schedule_id})
    words.push_back(*text ? (**text).view() : std::string_view());
  // Before the end these are not what they will be.
  words.push_back(run.over() ? run.result.view() : std::string_view());
  words.push_back(run.over() ? run.failure.view() : std::string_view());
  return words;
}

void put_text(std::string& out, const std::string& text) {
  put_number(out, text.size());
  out += text;
}

std::string take_text(std::string_view& from) {
  const auto size = static_cast<std::size_t>(take_number(from));
  std::string text(from.substr(0, size));
  from.remove_prefix(size);
  return text;
}

}  // namespace

std::string pack_of(const run_state& run, std::string_view text) {
  return pack(text, words_of(run), run.start);
}
std::string unpack_of(const run_state& run, std::string_view packed) {
  return unpack(packed, words_of(run), run.start);
}
std::string payload_of(const stored_event& event) { return unpack_of(*event.run, event.packed); }

std::string pack_work(const run_state& run, const run_work& work) {
  const auto words = words_of(run);
  std::string out;
  put_number(out, work.attempt_begin);
  put_number(out, work.steps.size());
  for (const auto& one : work.steps) {
    put_number(out, static_cast<std::uint64_t>(one.kind));
    // Repeated steps are older than the run: a difference
    // may be negative, and wraps round on the way and back.
    put_number(out, static_cast<std::uint64_t>((one.at - run.start).count()));
    put_number(out, static_cast<std::uint64_t>(one.event));
    put_text(out, pack(one.data, words, run.start));
  }
  put_number(out, work.backlog.size());
  for (const auto& item : work.backlog) put_text(out, item);
  put_number(out, work.search_keys.size());
  for (const auto& [key, value] : work.search_keys) {
    put_text(out, key);
    put_text(out, value);
  }
  return out;
}

run_work unpack_work(const run_state& run, std::string_view packed) {
  const auto words = words_of(run);
  run_work work;
  work.attempt_begin = static_cast<std::size_t>(take_number(packed));
  work.steps.resize(static_cast<std::size_t>(take_number(packed)));
  for (auto& one : work.steps) {
    one.kind = static_cast<record_kind>(take_number(packed));
    one.at = run.start + std::chrono::nanoseconds(static_cast<std::int64_t>(take_number(packed)));
    one.event = static_cast<std::int64_t>(take_number(packed));
    one.data = unpack(take_text(packed), words, run.start);
  }
  for (auto left = take_number(packed); left > 0; --left) work.backlog.push_back(take_text(packed));
  for (auto left = take_number(packed); left > 0; --left) {
    auto key = take_text(packed);
    work.search_keys[std::move(key)] = take_text(packed);
  }
  return work;
}

}  // namespace mistral::workflows::testing
