// One start: asked for first where an earlier one may have been sent, then sent, then watched.
#include "bulk/run/batch_run.hpp"
#include "bulk/run/records.hpp"

#include "bulk/blame.hpp"
#include "bulk/common/failures.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>

#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

using bulk_core::after_failure;
using std::chrono::steady_clock;

namespace {

bool is_overload(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const transport_error&) {
    return true;
  } catch (const error& what) {
    return what.code() == errc::unavailable || what.code() == errc::timeout;
  } catch (...) {
    return false;
  }
}

}  // namespace

asio::awaitable<void> batch_run::start(std::shared_ptr<batch_run> self, job_ptr job) {
  const core_time sent = steady_clock::now();
  std::exception_ptr failure;
  bool runs_now = false;
  try {
    // A probe must not find the service well while nothing can be written down.
    if (journal_broken_) co_await self->try_journal();
    if (job->look_first) runs_now = co_await look(job);
    if (!runs_now) co_await send_start(job);
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (ends_the_task(failure, state)) std::rethrow_exception(failure);
    learn(failure, sent);
  }
  count_throttled(sent);
  if (failure)
    co_await start_failed(job, failure);
  else
    co_await runs(job, sent);
}

/// Whether it runs, or ran, already.
asio::awaitable<bool> batch_run::look(job_ptr job) {
  try {
    const execution seen = co_await client_.executions().get(job->execution_id);
    doubtful_[job->execution_id] = doubtful_job(*job);
    job->adopted = true;
    note_run(job, seen);
    co_return true;
  } catch (const error& what) {
    // Any other 404 may be a proxy's.
    if (what.code() != errc::workflow_not_found) throw;
  }
  job->look_first = false;
  doubtful_[job->execution_id] = doubtful_job(*job);
  co_return false;
}

execute_request batch_run::request_of(const job_ptr& job) const {
  execute_request out(job->input);
  out.execution_id = job->execution_id;
  out.if_exists = if_exists::adopt;
  out.deployment_name = options_.deployment_name;
  out.custom_tracing_attributes = options_.custom_tracing_attributes;
  out.extensions = options_.extensions;
  return out;
}

asio::awaitable<void> batch_run::send_start(job_ptr job) {
  // The place is taken before the start is sent: a short job ends before the answer comes.
  if (options_.wait == bulk_wait::result && !job->place) job->place.emplace(hub_->expect(job->execution_id));
  execute_request request = request_of(job);
  // If this wait is given up, the request may have been sent.
  job->sending = true;
  try {
    const started_execution run = co_await client_.workflows().execute(workflow_, std::move(request));
    job->adopted = run.outcome != start_outcome::started;
    note_run(job, run);
    if (!job->adopted) {
      const auto known = doubtful_.find(job->execution_id);
      if (known != doubtful_.end()) known->second.own_run = job->run_id;
    } else {
      doubtful_[job->execution_id] = doubtful_job(*job);
    }
  } catch (const error& what) {
    job->sending = false;
    if (what.server_may_have_acted() != server_action::no) job->look_first = job->may_run = true;
    throw;
  } catch (...) {
    // Of the key supplier: it comes as it is only where no request can have acted.
    job->sending = false;
    throw;
  }
}

void batch_run::note_run(const job_ptr& job, const execution& run) {
  job->sending = false;
  job->run_id = run.run_id.value_or(std::string());
  job->started = run.start_time;
  note_start(run.start_time);
}

void batch_run::note_start(timestamp at) {
  if (!first_start_ || at < *first_start_) first_start_ = at;
}

/// The answer has come: the job runs, or ran.
asio::awaitable<void> batch_run::runs(job_ptr job, core_time sent) {
  const auto now = steady_clock::now();
  job->input = nullptr;
  ++job->attempts;
  ++started_here_;
  core_.accepted(sent, now);
  core_.started(job->id, deadline_of(job), now);
  pump();
  if (job->place && job->adopted)
    job->place->adopted(job->run_id, *job->started);
  else if (job->place)
    job->place->started(job->run_id, *job->started);
  if (options_.journal) {
    const auto write = [&]() -> awaitable<void> {
      return options_.journal->started(job->key, job->run_id, *job->started, job->attempts);
    };
    co_await with_journal(write);
  }
  co_await follow(job);
}

asio::awaitable<void> batch_run::start_failed(job_ptr job, std::exception_ptr why) {
  bulk_outcome out = outcome_of(job, bulk_status::refused);
  after_failure then = after_failure::again;
  try {
    std::rethrow_exception(why);
  } catch (const journal_error& what) {
    bulk_core::start_failure failure(bulk_core::blame::batch, what.what());
    then = core_.start_failed(job->id, failure, steady_clock::now());
  } catch (const error& what) {
    set_error(out, what);
    const auto whose = bulk_core::blame_of(what, options_.quota_codes);
    if (whose == bulk_core::blame::job) job->attempts += what.attempts();
    bulk_core::start_failure failure(whose, what.what(), bulk_core::retry_after_of(what));
    then = core_.start_failed(job->id, failure, steady_clock::now());
  } catch (...) {
    // A key supplier that fails would fail for every job.
    out.error = text_of(why);
    out.code = code_of(why);
    bulk_core::start_failure failure(bulk_core::blame::batch, out.error);
    then = core_.start_failed(job->id, failure, steady_clock::now());
  }
  out.attempts = job->attempts;
  pump();
  if (then == after_failure::again || then == after_failure::nothing) co_return;
  if (then == after_failure::not_started) out.status = bulk_status::not_started;
  if (job->may_run) out.status = bulk_status::unknown;
  co_await conclude(job, std::move(out));
}

/// What the governors hear of an error.
void batch_run::learn(const std::exception_ptr& failure, core_time sent) {
  if (is_overload(failure)) core_.overloaded(sent, steady_clock::now());
}

/// The client repeats after a 429 by itself; that there were some is all that is known of them.
void batch_run::count_throttled(core_time sent) {
  const std::uint64_t all = client_.stats().rate_limited;
  const auto now = steady_clock::now();
  for (; throttled_seen_ < all; ++throttled_seen_) core_.throttled(sent, std::nullopt, now);
}

/// What ran for long already has less time left.
std::optional<batch_run::core_time> batch_run::deadline_of(const job_ptr& job) const {
  if (!job->deadline || options_.wait == bulk_wait::start) return std::nullopt;
  const auto now = steady_clock::now();
  if (!job->started || !job->found) return now + *job->deadline;
  const auto wall = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  // Without a journal it comes from the source only now.
  const std::optional<timestamp> before = options_.journal ? job->queued : options_.batch_started_after;
  return now + (*job->deadline - time_run(*job->started, before, wall));
}

}  // namespace mistral::workflows::bulk_run
