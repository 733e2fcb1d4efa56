#include "bulk/blame.hpp"

#include <algorithm>
#include <string_view>

namespace mistral::workflows::bulk_core {
namespace {

using enum blame;

struct status_rule {
  int status;
  blame says;
};

// Statuses that are not here are the batch's: what is wrong with a key, an address, a workflow or the service is wrong for all jobs.
// clang-format off
constexpr status_rule statuses[] = {
    {400, job},      // what was sent is not understood
    {409, job},      // something stands in the way of this id
    {413, job},      // its input is too large
    {414, job},
    {422, job},      // its input is refused
    {431, job},
    {402, quota},
    {425, passing},  // too early, says the edge
    {429, passing},  // but for one with a long Retry-After
};
// clang-format on

blame blame_of_answer(const api_error& answer, std::span<const std::string> quota_codes) {
  const std::string& code = answer.details().code;
  if (!code.empty() && std::find(quota_codes.begin(), quota_codes.end(), code) != quota_codes.end()) return quota;
  // The workflow, whatever the status says.
  if (answer.code() == errc::workflow_not_found || answer.code() == errc::payload_encoding_required) return batch;
  if (answer.status() == 429 && retry_after_of(answer).value_or(std::chrono::milliseconds(0)) > longest_patience)
    return quota;
  for (const status_rule& rule : statuses)
    if (rule.status == answer.status()) return rule.says;
  return batch;
}

// An option is the same for all jobs; anything else that is refused here is part of the job.
bool is_option(std::string_view field) {
  return field.starts_with("client") || field.starts_with("call_options") || field.starts_with("retry_options");
}

}  // namespace

std::optional<std::chrono::milliseconds> retry_after_of(const error& what) {
  if (const auto* held_back = dynamic_cast<const rate_limited_error*>(&what)) return held_back->retry_in();
  const auto* answer = dynamic_cast<const api_error*>(&what);
  if (answer == nullptr || !answer->details().retry_after_ms) return std::nullopt;
  return std::chrono::milliseconds(*answer->details().retry_after_ms);
}

blame blame_of(const error& what, std::span<const std::string> quota_codes) {
  if (const auto* answer = dynamic_cast<const api_error*>(&what)) return blame_of_answer(*answer, quota_codes);
  if (const auto* refused = dynamic_cast<const invalid_argument*>(&what))
    return is_option(refused->field()) ? batch : job;
  if (dynamic_cast<const rate_limited_error*>(&what) != nullptr) return quota;
  if (dynamic_cast<const cancelled_error*>(&what) != nullptr) return passing;
  // Something else stands under the job's id, or its execution ended already.
  if (what.code() == errc::start_unknown || what.code() == errc::execution_failed) return job;
  return batch;
}

}  // namespace mistral::workflows::bulk_core
