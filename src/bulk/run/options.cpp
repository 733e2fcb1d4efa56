#include <mistral/workflows/bulk/options.hpp>

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/error.hpp>

#include "base/longest_time.hpp"
#include "bulk/common/completion_checks.hpp"
#include "bulk/run/option_checks.hpp"

#include <cmath>
#include <string>
#include <utility>

namespace mistral::workflows {

failure_limit::failure_limit() = default;

failure_limit failure_limit::after(std::uint64_t count) {
  failure_limit out;
  out.count = count;
  return out;
}

failure_limit failure_limit::share(double per_cent, std::uint64_t at_least) {
  failure_limit out;
  out.per_cent = per_cent;
  out.at_least = at_least;
  return out;
}

bulk_options::bulk_options() = default;
bulk_options::bulk_options(std::string batch_name) : batch(std::move(batch_name)) {}
bulk_options::bulk_options(const bulk_options&) = default;
bulk_options::bulk_options(bulk_options&&) noexcept = default;
bulk_options& bulk_options::operator=(const bulk_options&) = default;
bulk_options& bulk_options::operator=(bulk_options&&) noexcept = default;
bulk_options::~bulk_options() = default;

namespace bulk_run {
namespace {

[[noreturn]] void refuse_option(std::string member, const std::string& reason) {
  throw invalid_argument("bulk_options." + std::move(member), reason, "bulk.run");
}

void check_limits(const bulk_options& o) {
  if (o.most_in_flight == 0) refuse_option("most_in_flight", "must be at least 1");
  if (o.most_unacknowledged == 0) refuse_option("most_unacknowledged", "must be at least 1");
  if (!std::isfinite(o.starts_per_second) || o.starts_per_second < 0)
    refuse_option("starts_per_second", "must be a number, 0 or more");
  if (o.deadline && o.deadline->count() <= 0) refuse_option("deadline", "must be longer than 0 ms");
  if (o.failures_before_pause < 1) refuse_option("failures_before_pause", "must be at least 1");
  if (o.probe_after.count() <= 0) refuse_option("probe_after", "must be longer than 0 ms");
  if (o.progress_every.count() <= 0) refuse_option("progress_every", "must be longer than 0 ms");
  if (o.failure_limit.count && *o.failure_limit.count == 0)
    refuse_option("failure_limit.count", "must be at least 1");
  if (const auto share = o.failure_limit.per_cent; share && !(*share >= 0 && *share <= 100))
    refuse_option("failure_limit.per_cent", "must be 0 to 100");
}

void check_begin(const bulk_options& o) {
  if (o.journal != nullptr) return;
  switch (o.begin) {
    case bulk_begin::first_run:
      return;
    case bulk_begin::resume:
      if (!o.batch_started_after)
        refuse_option("batch_started_after", "is needed to resume a batch without a journal");
      return;
    case bulk_begin::automatic:
      refuse_option("begin", "must be first_run or resume where there is no journal");
    case bulk_begin::new_generation:
    case bulk_begin::retry_failed:
    case bulk_begin::report:
      refuse_option("begin", "needs a journal");
  }
}

}  // namespace

bulk_options checked(const std::string& workflow, bulk_options options) {
  if (workflow.empty()) throw invalid_argument("workflow", "must not be empty", "bulk.run");
  if (options.batch.empty()) refuse_option("batch", "must not be empty");
  check_limits(options);
  check_begin(options);
  options.waiting = checked_waits(std::move(options.waiting), "bulk_options.waiting", "bulk.run");
  if (options.deadline) options.deadline = bounded(*options.deadline);
  options.probe_after = bounded(options.probe_after);
  options.progress_every = bounded(options.progress_every);
  return options;
}

}  // namespace bulk_run
}  // namespace mistral::workflows
