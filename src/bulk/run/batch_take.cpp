// From the source to the queue: which jobs are new, and what is known of the others.
#include "base/longest_time.hpp"
#include "bulk/run/batch_run.hpp"
#include "bulk/run/records.hpp"

#include "bulk/common/failures.hpp"

#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

timestamp wall_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

[[noreturn]] void refuse_key(const std::string& key, const std::string& reason) {
  throw invalid_argument("key", "\"" + key.substr(0, 100) + "\" " + reason, "bulk.run");
}

}  // namespace

asio::awaitable<void> batch_run::take_jobs(std::shared_ptr<batch_run> self) {
  const auto stopped = [this] { return core_.stopped_by() != bulk_core::stop_cause::none || over_; };
  std::exception_ptr failure;
  try {
    for (std::uint64_t asked = 1;; ++asked) {
      while (!core_.may_take() && !stopped()) co_await room_.wait();
      if (stopped()) co_return;
      core_.taking();
      asking_ = true;
      std::optional<bulk_job> from = co_await source_.next();
      asking_ = false;
      if (!from) break;
      if (abandoned_) co_return;
      // A job that came in spite of a stop has an outcome, too.
      take(self, std::move(*from));
      if (stopped()) co_return pump();
      // A source that never suspends must not keep the strand to itself.
      if (asked % 64 == 0) co_await asio::post(strand_, asio::use_awaitable);
    }
  } catch (...) {
    failure = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (abandoned_) co_return;
  // A stop ends the wait for the next job. Whatever else goes wrong then is told all the same.
  if (failure && !(stopped() && ends_the_task(failure, state)))
    refuse_source(failure);
  else if (stopped())
    core_.passed_over();
  else
    core_.source_ended();
  pump();
}

void batch_run::take(std::shared_ptr<batch_run> self, bulk_job from) {
  ++position_;
  if (!options_.shard.contains(from.key)) return core_.passed_over();
  const job_ptr job = make_job(std::move(from));
  if (options_.journal || options_.begin == bulk_begin::resume)
    return begin_task(ask_for(std::move(self), job));
  arrived(job);
  pump();
}

batch_run::job_ptr batch_run::make_job(bulk_job from) {
  auto job = std::make_shared<job_in_hand>();
  job->id = position_;
  job->queued = wall_now();
  job->deadline = from.deadline ? bounded(*from.deadline) : options_.deadline;
  try {
    job->execution_id = bulk_execution_id(options_.batch, from.key, journal_state_.generation);
  } catch (const invalid_argument& what) {
    throw invalid_argument(
        what.field(), std::string("of job ") + std::to_string(position_) + ": " + what.what(), "bulk.run");
  }
  if (const auto first = keys_.insert(from.key, position_))
    refuse_key(from.key, "stands in the source twice, at " + std::to_string(*first) + " and at " +
                             std::to_string(position_));
  job->key = std::move(from.key);
  job->input = std::move(from.input);
  return job;
}

/// No other job is taken; what runs is dealt with as at every stop, and `why` is told in the end.
void batch_run::refuse_source(std::exception_ptr why) {
  if (!source_failure_) source_failure_ = std::move(why);
  core_.source_failed();
  pump();
}

/// Whether the job is new: the journal says so, or the service.
asio::awaitable<void> batch_run::ask_for(std::shared_ptr<batch_run> self, job_ptr job) {
  if (options_.journal)
    co_await self->admit_by_journal(job);
  else
    co_await self->admit_by_service(job);
  pump();
}

/// `there` outlives it.
asio::awaitable<void> batch_run::claim_into(journal_record* there, journal_record wanted) {
  *there = co_await options_.journal->claim(std::move(wanted));
}

asio::awaitable<void> batch_run::admit_by_journal(job_ptr job) {
  journal_record wanted(job->key, job->id, bulk_input_hash(job->input), job->execution_id, job->queued);
  const std::string hash = wanted.input_hash;
  journal_record there;
  const auto claim = [&] { return claim_into(&there, wanted); };
  const bool claimed = co_await with_journal(claim);
  if (!claimed) {
    // Not begun, and not written: another run of the batch takes it.
    arrived(job);
    co_return;
  }
  try {
    if (there.input_hash != hash) refuse_key(job->key, "has another input than in the run before");
    if (there.position != job->id)
      refuse_key(job->key, "stood at " + std::to_string(there.position) +
                               " in the run before, and stands at " + std::to_string(job->id) + " now");
  } catch (...) {
    refuse_source(std::current_exception());
    co_return;
  }
  admit_record(job, there);
}

void batch_run::admit_record(job_ptr job, const journal_record& record) {
  job->execution_id = record.execution_id;
  job->queued = record.queued;
  job->run_id = record.run_id;
  job->started = record.started;
  job->attempts = record.attempts;
  // What an earlier generation has finished, no start of this one can follow.
  const bool of_this =
      record.generation == journal_state_.generation || record.stage == journal_stage::started;
  if (record.started && of_this) note_start(*record.started);
  switch (record.stage) {
    case journal_stage::intent:
      job->look_first = record.existed;
      return arrived(job);
    case journal_stage::started:
      return found_running(job);
    case journal_stage::done: {
      bulk_outcome out = bulk_run::outcome_of(record);
      out.repeated = true;
      return found_ended(job, std::move(out));
    }
    case journal_stage::acknowledged:
      core_.found_acknowledged(end_of(bulk_run::outcome_of(record).status));
      return;
  }
}

/// Without a journal: the pages, and a GET for what is not on them.
asio::awaitable<void> batch_run::admit_by_service(job_ptr job) {
  const auto row = listed_.find(job->execution_id);
  if (row != listed_.end() && !is_terminal(row->second.status)) {
    job->run_id = row->second.run_id.value_or(std::string());
    job->started = row->second.start_time;
    listed_.erase(row);
    found_running(job);
    co_return;
  }
  if (row != listed_.end()) listed_.erase(row);
  std::optional<execution> seen;
  std::exception_ptr failure;
  try {
    seen.emplace(co_await client_.executions().get(job->execution_id));
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (ends_the_task(failure, state)) std::rethrow_exception(failure);
    // Where the service does not say, the start asks again.
    job->look_first = code_of(failure) != errc::workflow_not_found;
  }
  if (seen)
    found_at_service(job, *seen);
  else
    arrived(job);
}

void batch_run::found_at_service(job_ptr job, const execution& seen) {
  note_run(job, seen);
  if (!is_terminal(seen.status) || *seen.status == execution_status::continued_as_new)
    return found_running(job);
  bulk_outcome out = outcome_of(job, bulk_status::unknown);
  set_end(out, seen);
  out.repeated = true;
  found_ended(job, std::move(out));
}

void batch_run::arrived(const job_ptr& job) {
  jobs_.emplace(job->id, job);
  core_.arrived(job->id);
}

void batch_run::found_running(const job_ptr& job) {
  jobs_.emplace(job->id, job);
  job->found = true;
  core_.found_running(job->id, deadline_of(job));
}

void batch_run::found_ended(const job_ptr& job, bulk_outcome out) {
  core_.found_ended(job->id, end_of(out.status));
  make_ready(job->id, std::move(out));
}

}  // namespace mistral::workflows::bulk_run
