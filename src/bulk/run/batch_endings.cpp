// Executions that the batch ends, at a stop or at a deadline: a queue, and the few tasks that serve it.
#include "bulk/run/batch_run.hpp"

#include "bulk/common/failures.hpp"
#include "bulk/common/run_successor.hpp"
#include "bulk/ending/ending_core.hpp"

#include <mistral/workflows/runs.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_ending_tasks = 8;
constexpr std::chrono::milliseconds longest_ending_pause{10'000};
constexpr int most_hops = 16;    // from run to run in one go
constexpr int most_unclear = 5;  // tries of an overdue job's

}  // namespace

/// A stop ends all that runs: one task for each would wake them all with each fact that the batch hears of.
void batch_run::to_end(ending_in_hand what) {
  // What is tried again may come behind something harder.
  if (!what.is_overdue) what.job->ends_by = std::max(what.job->ends_by, what.kind);
  to_end_.push_back(std::move(what));
  if (ending_tasks_ == most_ending_tasks) return;
  ++ending_tasks_;
  begin_task(end_queued(shared_from_this()));
}

asio::awaitable<void> batch_run::end_queued(std::shared_ptr<batch_run> self) {
  while (!to_end_.empty()) {
    ending_in_hand next = std::move(to_end_.front());
    to_end_.pop_front();
    // At a stop the job's own end serves as well, and so does a harder ending behind this one.
    const bool superseded = next.job->concluded || next.job->ends_by != next.kind;
    bool over = superseded && !next.is_overdue;
    if (!over) over = co_await self->end_once(&next);
    if (next.is_overdue && self->leaving()) over = true;
    if (!over)
      begin_task(end_later(self, std::move(next)));
    else if (next.is_overdue && --overdue_endings_ == 0)
      room_.all();
  }
  --ending_tasks_;
}

/// Whether nothing is left to do. An overdue job's is tried once, and again only while it is not to be seen
/// at which run to aim: nobody waits for its end.
///
/// It aims at the run of the start, and at a later one only where that run is known to have gone on as it, as
/// the hub follows a job (completions.hpp). Without a run id it would also end what another run of this
/// batch, or anybody, has started under the job's id since the job's own end, of which the hub may not have
/// heard yet. `what` outlives it, and keeps what it is aimed at.
asio::awaitable<bool> batch_run::end_once(ending_in_hand* what) {
  const timestamp any_time = timestamp::max();
  for (int hops = 0; hops < most_hops; ++hops) {
    ending_target target = what->target;
    const ending_outcome out = co_await end_one(client_, what->kind, std::move(target), any_time);
    const bool another = out.status == ending_status::another_run;
    if (out.status == ending_status::accepted || out.status == ending_status::missing) co_return true;
    if ((!another && out.status != ending_status::ended) || what->target.run_id.empty()) break;
    const bulk_core::run_after later = co_await look_on(what, out.found_run_id);
    if (later == bulk_core::run_after::foreign && another) co_return true;
    if (later == bulk_core::run_after::unclear) co_return what->is_overdue && ++what->unclear == most_unclear;
    if (later == bulk_core::run_after::foreign) break;
  }
  // After a run that ended another may still come, until the hub says that the job has ended.
  co_return what->is_overdue;
}

/// What came after the run that it is aimed at, which is not the latest any more or has ended. `latest`:
/// under the same execution id. `ours`: at that it is aimed now; `foreign` also where nothing has come yet.
asio::awaitable<bulk_core::run_after> batch_run::look_on(ending_in_hand* what, std::string latest) {
  std::exception_ptr failure;
  try {
    co_return co_await aim(what, std::move(latest));
  } catch (...) {
    failure = std::current_exception();
  }
  const auto state = co_await asio::this_coro::cancellation_state;
  if (ends_the_task(failure, state)) std::rethrow_exception(failure);
  co_return bulk_core::run_after::unclear;
}

/// A run that is continued as new names the next, which may be under another execution id; what is the latest
/// under the old one is then nobody knows whose. Where nothing names the next, it is the latest, as for the
/// hub.
asio::awaitable<bulk_core::run_after> batch_run::aim(ending_in_hand* what, std::string latest) {
  const execution seen = co_await client_.runs().get(what->target.run_id);
  const bulk_core::run_after later = bulk_core::judge_later_run(seen);
  if (later != bulk_core::run_after::ours) co_return later;
  const bool continued = seen.status == execution_status::continued_as_new;
  std::string next;
  if (continued) next = co_await named_successor(client_, what->target.run_id);
  if (next.empty()) next = latest;
  if (next.empty() || next == what->target.run_id)  // it is still to show where one must come
    co_return continued ? bulk_core::run_after::unclear : bulk_core::run_after::foreign;
  if (next != latest) {
    const execution heir = co_await client_.runs().get(next);
    what->target.execution_id = heir.execution_id;
  }
  what->target.run_id = std::move(next);
  co_return later;
}

asio::awaitable<void> batch_run::end_later(std::shared_ptr<batch_run> self, ending_in_hand what) {
  co_await self->sleep(what.pause);
  what.pause = std::min(what.pause * 2, longest_ending_pause);
  to_end(std::move(what));
}

/// Its deadline has passed. Its execution is ended where the options say so, and that is not waited for by
/// the job's outcome, but by the end of the batch.
void batch_run::overdue(const job_ptr& job) {
  const bool cancels = options_.when_overdue == when_stopping::cancel;
  if (cancels || options_.when_overdue == when_stopping::terminate) {
    ending_in_hand what(job, cancels ? ending_kind::cancel : ending_kind::terminate);
    what.is_overdue = true;
    ++overdue_endings_;
    to_end(std::move(what));
  }
  part_with(job, bulk_status::overdue);
}

}  // namespace mistral::workflows::bulk_run
