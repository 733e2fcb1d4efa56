// A job that runs: waiting for its end, and what is done where the batch cannot wait.
#include "bulk/run/batch_run.hpp"
#include "bulk/run/records.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

using std::chrono::steady_clock;

namespace {

/// That of an ended execution whose service does not know it any
/// more, or of an id that cannot be: asking again is of no use.
bool is_lost(const error& what) {
  return what.code() == errc::workflow_not_found || what.code() == errc::invalid_argument ||
         what.code() == errc::decode;
}

}  // namespace

/// It runs since an earlier life of the batch.
asio::awaitable<void> batch_run::take_up(std::shared_ptr<batch_run> self, job_ptr job) {
  co_await self->follow(job);
}

asio::awaitable<void> batch_run::follow(job_ptr job) {
  bulk_outcome out = outcome_of(job, bulk_status::started);
  if (options_.wait == bulk_wait::result) {
    std::optional<completion> end = co_await wait_for_end(job, &out);
    if (end) set_end(out, std::move(*end));
  }
  co_await conclude(job, std::move(out));
}

/// Nothing: `out` says why the end will not be known.
asio::awaitable<std::optional<completion>> batch_run::wait_for_end(job_ptr job, bulk_outcome* out) {
  bool failed = false;
  for (auto pause = options_.probe_after;; pause = std::min(pause * 2, std::chrono::milliseconds(60'000))) {
    try {
      std::optional<completion> end;
      if (job->place)
        end = co_await job->place->wait();
      else
        end = co_await hub_->wait(job->execution_id, job->run_id);
      if (failed) core_.trouble_is_over();
      co_return end;
    } catch (const error& what) {
      if (what.code() == errc::closed || what.code() == asio::error::operation_aborted) throw;
      if (is_lost(what)) {
        out->status = bulk_status::unknown;
        set_error(*out, what);
        co_return std::nullopt;
      }
      // A key that has expired, for example: no job's fault.
      core_.trouble(what.what(), steady_clock::now());
      failed = true;
      job->place.reset();
    }
    pump();
    co_await sleep(pause);
  }
}

/// An outcome without waiting any longer.
void batch_run::part_with(const job_ptr& job, bulk_status status) {
  bulk_outcome out = outcome_of(job, status);
  if (status == bulk_status::overdue) {
    out.error = "still running at its deadline";
    out.code = make_error_code(errc::timeout);
  }
  if (const auto task = job->task.lock()) task->cancel();
  begin_task(conclude_task(shared_from_this(), job, std::move(out)));
}

}  // namespace mistral::workflows::bulk_run
