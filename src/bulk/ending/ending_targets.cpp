#include "bulk/ending/ending_targets.hpp"

#include "bulk/common/run_pages.hpp"
#include "bulk/ending/ending_core.hpp"

#include <mistral/workflows/bulk/journal.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

timestamp system_now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void add_row(ending_set& set, std::unordered_set<std::string>& seen, const execution_summary& row,
             const std::string& slug) {
  if (!slug.empty() && !bulk_core::is_of_batch(row.execution_id, slug)) return;
  if (is_terminal(row.status) || !seen.insert(row.execution_id).second) return;
  ending_target target(row.execution_id, row.run_id.value_or(std::string()));
  target.workflow_name = row.workflow_name;
  target.start_time = row.start_time;
  set.as_of = std::max(set.as_of, row.start_time);
  set.targets.push_back(std::move(target));
}

/// Those that may run: a start may have been sent, and no outcome is known.
asio::awaitable<void> read_records(std::shared_ptr<bulk_journal> journal, ending_set* set) {
  constexpr std::size_t at_once = 50;  // with their outcomes, of megabytes perhaps
  std::uint64_t after = 0;
  for (;;) {
    const std::vector<journal_record> records = co_await journal->records(after, at_once, std::nullopt);
    for (const journal_record& record : records) {
      after = record.position;
      if (record.stage != journal_stage::intent && record.stage != journal_stage::started) continue;
      ending_target target(record.execution_id, record.run_id);
      target.start_time = record.started;
      set->targets.push_back(std::move(target));
    }
    if (records.size() < at_once) co_return;
  }
}

}  // namespace

/// Rows are not told from later ones by a time: that of this machine may be another than the service's, and
/// would leave out what runs.
asio::awaitable<ending_set> find_targets(client from, run_list_request filter, std::string slug) {
  ending_set set;
  filter.status.clear();
  filter.status.push_back(execution_status::running);
  filter.status.push_back(execution_status::retrying_after_error);
  std::unordered_set<std::string> seen;
  run_pages pages(std::move(from), std::move(filter));
  while (const auto page = co_await pages.next())
    for (const execution_summary& row : page->executions) add_row(set, seen, row, slug);
  co_return set;
}

asio::awaitable<ending_set> journal_targets(std::string batch, std::shared_ptr<bulk_journal> journal) {
  ending_set set;
  set.as_of = system_now();
  journal_manifest manifest;
  manifest.batch = std::move(batch);
  co_await journal->open(std::move(manifest), journal_begin::report);
  std::exception_ptr failure;
  try {
    co_await read_records(journal, &set);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await journal->close();
  if (failure) std::rethrow_exception(failure);
  co_return set;
}

}  // namespace mistral::workflows::bulk_run
