// Coroutines that one owner has begun on its strand: each can be cancelled, and all of them together.
// Waits for none of them: who needs to know that one has ended lets it say so.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <exception>
#include <functional>
#include <list>
#include <memory>

namespace mistral::workflows::bulk_run {

/// One of them, as long as it runs.
class running_task {
 public:
  /// Terminal. On the strand.
  void cancel() {
    cancelled_ = true;
    if (!ended_) signal_.emit(boost::asio::cancellation_type::terminal);
  }

 private:
  friend class task_group;
  boost::asio::cancellation_signal signal_;
  bool cancelled_ = false;
  bool ended_ = false;
};

/// Used on its strand alone; the coroutines keep themselves alive, not the group.
class task_group {
 public:
  /// `failed` hears of what a coroutine throws, but for the abort of one that was cancelled here: a key
  /// supplier may throw operation_aborted by itself, and whoever waits for that coroutine has to know.
  task_group(boost::asio::any_io_executor strand, std::function<void(std::exception_ptr)> failed);

  /// Begins it soon, not within this call. Nothing is begun after `cancel_all`.
  std::weak_ptr<running_task> begin(boost::asio::awaitable<void> body);

  void cancel_all();

 private:
  struct state {
    std::function<void(std::exception_ptr)> failed;
    std::list<std::shared_ptr<running_task>> tasks;
    bool over = false;
  };

  boost::asio::any_io_executor strand_;
  std::shared_ptr<state> state_;
};

}  // namespace mistral::workflows::bulk_run
