// After the last job: executions that were started twice are looked for, and the journal is finished.
#include "bulk/run/batch_run.hpp"
#include "bulk/run/double_starts.hpp"
#include "bulk/run/records.hpp"

#include "bulk/common/close_quietly.hpp"
#include "bulk/common/failures.hpp"
#include "bulk/common/run_pages.hpp"
#include "bulk/ending/ending_core.hpp"

#include <mistral/workflows/bulk/identity.hpp>

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

asio::awaitable<void> batch_run::finish_journal() {
  if (all_done()) co_await options_.journal->finish();
  co_await options_.journal->close();
}

asio::awaitable<void> batch_run::close(std::shared_ptr<batch_run> self) {
  // No key comes any more; the pass needs as much.
  keys_ = bulk_core::key_set();
  listed_.clear();
  while (overdue_endings_ > 0 && !leaving()) co_await room_.wait();
  if (started_here_ > 0 && !leaving()) co_await self->last_pass();
  if (journal_open_) {
    const auto finish = [this] { return finish_journal(); };
    const bool written = co_await with_journal(finish);
    journal_open_ = false;
    if (!written) close_quietly(strand_, options_.journal);
  }
  hub_->close();
  over();
}

/// Nothing is left for another run of the batch.
bool batch_run::all_done() const {
  const bulk_core::batch_numbers numbers = core_.numbers(std::chrono::steady_clock::now());
  const auto count = [&](bulk_status status) { return numbers.by_end[static_cast<std::size_t>(status)]; };
  return numbers.source_ended && !source_failure_ && core_.stopped_by() == bulk_core::stop_cause::none &&
         count(bulk_status::not_started) + count(bulk_status::left) + count(bulk_status::unknown) == 0;
}

asio::awaitable<void> batch_run::last_pass() {
  run_list_request filter;
  filter.workflow_identifier = workflow_;
  filter.search = bulk_slug(options_.batch);
  filter.start_time_after = pass_begins();
  std::exception_ptr failure;
  try {
    std::set<std::string> doubles;
    std::uint64_t found = co_await find_doubles(filter, &doubles);
    // A search that does not go by execution ids leaves ours out.
    if (found < started_here_ && !leaving()) {
      filter.search.reset();
      doubles.clear();
      found = co_await find_doubles(filter, &doubles);
    }
    if (found < started_here_)
      unchecked_ = "fewer executions are listed (" + std::to_string(found) + ") than were started (" +
                   std::to_string(started_here_) + ")";
    for (const std::string& id : doubles) {
      if (leaving()) break;
      co_await report_double(filter, id);
    }
    if (leaving()) unchecked_ = "the batch was left before all of it was looked at";
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(failure);
  unchecked_ = text_of(failure);
}

/// Before the first start. Of an earlier life that is the journal's time, or what the service has told of
/// starts: the clock of that life may have been ahead.
std::optional<timestamp> batch_run::pass_begins() const {
  constexpr std::chrono::minutes margin(5);
  if (options_.batch_started_after) return options_.batch_started_after;
  if (!first_queued_) return first_start_;
  return std::min(*first_queued_, first_start_.value_or(*first_queued_)) - margin;
}

/// The execution ids of this batch that have two rows or more. Returns how many ids there are.
asio::awaitable<std::uint64_t> batch_run::find_doubles(run_list_request filter,
                                                       std::set<std::string>* doubles) {
  const std::string slug = bulk_slug(options_.batch);
  bulk_core::seen_ids seen;
  run_pages pages(client_, std::move(filter));
  while (const auto page = co_await pages.next()) {
    for (const execution_summary& row : page->executions)
      if (bulk_core::is_of_batch(row.execution_id, slug) && !seen.insert(row.execution_id))
        doubles->insert(row.execution_id);
    if (leaving()) break;
  }
  co_return seen.size();
}

asio::awaitable<void> batch_run::report_double(run_list_request filter, std::string execution_id) {
  filter.root_execution_id = execution_id;
  filter.search.reset();
  std::vector<execution_summary> runs;
  run_pages pages(client_, std::move(filter));
  while (const auto page = co_await pages.next())
    for (const execution_summary& row : page->executions)
      if (row.execution_id == execution_id) runs.push_back(row);

  const auto known = doubtful_.find(execution_id);
  const std::string own_run = known == doubtful_.end() ? std::string() : known->second.own_run;
  const auto pair = bulk_core::two_starts(runs, own_run);
  if (!pair) co_return;
  bulk_outcome out(std::string(), bulk_status::unknown);
  if (known != doubtful_.end()) {
    out.key = known->second.key;
    out.position = known->second.position;
  } else if (options_.journal) {
    const std::optional<journal_record> record = co_await record_of(execution_id);
    if (!record) co_return;  // of another shard or generation, which tells it by itself
    out.key = record->key;
    out.position = record->position;
  }
  for (const execution_summary& run : runs) {
    if (run.run_id != pair->second) continue;
    out.status = is_terminal(run.status) ? status_of(*run.status) : bulk_status::started;
    out.started = run.start_time;
    out.ended = run.end_time;
  }
  out.execution_id = execution_id;
  out.run_id = pair->second;
  out.error = "its execution was started twice";
  out.code = make_error_code(errc::execution_already_started);
  out.started_twice.push_back(pair->first);
  out.started_twice.push_back(pair->second);
  make_ready(0, std::move(out));
}

/// Takes time; there is hardly ever one to look for.
asio::awaitable<std::optional<journal_record>> batch_run::record_of(std::string execution_id) {
  constexpr std::size_t at_once = 50;  // with their outcomes, of megabytes perhaps
  for (std::uint64_t after = 0;;) {
    std::vector<journal_record> records = co_await options_.journal->records(after, at_once, std::nullopt);
    for (journal_record& record : records) {
      after = record.position;
      if (record.execution_id == execution_id) co_return std::move(record);
    }
    if (records.size() < at_once) co_return std::nullopt;
  }
}

}  // namespace mistral::workflows::bulk_run
