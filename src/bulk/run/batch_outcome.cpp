// Outcomes: made once, written down before they are handed out, acknowledged when the next is asked for.
#include "bulk/run/batch_run.hpp"
#include "bulk/run/records.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

using std::chrono::steady_clock;

namespace {

/// Whether a journal keeps it: an outcome of `left` and its like is of this life of the batch alone.
bool is_kept(const bulk_outcome& out) { return out.final() || out.status == bulk_status::started; }

timestamp time_of(const bulk_outcome& out) {
  return out.ended.value_or(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()));
}

bulk_outcome as_left(const bulk_outcome& out) {
  bulk_outcome left(out.key, bulk_status::left);
  left.position = out.position;
  left.execution_id = out.execution_id;
  left.run_id = out.run_id;
  left.attempts = out.attempts;
  left.queued = out.queued;
  left.started = out.started;
  return left;
}

}  // namespace

bulk_outcome batch_run::outcome_of(const job_ptr& job, bulk_status status) const {
  bulk_outcome out(job->key, status);
  out.position = job->id;
  out.execution_id = job->execution_id;
  out.run_id = job->run_id;
  out.attempts = job->attempts;
  out.queued = job->queued;
  out.started = job->started;
  return out;
}

asio::awaitable<void> batch_run::conclude_task(std::shared_ptr<batch_run> self, job_ptr job,
                                               bulk_outcome out) {
  co_await self->conclude(std::move(job), std::move(out));
}

asio::awaitable<void> batch_run::conclude(job_ptr job, bulk_outcome out) {
  if (!core_.ended(job->id, end_of(out.status), steady_clock::now())) co_return;
  job->concluded = true;
  job->place.reset();
  jobs_.erase(job->id);
  pump();
  // Where an outcome may come twice but for one in a crash, only the one that is handed out next
  // is written down: what was written by a run that has ended may have been handed out by it.
  const bool in_time = options_.most_unacknowledged == 1;
  if (options_.journal && is_kept(out) && !in_time && !co_await write_down(out))
    out = outcome_of(job, bulk_status::left);
  make_ready(job->id, std::move(out), !in_time);
  pump();
}

/// False: it is not written, as the batch is left; the next run of the batch finds how the job ended.
asio::awaitable<bool> batch_run::write_down(bulk_outcome out) {
  const std::string text = to_json_line(out);
  const auto write = [&]() -> awaitable<void> {
    return options_.journal->done(out.key, text, is_failure(out.status), time_of(out));
  };
  const bool written = co_await with_journal(write);
  co_return written;
}

/// Whether what `pull` would hand out may be: it is in the journal, or has no place there.
bool batch_run::is_next_safe() const {
  return ready_.empty() || ready_.front().written || !options_.journal || !is_kept(ready_.front().outcome);
}

/// What `pull` is about to hand out, with the acknowledgement
/// of the one before, which was queued ahead of it.
asio::awaitable<void> batch_run::write_down_next() {
  if (is_next_safe()) co_return;
  try {
    if (failure_) {
      ready_.pop_front();
      co_return;
    }
    const bool written = co_await write_down(ready_.front().outcome);
    ready_.front().written = true;
    sync_owed_ = false;
    if (!written) ready_.front().outcome = as_left(ready_.front().outcome);
  } catch (const journal_error&) {
    fail(std::current_exception());
    ready_.pop_front();
  }
}

void batch_run::make_ready(bulk_core::job_id id, bulk_outcome out, bool written) {
  ready_outcome made;
  made.job = id;
  made.outcome = std::move(out);
  made.written = written;
  ready_.push_back(std::move(made));
}

std::optional<bulk_outcome> batch_run::take_ready() {
  if (ready_.empty()) return std::nullopt;
  ready_outcome taken = std::move(ready_.front());
  ready_.pop_front();
  handed_ = taken.job;
  handed_key_ = is_kept(taken.outcome) ? taken.outcome.key : std::string();
  if (handed_ != 0) core_.handed_out(handed_);
  pump();
  return std::move(taken.outcome);
}

/// Who asks for the next outcome has the last one in safety.
asio::awaitable<void> batch_run::acknowledge() {
  if (handed_ == 0) co_return;
  if (options_.journal && journal_open_ && !handed_key_.empty() && !failure_) {
    const std::vector<std::string> keys(1, handed_key_);
    const bool at_once = ++unwritten_ >= options_.most_unacknowledged;
    const auto write = [&]() -> awaitable<void> { return options_.journal->acknowledge(keys); };
    if (at_once) unwritten_ = 0;
    sync_owed_ = sync_owed_ || at_once;
    try {
      co_await with_journal(write);
    } catch (const journal_error&) {
      fail(std::current_exception());
    }
  }
  if (!failure_) core_.acknowledged(handed_);
  handed_ = 0;
}

/// What is read there is nothing; what was queued before is written.
asio::awaitable<void> batch_run::read_behind_all() {
  constexpr auto behind_all = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  co_await options_.journal->records(behind_all, 1, std::nullopt);
}

/// Acknowledgements are durable before another outcome is handed out.
asio::awaitable<void> batch_run::sync_journal() {
  if (!sync_owed_ || !journal_open_ || failure_) co_return;
  const auto sync = [this] { return read_behind_all(); };
  try {
    co_await with_journal(sync);
    sync_owed_ = false;
  } catch (const journal_error&) {
    fail(std::current_exception());
  }
}

/// A journal that fails pauses the batch, and is tried again until it does not.
asio::awaitable<bool> batch_run::with_journal(std::function<awaitable<void>()> operation) {
  bool failed = false;
  for (auto pause = options_.probe_after;; pause = std::min(pause * 2, std::chrono::milliseconds(60'000))) {
    try {
      co_await operation();
      journal_broken_ = false;
      if (failed) {
        core_.trouble_is_over();
        pump();
      }
      co_return true;
    } catch (const journal_error& what) {
      // Another owner, or a journal that means something else: nothing gets better by waiting.
      if (what.problem() != journal_problem::failed) throw;
      journal_broken_ = true;
      failed = true;
      core_.trouble(what.what(), steady_clock::now());
    }
    pump();
    if (leaving()) co_return false;
    co_await sleep(pause);
  }
}

/// Whether it works again.
asio::awaitable<void> batch_run::try_journal() {
  co_await options_.journal->records(0, 1, std::nullopt);
  journal_broken_ = false;
}

}  // namespace mistral::workflows::bulk_run
