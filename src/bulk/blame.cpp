#include "bulk/blame.hpp"

#include <algorithm>
#include <string_view>

namespace mistral::workflows::bulk_core {
namespace {

struct fault_rule {
  int status;
  blame says;
};

// Statuses that are not here are the batch's: what is wrong with a
// key, an address, a workflow or the service is wrong for all jobs.
// clang-format off
constexpr fault_rule fault_of_status[] = {
    {400, blame::job},      // what was sent is not understood
    {409, blame::job},      // something stands in the way of this id
    {413, blame::job},      // its input is too large
    {414, blame::job},
    {422, blame::job},      // its input is refused
    {431, blame::job},
    {402, blame::quota},
    {425, blame::passing},  // too early, says the edge
    {429, blame::passing},  // but for one with a long Retry-After
};
// clang-format on

blame blame_of_answer(const api_error& answer, std::span<const std::string> quota_codes) {
  const std::string& code = answer.details().code;
  if (!code.empty() && std::find(quota_codes.begin(), quota_codes.end(), code) != quota_codes.end())
    return blame::quota;
  // The workflow, whatever the status says.
  if (answer.code() == errc::workflow_not_found || answer.code() == errc::payload_encoding_required)
    return blame::batch;
  if (answer.status() == 429 &&
      retry_after_of(answer).value_or(std::chrono::milliseconds(0)) > longest_patience)
    return blame::quota;
  for (const fault_rule& rule : fault_of_status)
    if (rule.status == answer.status()) return rule.says;
  return blame::batch;
}

// An option is the same for all jobs; anything else that is refused here is part of the job.
bool is_option_field(std::string_view field) {
  return field.starts_with("client") || field.starts_with("call_options") ||
         field.starts_with("retry_options");
}

}  // namespace

std::optional<std::chrono::milliseconds> retry_after_of(const error& what) {
  if (const auto* held_back = dynamic_cast<const rate_limited_error*>(&what)) return held_back->retry_in();
  const auto* answer = dynamic_cast<const api_error*>(&what);
  if (answer == nullptr || !answer->details().retry_after_ms) return std::nullopt;
  return std::chrono::milliseconds(*answer->details().retry_after_ms);
}

blame blame_of(const error& what, std::span<const std::string> quota_codes) {
  if (const auto* answer = dynamic_cast<const api_error*>(&what))
    return blame_of_answer(*answer, quota_codes);
  if (const auto* refused = dynamic_cast<const invalid_argument*>(&what))
    return is_option_field(refused->field()) ? blame::batch : blame::job;
  if (dynamic_cast<const rate_limited_error*>(&what) != nullptr) return blame::quota;
  if (dynamic_cast<const cancelled_error*>(&what) != nullptr) return blame::passing;
  // Something else stands under the job's id, or its execution ended already.
  if (what.code() == errc::start_unknown || what.code() == errc::execution_failed) return blame::job;
  return blame::batch;
}

}  // namespace mistral::workflows::bulk_core
