// A coroutine that waits, its type left behind, until somebody completes it, on the coroutine's own executor.
// Not what it waits for, and not its cancellation: the hub has both.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <exception>
#include <memory>
#include <utility>

namespace mistral::workflows::bulk_run {

template <class... Values>
class pending_wait {
 public:
  virtual ~pending_wait() = default;
  /// Once. Returns before the coroutine goes on. From any thread, with no lock held: what the coroutine owned
  /// may go with it.
  virtual void complete(std::exception_ptr failure, Values... values) = 0;
};

template <class Handler, class... Values>
class pending_wait_of final : public pending_wait<Values...> {
 public:
  pending_wait_of(Handler handler, std::shared_ptr<void> keeps)
      : handler_(std::move(handler)),
        keeps_(std::move(keeps)),
        home_(
            boost::asio::prefer(boost::asio::any_io_executor(boost::asio::get_associated_executor(handler_)),
                                boost::asio::execution::outstanding_work.tracked)) {}

  void complete(std::exception_ptr failure, Values... values) override {
    auto last = [handler = std::move(handler_), failure = std::move(failure),
                 ... held = std::move(values)]() mutable {
      std::move(handler)(std::move(failure), std::move(held)...);
    };
    boost::asio::post(home_, std::move(last));
  }

 private:
  Handler handler_;
  std::shared_ptr<void> keeps_;
  boost::asio::any_io_executor home_;  // has work as long as somebody waits
};

/// `keeps`: what stays as long as somebody waits.
template <class... Values, class Handler>
std::unique_ptr<pending_wait<Values...>> make_pending(Handler handler, std::shared_ptr<void> keeps) {
  return std::make_unique<pending_wait_of<Handler, Values...>>(std::move(handler), std::move(keeps));
}

}  // namespace mistral::workflows::bulk_run
