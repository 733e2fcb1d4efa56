#include "bulk/run/report_run.hpp"

#include "bulk/common/close_quietly.hpp"
#include "bulk/run/records.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

report_run::report_run(asio::any_io_executor strand, std::shared_ptr<bulk_journal> journal,
                       journal_manifest manifest)
    : strand_(std::move(strand)), journal_(std::move(journal)), manifest_(std::move(manifest)) {}

asio::awaitable<std::optional<bulk_outcome>> report_run::pull() {
  const auto self = shared_from_this();
  if (stage_ == stage::before) {
    co_await journal_->open(manifest_, journal_begin::report);
    stage_ = stage::reading;
  }
  try {
    while (ready_.empty() && stage_ == stage::reading && !left_) co_await read_some();
  } catch (...) {
    if (!left_) throw;  // else the journal has been closed meanwhile
  }
  if (left_) throw boost::system::system_error(asio::error::operation_aborted);
  if (ready_.empty() && stage_ == stage::read) {
    stage_ = stage::over;
    co_await journal_->close();
  }
  if (ready_.empty()) co_return std::nullopt;
  std::optional<bulk_outcome> out(std::move(ready_.front()));
  ready_.pop_front();
  co_return out;
}

asio::awaitable<void> report_run::read_some() {
  constexpr std::size_t at_once = 16;  // whole outcomes, of megabytes perhaps
  const std::vector<journal_record> records = co_await journal_->records(after_, at_once, std::nullopt);
  for (const journal_record& record : records) {
    after_ = record.position;
    if (record.stage != journal_stage::done && record.stage != journal_stage::acknowledged) continue;
    ready_.push_back(bulk_run::outcome_of(record));
    ready_.back().repeated = true;
  }
  if (records.size() < at_once) stage_ = stage::read;
}

void report_run::leave() {
  asio::post(strand_, [self = shared_from_this()] {
    if (self->stage_ == stage::before || self->stage_ == stage::over || self->left_) return;
    self->left_ = true;
    close_quietly(self->strand_, self->journal_);
  });
}

}  // namespace mistral::workflows::bulk_run
