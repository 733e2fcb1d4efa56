#include "bulk/completions/completion_news.hpp"

#include <chrono>
#include <cstddef>
#include <utility>
#include <variant>

namespace mistral::workflows::bulk_core {

namespace {

constexpr int most_rows = 1'000;

execution_status end_told_by(workflow_event_type type) {
  switch (type) {
    case workflow_event_type::workflow_execution_completed:
      return execution_status::completed;
    case workflow_event_type::workflow_execution_failed:
      return execution_status::failed;
    case workflow_event_type::workflow_execution_canceled:
      return execution_status::canceled;
    case workflow_event_type::workflow_execution_continued_as_new:
      return execution_status::continued_as_new;
    default:
      return execution_status::unknown;
  }
}

bool is_whole(const json_payload& payload) {
  return payload.type == "json" && (!payload.encoding_options || payload.encoding_options->empty());
}

void take_body(event_attributes& body, run_news& out) {
  if (auto* const completed = std::get_if<workflow_execution_completed>(&body)) {
    out.has_result = is_whole(completed->result);
    if (out.has_result) out.result = std::move(completed->result.value);
  } else if (auto* const failed = std::get_if<workflow_execution_failed>(&body)) {
    out.failure = std::move(failed->failure.message);
  } else if (auto* const continued = std::get_if<workflow_execution_continued_as_new>(&body)) {
    out.next_run = std::move(continued->new_execution_run_id);
  }
}

// The values of the members of that name, at whatever depth; stops where `use` returns true. `rare`: where in
// the quoted name stands a letter that texts have few of, which is what is looked for.
template <class Use>
bool any_of_members(std::string_view text, std::string_view quoted_name, std::size_t rare, Use use) {
  for (auto at = text.find(quoted_name[rare]); at != std::string_view::npos;
       at = text.find(quoted_name[rare], at + 1)) {
    if (at < rare || text.compare(at - rare, quoted_name.size(), quoted_name) != 0) continue;
    const auto rest = text.substr(at - rare + quoted_name.size());
    const auto quote = rest.find_first_not_of(": \t\n\r");
    if (quote == std::string_view::npos || rest[quote] != '"') continue;
    const auto value = rest.substr(quote + 1);
    if (use(value.substr(0, value.find('"')))) return true;
  }
  return false;
}

}  // namespace

bool may_concern(const completion_core& core, std::string_view text) {
  // With an escape in them names and values are not told by their text.
  if (text.find("\\u") != std::string_view::npos) return true;
  bool named = false;
  const auto is_known = [&](std::string_view id) {
    named = true;
    return id.find('\\') != std::string_view::npos || core.knows(id);
  };
  constexpr std::string_view execution = "\"workflow_exec_id\"", run = "\"workflow_run_id\"";
  if (any_of_members(text, execution, execution.find('x'), is_known)) return true;
  return !named || (core.awaits_next_runs() && any_of_members(text, run, run.find("_r"), is_known));
}

event_stream_request ends_of(const std::optional<std::string>& workflow_name) {
  event_stream_request out;
  out.workflow_name = workflow_name;
  out.workflow_event_types.emplace_back(workflow_event_type::workflow_execution_completed);
  out.workflow_event_types.emplace_back(workflow_event_type::workflow_execution_failed);
  out.workflow_event_types.emplace_back(workflow_event_type::workflow_execution_canceled);
  out.workflow_event_types.emplace_back(workflow_event_type::workflow_execution_continued_as_new);
  return out;
}

run_list_request rows_of(const page_window& window, const std::optional<std::string>& workflow_name) {
  run_list_request out;
  out.workflow_identifier = workflow_name;
  out.status.emplace_back(execution_status::terminated);
  out.status.emplace_back(execution_status::timed_out);
  if (window.wide) {
    out.status.emplace_back(execution_status::completed);
    out.status.emplace_back(execution_status::failed);
    out.status.emplace_back(execution_status::canceled);
    out.status.emplace_back(execution_status::continued_as_new);
  }
  out.sort_by = run_sort_key::end_time;
  out.order = sort_order::ascending;
  out.end_time_after = window.from;
  out.page_size = most_rows;
  return out;
}

run_news news_of(stream_event event) {
  workflow_event& data = event.data;
  run_news out;
  out.execution_id = std::move(data.workflow_exec_id);
  if (out.execution_id.empty()) out.execution_id = std::move(event.workflow_context.workflow_exec_id);
  out.run_id = std::move(data.workflow_run_id);
  out.status = end_told_by(data.event_type.value());
  if (data.event_timestamp != timestamp_ns())
    out.at = std::chrono::floor<std::chrono::microseconds>(data.event_timestamp);
  take_body(data.attributes, out);
  return out;
}

run_news news_of(execution_summary row) {
  run_news out;
  out.execution_id = std::move(row.execution_id);
  out.run_id = std::move(row.run_id).value_or(std::string());
  if (row.status) out.status = row.status->value();
  out.at = row.end_time;
  out.start = row.start_time;
  return out;
}

get_answer answer_of(const error& failure) {
  get_answer out;
  // A page of a proxy's passes; an execution that cannot be read, as it nests too deep, cannot at the next
  // GET either.
  const auto* const unread = dynamic_cast<const decode_error*>(&failure);
  if (unread && unread->excerpt().starts_with('{')) out.said = get_answer::verdict::refused;
  const auto* const answered = dynamic_cast<const api_error*>(&failure);
  if (!answered) return out;
  const int status = answered->status();
  const bool passes = status == 408 || status == 425 || status == 429 || status >= 500;
  if (failure.code() == errc::workflow_not_found)
    out.said = get_answer::verdict::missing;
  else if (status == 404)
    out.said = get_answer::verdict::nothing;
  else if (!passes)
    out.said = get_answer::verdict::refused;
  if (const auto wait = answered->details().retry_after_ms) out.wait = std::chrono::milliseconds(*wait);
  return out;
}

}  // namespace mistral::workflows::bulk_core
