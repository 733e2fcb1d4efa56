// Where coroutines of one strand wait until something that they look at has changed.
// Carries no value and remembers nothing: who waits looks first, waits, and looks again.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace mistral::workflows::bulk_run {

/// Used on its strand alone. Between looking and waiting nothing may be awaited, then no change is missed.
class wake {
 public:
  explicit wake(const boost::asio::any_io_executor& strand)
      : timer_(strand, boost::asio::steady_timer::time_point::max()) {}

  /// Lets all go on that wait now. They do so later, never within this call.
  void all() { timer_.cancel(); }

  /// Until the next all(). Cancel: any type, as operation_aborted.
  boost::asio::awaitable<void> wait() {
    boost::system::error_code ignored;
    co_await timer_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
    const auto state = co_await boost::asio::this_coro::cancellation_state;
    if (state.cancelled() != boost::asio::cancellation_type::none)
      throw boost::system::system_error(boost::asio::error::operation_aborted);
  }

 private:
  boost::asio::steady_timer timer_;
};

}  // namespace mistral::workflows::bulk_run
