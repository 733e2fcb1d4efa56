// Waits for a subscription of the engine on behalf of a stream, which may go before the wait does.
// Not what is waited for: the stream asks its subscription itself.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <utility>

namespace mistral::workflows::testing {

/// `Subscription` has `awaitable<void> wait()`. At most one wait is under way.
template <class Subscription>
class news_waiter {
 public:
  news_waiter(boost::asio::any_io_executor executor, Subscription from)
      : executor_(std::move(executor)), shared_(std::make_shared<shared>(std::move(from))) {}

  ~news_waiter() {
    shared_->wake = nullptr;
    if (shared_->under_way) shared_->stop.emit(boost::asio::cancellation_type::all);
  }

  news_waiter(const news_waiter&) = delete;
  news_waiter& operator=(const news_waiter&) = delete;

  Subscription& subscription() { return shared_->from; }

  /// Calls `wake` once, later; never after destruction.
  void await_news(std::function<void()> wake) {
    shared_->wake = std::move(wake);
    if (shared_->under_way) return;
    shared_->under_way = true;
    const auto on_news = [shared = shared_](std::exception_ptr) {
      shared->under_way = false;
      if (shared->wake) shared->wake();
    };
    boost::asio::co_spawn(executor_, wait_once(shared_),
                          boost::asio::bind_cancellation_slot(shared_->stop.slot(), on_news));
  }

 private:
  struct shared {
    explicit shared(Subscription subscription) : from(std::move(subscription)) {}

    Subscription from;
    std::function<void()> wake;  ///< empty: nobody listens any more
    boost::asio::cancellation_signal stop;
    bool under_way = false;
  };

  static boost::asio::awaitable<void> wait_once(std::shared_ptr<shared> shared) {
    co_await shared->from.wait();
  }

  boost::asio::any_io_executor executor_;
  std::shared_ptr<shared> shared_;
};

}  // namespace mistral::workflows::testing
