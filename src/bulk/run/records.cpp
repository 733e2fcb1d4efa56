#include "bulk/run/records.hpp"

#include "base/longest_time.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows::bulk_run {

using bulk_core::job_end;
using bulk_core::stop_how;

// The two lists have one order.
static_assert(static_cast<int>(job_end::unknown) == static_cast<int>(bulk_status::unknown));
static_assert(static_cast<int>(job_end::refused) == static_cast<int>(bulk_status::refused));
static_assert(static_cast<int>(stop_how::terminate) == static_cast<int>(when_stopping::terminate));

job_end end_of(bulk_status status) noexcept { return static_cast<job_end>(status); }
stop_how how_of(when_stopping how) noexcept { return static_cast<stop_how>(how); }

bulk_status status_of(const open_enum<execution_status>& status) noexcept {
  switch (status.value()) {
    case execution_status::completed:
      return bulk_status::completed;
    case execution_status::failed:
    case execution_status::continued_as_new:  // and the next run did not appear
      return bulk_status::failed;
    case execution_status::canceled:
      return bulk_status::canceled;
    case execution_status::terminated:
      return bulk_status::terminated;
    case execution_status::timed_out:
      return bulk_status::timed_out;
    case execution_status::unknown:
    case execution_status::running:
    case execution_status::retrying_after_error:
      break;
  }
  return bulk_status::unknown;
}

namespace {

void say_failure(bulk_outcome& out, std::string failure, std::string_view wire_status) {
  if (out.status == bulk_status::completed) return;
  out.code = make_error_code(errc::execution_failed);
  out.error = std::move(failure);
  if (out.error.empty()) out.error = "the execution ended as " + std::string(wire_status);
}

}  // namespace

void set_end(bulk_outcome& out, completion end) {
  out.status = status_of(end.status);
  if (!end.run_id.empty()) out.run_id = std::move(end.run_id);
  out.ended = end.ended;
  if (out.status == bulk_status::completed) out.result = std::move(end.result);
  say_failure(out, std::move(end.failure), end.status.text());
}

void set_end(bulk_outcome& out, const execution& ended) {
  const auto status = ended.status.value_or(execution_status::unknown);
  out.status = status_of(status);
  if (ended.run_id) out.run_id = *ended.run_id;
  out.started = ended.start_time;
  out.ended = ended.end_time;
  if (out.status == bulk_status::completed) out.result = ended.result;
  say_failure(out, std::string(), status.text());
}

void set_error(bulk_outcome& out, const error& what) {
  out.error = what.what();
  out.code = what.code();
}

bulk_outcome outcome_of(const journal_record& record) {
  bulk_outcome out(record.key, bulk_status::unknown);
  try {
    out = bulk_outcome_from_json(record.outcome);
  } catch (const error& what) {
    out.error = std::string("the journal's outcome cannot be read: ") + what.what();
    out.code = what.code();
  }
  out.key = record.key;
  out.position = record.position;
  out.execution_id = record.execution_id;
  return out;
}

std::chrono::microseconds time_run(timestamp started, std::optional<timestamp> before, timestamp now) {
  const timestamp begun = before ? std::max(started, *before) : started;
  return now - std::clamp(begun, now - longest_time, now);
}

bulk_core::batch_rules rules_of(const bulk_options& options, const bulk_source& source) {
  bulk_core::batch_rules out;
  out.most_in_flight = options.most_in_flight;
  out.starts_per_second = options.starts_per_second;
  out.when_stopping = how_of(options.when_stopping);
  out.stop_after = options.failure_limit.count;
  out.stop_above = options.failure_limit.per_cent;
  out.at_least = options.failure_limit.at_least;
  out.failures_before_pause = options.failures_before_pause;
  out.probe_after = options.probe_after;
  out.jobs = source.expected();
  return out;
}

journal_manifest manifest_of(const std::string& workflow, const bulk_options& options) {
  boost::json::object meaning;
  meaning["wait"] = options.wait == bulk_wait::result ? "result" : "start";
  if (options.shard.count() > 1) {
    meaning["shard"] = options.shard.index();
    meaning["shards"] = options.shard.count();
  }
  if (options.deployment_name) meaning["deployment_name"] = *options.deployment_name;
  if (options.extensions) meaning["extensions"] = *options.extensions;

  journal_manifest out(options.batch, workflow);
  out.options = boost::json::serialize(meaning);
  out.source_hash = options.source_hash;
  return out;
}

journal_begin begin_of(bulk_begin begin) noexcept {
  switch (begin) {
    case bulk_begin::new_generation:
      return journal_begin::new_generation;
    case bulk_begin::retry_failed:
      return journal_begin::retry_failed;
    case bulk_begin::report:
      return journal_begin::report;
    case bulk_begin::first_run:
      return journal_begin::first_run;
    case bulk_begin::resume:
      return journal_begin::resume;
    case bulk_begin::automatic:
      break;
  }
  return journal_begin::automatic;
}

bulk_progress progress_of(const bulk_core::batch_core& core, bulk_core::time_point now) {
  const bulk_core::batch_numbers from = core.numbers(now);
  bulk_progress out;
  const auto state = core.state();
  out.phase = bulk_core::is_paused(state)                 ? bulk_phase::paused
              : state == bulk_core::batch_state::running  ? bulk_phase::running
              : state == bulk_core::batch_state::stopping ? bulk_phase::stopping
                                                          : bulk_phase::over;
  out.paused_because = core.paused_because();
  out.paused_for_quota = state == bulk_core::batch_state::paused_by_quota;
  out.taken = from.taken;
  out.queued = from.queued;
  out.starting = from.starting;
  out.running = from.running;
  out.done = from.done;
  out.handed_out = from.handed_out;
  out.found = from.found;
  out.source_ended = from.source_ended;
  out.jobs = from.jobs;
  for (std::size_t i = 0; i < out.by_status.size(); ++i) out.by_status[i] = from.by_end[i];
  out.starts_per_second = from.starts_per_second;
  out.ends_per_second = from.ends_per_second;
  out.mean_starts_per_second = from.mean_starts_per_second;
  out.mean_ends_per_second = from.mean_ends_per_second;
  out.rate_limit = from.rate_limit;
  out.starts_at_once = from.starts_at_once;
  out.throttled = from.throttled;
  if (from.remaining) out.remaining = std::chrono::ceil<std::chrono::milliseconds>(*from.remaining);
  return out;
}

}  // namespace mistral::workflows::bulk_run
