// One suspended wait of a workflow: completed by the engine, failed by a cancellation, dropped with the run.
// Not a queue: what completes it decides for itself whom to wake.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>

#include <exception>
#include <memory>

namespace mistral::workflows::testing {

class pending : public std::enable_shared_from_this<pending> {
 public:
  explicit pending(boost::asio::io_context& context) : context_(context) {}

  /// Suspends the calling coroutine until `complete` or `fail`;
  /// either may have come before. Requires: awaited once.
  boost::asio::awaitable<boost::json::value> wait();

  void complete(boost::json::value value) { finish(nullptr, std::move(value)); }
  void fail(std::exception_ptr error) { finish(std::move(error), boost::json::value()); }
  /// Completed, failed or cancelled by the workflow itself, for example as the loser of `a || b`.
  bool over() const { return over_; }
  /// Never completes.
  void drop();

 private:
  /// The suspended coroutine. (Boost 1.81's any_completion_handler cannot be moved by assignment.)
  struct resumption {
    virtual ~resumption() = default;
    virtual void resume(std::exception_ptr error, boost::json::value value) = 0;
  };
  template <class Handler>
  struct resumption_of;

  void finish(std::exception_ptr error, boost::json::value value);

  boost::asio::io_context& context_;
  std::unique_ptr<resumption> resumption_;
  std::exception_ptr early_error_;
  boost::json::value early_value_;
  bool over_ = false;
};

}  // namespace mistral::workflows::testing
