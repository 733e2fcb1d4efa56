#include "testing/engine/pending.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

asio::awaitable<boost::json::value> pending::wait() {
  auto start = [self = shared_from_this()](auto&& handler) {
    self->handler_ = std::forward<decltype(handler)>(handler);
    if (self->over_) {
      self->over_ = false;
      self->finish(self->early_error_, std::move(self->early_value_));
      return;
    }
    auto slot = self->handler_.get_cancellation_slot();
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr<pending>(self)](asio::cancellation_type) {
      auto wait = weak.lock();
      if (wait && !wait->over_)
        wait->fail(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)));
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, boost::json::value)>(std::move(start),
                                                                                                           asio::use_awaitable);
}

void pending::drop() {
  over_ = true;
  auto dropped = std::exchange(handler_, nullptr);
}

void pending::finish(std::exception_ptr error, boost::json::value value) {
  if (over_) return;
  over_ = true;
  if (!handler_) {
    early_error_ = std::move(error);
    early_value_ = std::move(value);
    return;
  }
  // Never resumed from within: what completes a wait first finishes its own work.
  asio::post(context_, [handler = std::move(handler_), error = std::move(error), value = std::move(value)]() mutable {
    std::move(handler)(std::move(error), std::move(value));
  });
}

}  // namespace mistral::workflows::testing
