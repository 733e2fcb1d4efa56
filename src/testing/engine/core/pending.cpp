#include "testing/engine/core/pending.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <type_traits>
#include <utility>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

template <class Handler>
struct pending::resumption_of : resumption {
  explicit resumption_of(Handler suspended) : handler(std::move(suspended)) {}
  void resume(std::exception_ptr error, boost::json::value value) override {
    std::move(handler)(std::move(error), std::move(value));
  }

  Handler handler;
};

asio::awaitable<boost::json::value> pending::wait() {
  auto start = [self = shared_from_this()](auto&& handler) {
    using handler_type = std::decay_t<decltype(handler)>;
    auto slot = asio::get_associated_cancellation_slot(handler);
    self->resumption_ =
        std::make_unique<resumption_of<handler_type>>(std::forward<decltype(handler)>(handler));
    if (self->over_) {
      self->over_ = false;
      self->finish(self->early_error_, std::move(self->early_value_));
      return;
    }
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr<pending>(self)](asio::cancellation_type) {
      auto wait = weak.lock();
      if (wait && !wait->over_)
        wait->fail(std::make_exception_ptr(boost::system::system_error(asio::error::operation_aborted)));
    });
  };
  return asio::async_initiate<const asio::use_awaitable_t<>&, void(std::exception_ptr, boost::json::value)>(
      std::move(start), asio::use_awaitable);
}

void pending::drop() {
  over_ = true;
  auto dropped = std::move(resumption_);
}

void pending::finish(std::exception_ptr error, boost::json::value value) {
  if (over_) return;
  over_ = true;
  if (!resumption_) {
    early_error_ = std::move(error);
    early_value_ = std::move(value);
    return;
  }
  // Never resumed from within: what completes a wait first finishes its own work.
  asio::post(context_,
             [suspended = std::move(resumption_), error = std::move(error),
              value = std::move(value)]() mutable { suspended->resume(std::move(error), std::move(value)); });
}

}  // namespace mistral::workflows::testing
