// The journal's thread: takes what was asked for in order, as
// many at once as have come in, and commits them together.
// Not what they do to the file: that is store.hpp.
#pragma once

#include "bulk/journal_rules.hpp"
#include "journal/sqlite/store.hpp"
#include "journal/sqlite/waiting.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/journal/sqlite.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <sys/types.h>

namespace mistral::workflows::journal_sqlite {

enum class request_kind {
  open,     ///< alone; the first of it begins the thread
  durable,  ///< in a commit with others; waited for
  later,    ///< in a commit with others; nobody waits, and it is kept while commits fail
  close     ///< alone; the thread ends
};

struct request {
  request(request_kind what, std::function<void(store&)> how) : kind(what), work(std::move(how)) {}

  const request_kind kind;
  const std::function<void(store&)> work;
  std::optional<bulk_core::journal_failure> failure;            ///< before the wait ends
  std::shared_ptr<waiting> told = std::make_shared<waiting>();  ///< not of `later`
};

/// Thread-safe. Letting go of it waits until what is queued is written.
class writer {
 public:
  static std::shared_ptr<writer> make(std::filesystem::path file, const sqlite_journal_options& options);
  ~writer();
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;

  /// Throws journal_failure where there is nothing that would
  /// do it. The request's wait, but of `later`, has begun.
  void submit(std::shared_ptr<request> one);

  std::uint64_t commits() const noexcept { return commits_; }

 private:
  using requests = std::vector<std::shared_ptr<request>>;

  const std::filesystem::path file_;
  const sqlite_journal_options options_;
  std::atomic<std::uint64_t> commits_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::shared_ptr<request>> queue_;
  bool ending_ = false;  // nothing more is taken
  std::unique_ptr<std::thread> thread_;
  std::atomic<pid_t> process_{0};  // in which the thread is

  writer(std::filesystem::path file, const sqlite_journal_options& options);
  bool in_child() const noexcept;
  void start_thread();
  void run();
  requests next();
  void run_open(store& on, request& one);
  void run_together(store& on, requests group);
  requests kept_;  // of the thread: those of kind `later` that could not be written yet
};

}  // namespace mistral::workflows::journal_sqlite
