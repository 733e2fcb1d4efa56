#include "bulk/ending/ending_core.hpp"

#include <cstddef>

namespace mistral::workflows::bulk_core {

std::optional<ending_status> judge_look(const ending_target& target, timestamp as_of, const execution& seen,
                                        ending_outcome& out) {
  out.found_run_id = seen.run_id.value_or(std::string());
  if (!target.run_id.empty() && out.found_run_id != target.run_id) {
    // Without a run id the answer names no run: it may be the one that is meant, or one begun since.
    if (!out.found_run_id.empty()) return ending_status::another_run;
    out.error = "the service does not say which run is the latest";
    return ending_status::unknown;
  }
  if (is_terminal(seen.status)) return ending_status::ended;
  if (target.run_id.empty() && seen.start_time > as_of) return ending_status::another_run;
  return std::nullopt;
}

ending_status judge_look_error(const error& what) {
  // Any other 404 may be a proxy's.
  return what.code() == errc::workflow_not_found ? ending_status::missing : ending_status::failed;
}

ending_status judge_ending_error(const error& what) {
  if (what.code() == errc::execution_not_running) return ending_status::ended;
  if (what.code() == errc::workflow_not_found) return ending_status::missing;
  if (what.code() == errc::ending_unknown) return ending_status::unknown;
  return what.server_may_have_acted() == server_action::no ? ending_status::failed : ending_status::unknown;
}

run_after judge_later_run(const execution& earlier) {
  if (!is_terminal(earlier.status)) return run_after::unclear;
  const execution_status status = earlier.status->value();
  const bool is_its_last = status == execution_status::completed || status == execution_status::canceled;
  return is_its_last ? run_after::foreign : run_after::ours;
}

bool is_of_batch(std::string_view execution_id, std::string_view slug) noexcept {
  constexpr std::size_t digits = 40;
  if (execution_id.size() != slug.size() + 1 + digits || !execution_id.starts_with(slug)) return false;
  if (execution_id[slug.size()] != '-') return false;
  return execution_id.find_first_not_of("0123456789abcdef", slug.size() + 1) == std::string_view::npos;
}

}  // namespace mistral::workflows::bulk_core
