// What a batch does before it takes the first job: its journal, what ran before, and the stream of ends.
#include "bulk/run/batch_run.hpp"
#include "bulk/run/records.hpp"

#include "bulk/common/close_quietly.hpp"
#include "bulk/common/failures.hpp"
#include "bulk/common/run_pages.hpp"
#include "bulk/ending/ending_core.hpp"

#include <mistral/workflows/bulk/identity.hpp>

#include <boost/asio/this_coro.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <string_view>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

using std::chrono::steady_clock;

namespace {

/// A job that ends before the head of the stream has come is found a little later, on a page.
constexpr std::chrono::seconds longest_wait_for_stream{5};

/// As the API takes a workflow: by name or by UUID.
bool looks_like_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-'
             : std::string_view("0123456789abcdefABCDEF").find(text[i]) == std::string_view::npos)
      return false;
  }
  return true;
}

}  // namespace

asio::awaitable<void> batch_run::prepare(std::shared_ptr<batch_run> self) {
  if (options_.journal) co_await open_journal();
  if (abandoned_) co_return;
  if (!options_.journal && options_.begin == bulk_begin::resume) co_await read_pages();
  completions_options waiting = options_.waiting;
  if (!waiting.workflow_name && !looks_like_uuid(workflow_)) waiting.workflow_name = workflow_;
  hub_.emplace(client_, std::move(waiting));
  if (options_.wait == bulk_wait::result) co_await await_stream(self);
  prepared_ = true;
  taking_ = tasks_.begin(take_jobs(self));
  pump();
}

asio::awaitable<void> batch_run::open_journal() {
  journal_manifest manifest = manifest_of(workflow_, options_);
  journal_state_ = co_await options_.journal->open(std::move(manifest), begin_of(options_.begin));
  if (abandoned_) {
    close_quietly(strand_, options_.journal);  // left meanwhile, when there was nothing to close yet
    co_return;
  }
  journal_open_ = true;
  if (!journal_state_.resumed) co_return;
  const std::vector<journal_record> first = co_await options_.journal->records(0, 1, std::nullopt);
  if (!first.empty()) first_queued_ = first.front().queued;
}

/// What is not on the pages is asked for by itself later, so whatever a search leaves out does no harm.
asio::awaitable<void> batch_run::read_pages() {
  const std::string slug = bulk_slug(options_.batch);
  run_list_request request;
  request.workflow_identifier = workflow_;
  request.search = slug;
  request.start_time_after = options_.batch_started_after;
  run_pages pages(client_, std::move(request), page_circle::ends);
  while (const auto page = co_await pages.next()) {
    for (const execution_summary& row : page->executions) {
      if (!bulk_core::is_of_batch(row.execution_id, slug)) continue;
      const auto [place, is_new] = listed_.try_emplace(row.execution_id, row);
      if (!is_new && place->second.start_time < row.start_time) place->second = row;
    }
  }
}

/// Without the stream pages and GETs serve, and the hub opens it again by itself: no reason to hold the batch
/// up for long, or at all once it is stopped.
asio::awaitable<void> batch_run::await_stream(std::shared_ptr<batch_run> self) {
  const core_time until = steady_clock::now() + longest_wait_for_stream;
  const auto task = tasks_.begin(ask_for_stream(self));
  while (!stream_told_ && core_.stopped_by() == bulk_core::stop_cause::none) {
    const core_time now = steady_clock::now();
    if (now >= until) break;
    co_await sleep(until - now);
  }
  if (const auto asks = task.lock()) asks->cancel();
}

asio::awaitable<void> batch_run::ask_for_stream(std::shared_ptr<batch_run> self) {
  std::exception_ptr failure;
  try {
    co_await self->hub_->ready();
  } catch (...) {
    failure = std::current_exception();
  }
  if (failure) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (ends_the_task(failure, state)) std::rethrow_exception(failure);
  }
  stream_told_ = true;
  for (asio::steady_timer* sleeper : sleepers_) sleeper->cancel();
}

}  // namespace mistral::workflows::bulk_run
