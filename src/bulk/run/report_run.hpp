// Hands out the outcomes that a journal holds.
// Not a batch at work: nothing is started, and nothing is asked of the service.
#pragma once

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/bulk/outcome.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

namespace mistral::workflows::bulk_run {

/// On its strand, but for `leave`.
class report_run : public std::enable_shared_from_this<report_run> {
 public:
  report_run(boost::asio::any_io_executor strand, std::shared_ptr<bulk_journal> journal,
             journal_manifest manifest);

  const boost::asio::any_io_executor& strand() const noexcept { return strand_; }

  boost::asio::awaitable<std::optional<bulk_outcome>> pull();
  void leave();

 private:
  enum class stage { before, reading, read, over };

  boost::asio::any_io_executor strand_;
  std::shared_ptr<bulk_journal> journal_;
  journal_manifest manifest_;
  stage stage_ = stage::before;
  bool left_ = false;
  std::uint64_t after_ = 0;
  std::deque<bulk_outcome> ready_;

  boost::asio::awaitable<void> read_some();
};

}  // namespace mistral::workflows::bulk_run
