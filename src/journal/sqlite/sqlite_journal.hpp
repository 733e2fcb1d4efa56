// A journal in SQLite as users have it: each operation is a request to the journal's thread.
// Not the thread (writer.hpp), and not what is written (store.hpp).
#pragma once

#include "journal/sqlite/writer.hpp"

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/export.hpp>

#include <cstdint>
#include <memory>

namespace mistral::workflows::journal_sqlite {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT sqlite_journal final : public bulk_journal {
 public:
  explicit sqlite_journal(std::shared_ptr<writer> to);
  ~sqlite_journal() override;

  boost::asio::awaitable<journal_state> open(journal_manifest manifest, journal_begin begin) override;
  boost::asio::awaitable<journal_record> claim(journal_record wanted) override;
  boost::asio::awaitable<void> started(std::string key, std::string run_id, timestamp at,
                                       int attempts) override;
  boost::asio::awaitable<void> done(std::string key, std::string outcome, bool failed, timestamp at) override;
  boost::asio::awaitable<void> acknowledge(std::vector<std::string> keys) override;
  boost::asio::awaitable<std::vector<journal_record>> records(std::uint64_t after_position, std::size_t limit,
                                                              std::optional<journal_stage> only) override;
  boost::asio::awaitable<void> finish() override;
  boost::asio::awaitable<void> close() override;

  /// How often something was committed; each is one sync of the log.
  std::uint64_t commits() const noexcept;

 private:
  std::shared_ptr<writer> writer_;
};

}  // namespace mistral::workflows::journal_sqlite
