#include "net/connect/lookup_threads.hpp"

#include "net/common/fork_guard.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <list>
#include <map>
#include <utility>

#include <signal.h>

namespace mistral::workflows::net {
namespace {

using boost::system::error_code;

/// Signals are for the program's own threads: those begun meanwhile take none.
class all_signals_blocked {
 public:
  all_signals_blocked() noexcept {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~all_signals_blocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  all_signals_blocked(const all_signals_blocked&) = delete;
  all_signals_blocked& operator=(const all_signals_blocked&) = delete;

 private:
  sigset_t before_;
};

lookup_means with_defaults(lookup_means means) {
  if (!means.start_thread) {
    means.start_thread = [](std::function<void()> work) { return std::thread(std::move(work)); };
  }
  if (!means.now) means.now = [] { return std::chrono::steady_clock::now(); };
  return means;
}

}  // namespace

/// Shared with the threads, which may outlive everything else.
class lookup_threads::state : public std::enable_shared_from_this<state> {
 public:
  using addresses = std::vector<boost::asio::ip::address>;
  using clock = std::chrono::steady_clock;

  explicit state(lookup_means means) : means_(with_defaults(std::move(means))) {}

  bool in_child() const noexcept { return process_.in_child(); }

  void start(const std::string& host, resolve_done done) {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    std::vector<resolve_done>& told = asked_[host];
    told.push_back(std::move(done));
    const clock::time_point now = means_.now();
    const auto not_lost = [&](const worker& one) { return one.looks_up(host) && now - one.begun < patience; };
    if (any_of(not_lost) || waits(host)) return;
    join_ended();
    const bool again = any_of([&](const worker& one) { return one.looks_up(host); });
    if (again && workers_.size() >= most_again) return;
    try {
      if (workers_.size() == most)
        waiting_.push_back(host);
      else
        start_worker(host, now);
    } catch (...) {
      if (again) return;  // the lost one may yet answer
      told.pop_back();
      if (told.empty()) asked_.erase(host);
      throw;
    }
  }

  void end() noexcept {
    if (in_child()) {
      kept_ =
          shared_from_this();  // with the threads that are not here: one of them may hold the lock for ever
      return;
    }
    std::map<std::string, std::vector<resolve_done>> dropped;  // destroyed after the lock
    std::unique_lock lock(mutex_);
    if (std::exchange(stopped_, true)) return;
    dropped.swap(asked_);
    waiting_.clear();
    auto until = clock::time_point::min();
    for (const worker& one : workers_) until = std::max(until, one.asked_at + grace);
    const auto is_at_work = [](const worker& one) { return !one.ended; };
    changed_.wait_until(lock, until, [&] { return !any_of(is_at_work); });
    changed_.wait(lock, [this] { return !any_of([](const worker& one) { return one.answering; }); });
    for (worker& one : workers_) {
      if (one.ended)
        one.thread.join();
      else
        one.thread.detach();
    }
  }

 private:
  struct worker {
    worker() = default;
    std::thread thread;
    std::string host;
    clock::time_point begun{};                  // as start() counts
    clock::time_point asked_at = clock::now();  // as end() counts
    bool answering = false;
    bool ended = false;

    bool looks_up(const std::string& name) const { return !answering && !ended && host == name; }
  };

  // A name that is begun again leaves the other threads to other names.
  static constexpr std::size_t most_again = most / 2;

  const fork_guard process_;
  const lookup_means means_;
  std::shared_ptr<state> kept_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::map<std::string, std::vector<resolve_done>> asked_;  // by name: all who wait for it
  std::deque<std::string> waiting_;                         // names without a thread yet
  std::list<worker> workers_;

  template <typename Condition>
  bool any_of(Condition holds) const {
    return std::any_of(workers_.begin(), workers_.end(), holds);
  }
  bool waits(const std::string& host) const {
    return std::find(waiting_.begin(), waiting_.end(), host) != waiting_.end();
  }

  void join_ended() {
    std::erase_if(workers_, [](worker& one) {
      if (one.ended) one.thread.join();  // it has nothing left to do
      return one.ended;
    });
  }

  void start_worker(const std::string& host, clock::time_point now) {
    worker& made = workers_.emplace_back();
    try {
      made.host = host;
      made.begun = now;
      const all_signals_blocked guard;
      made.thread = means_.start_thread([self = shared_from_this(), &made, host] { self->work(made, host); });
    } catch (...) {
      workers_.pop_back();
      throw;
    }
  }

  void work(worker& me, std::string host) {
    for (;;) {
      addresses found;
      const error_code why = ask(host, found);
      std::unique_lock lock(mutex_);
      if (!stopped_) answer(me, lock, host, why, found);
      if (stopped_ || waiting_.empty()) {
        me.ended = true;
        changed_.notify_all();
        return;
      }
      host = std::move(waiting_.front());
      waiting_.pop_front();
      me.host = host;
      me.begun = means_.now();
      me.asked_at = clock::now();
    }
  }

  error_code ask(const std::string& host, addresses& found) const noexcept {
    try {
      return means_.ask(host, found);
    } catch (...) {
      return boost::asio::error::no_memory;
    }
  }

  void answer(worker& me, std::unique_lock<std::mutex>& lock, const std::string& host, error_code why,
              const addresses& found) {
    auto told = asked_.extract(host);  // nobody, where another look-up of the name was the first
    me.answering = true;
    lock.unlock();
    if (told) {
      for (const resolve_done& one : told.mapped()) one(why, found);
      told = decltype(told)();
    }
    lock.lock();
    me.answering = false;
    changed_.notify_all();
  }
};

lookup_threads::lookup_threads(lookup_means means)
    : means_(std::move(means)), state_(std::make_shared<state>(means_)) {}
lookup_threads::~lookup_threads() { end(); }

void lookup_threads::start(const std::string& host, resolve_done done) {
  std::shared_ptr<state> here = current();
  if (here->in_child()) here = begin_anew();
  here->start(host, std::move(done));
}
void lookup_threads::end() noexcept { current()->end(); }

std::shared_ptr<lookup_threads::state> lookup_threads::current() {
  const std::lock_guard lock(mutex_);
  return state_;
}

std::shared_ptr<lookup_threads::state> lookup_threads::begin_anew() {
  const std::lock_guard lock(mutex_);
  if (state_->in_child()) {
    state_->end();
    state_ = std::make_shared<state>(means_);
  }
  return state_;
}

}  // namespace mistral::workflows::net
