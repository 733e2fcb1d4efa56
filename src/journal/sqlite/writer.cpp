#include "journal/sqlite/writer.hpp"

#include <exception>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include <signal.h>
#include <unistd.h>

namespace mistral::workflows::journal_sqlite {

using bulk_core::journal_failure;

namespace {

/// Signals are for the program's own threads. Blocked, SIGXFSZ
/// leaves a file that may not grow further to the caller of write().
class signals_blocked {
 public:
  signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  signals_blocked(const signals_blocked&) = delete;
  signals_blocked& operator=(const signals_blocked&) = delete;

 private:
  sigset_t before_;
};

/// What `work` fails with.
template <typename Work>
std::optional<journal_failure> failure_of(const Work& work) {
  try {
    work();
    return std::nullopt;
  } catch (const journal_failure& failure) {
    return failure;
  } catch (const std::exception& other) {
    return journal_failure(journal_problem::failed, other.what());
  }
}

bool is_alone(const request& one) {
  return one.kind == request_kind::open || one.kind == request_kind::close;
}

}  // namespace

writer::writer(std::filesystem::path file, const sqlite_journal_options& options)
    : file_(std::move(file)), options_(options) {}

// A child of fork() has the memory of the thread but not the thread: nothing that this may have been
// using, not even a lock, can be touched or destroyed there, and least of all SQLite's connection.
std::shared_ptr<writer> writer::make(std::filesystem::path file, const sqlite_journal_options& options) {
  const auto destroy = [](writer* one) {
    if (!one->in_child()) delete one;
  };
  return std::shared_ptr<writer>(new writer(std::move(file), options), destroy);
}

bool writer::in_child() const noexcept {
  const pid_t process = process_;
  return process != 0 && process != ::getpid();
}

writer::~writer() {
  if (!thread_) return;
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_one();
  thread_->join();
}

void writer::submit(std::shared_ptr<request> one) {
  if (in_child())
    throw journal_failure(journal_problem::refused, "the journal was opened before a fork, by the parent");
  const std::lock_guard lock(mutex_);
  if (ending_ || (!thread_ && one->kind != request_kind::open))
    throw journal_failure(journal_problem::closed, "the journal is not open");
  if (!thread_) start_thread();
  if (one->kind == request_kind::close) ending_ = true;
  queue_.push_back(std::move(one));
  changed_.notify_one();
}

void writer::start_thread() {
  const signals_blocked while_it_begins;
  try {
    thread_ = std::make_unique<std::thread>([this] { run(); });
  } catch (const std::system_error& error) {
    throw journal_failure(journal_problem::failed, std::string("no thread for the journal: ") + error.what());
  }
  process_ = ::getpid();
}

void writer::run() {
  store on(file_, options_);
  for (requests group = next(); !group.empty(); group = next()) {
    request& first = *group.front();
    if (!is_alone(first)) {
      run_together(on, std::move(group));
      continue;
    }
    if (first.kind == request_kind::open) {
      first.failure = failure_of([&] { first.work(on); });
    } else {
      run_together(on, requests());
      if (!kept_.empty())
        first.failure = journal_failure(journal_problem::failed, "the last writes could not be made");
      on.close();
    }
    first.told->end();
  }
  if (!kept_.empty()) run_together(on, requests());
}

// What has come in meanwhile, up to what stands alone.
writer::requests writer::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !queue_.empty() || ending_; });
  requests out;
  while (!queue_.empty() && out.size() < options_.most_in_commit) {
    if (is_alone(*queue_.front()) && !out.empty()) break;
    out.push_back(std::move(queue_.front()));
    queue_.pop_front();
    if (is_alone(*out.front())) break;
  }
  return out;
}

// One transaction. What an operation is refused stays its own affair; any other failure is that of all.
void writer::run_together(store& on, requests group) {
  group.insert(group.begin(), std::make_move_iterator(kept_.begin()), std::make_move_iterator(kept_.end()));
  kept_.clear();
  if (group.empty()) return;
  const std::optional<journal_failure> failure = failure_of([&] {
    on.begin();
    for (const auto& one : group) {
      one->failure = failure_of([&] { one->work(on); });
      if (one->failure && one->failure->problem != journal_problem::refused)
        throw journal_failure(*one->failure);
    }
    on.commit();
    ++commits_;
  });
  if (failure) on.roll_back();
  for (auto& one : group) {
    if (failure) one->failure = failure;
    if (one->kind == request_kind::durable)
      one->told->end();
    else if (failure && failure->problem == journal_problem::failed)
      kept_.push_back(std::move(one));
  }
}

}  // namespace mistral::workflows::journal_sqlite
