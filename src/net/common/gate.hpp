// A place where one coroutine waits until another thread lets it through, once.
// Carries no value: what was waited for lies beside it, under its owner's lock.
#pragma once

#include "net/common/asio_compat.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <list>
#include <memory>
#include <mutex>
#include <utility>

namespace mistral::workflows::net {

/// Thread-safe. The first open() counts; it may come before the wait. Cancellation of any
/// type is an open() with operation_aborted. Somebody who waits keeps the gate alive. A
/// context that is destroyed destroys what waits on it, as with every operation of Asio's.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT gate : public std::enable_shared_from_this<gate> {
 public:
  gate();
  ~gate();
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;

  /// Lets the one that waits, or will wait, go on; it is resumed on its own executor, never inside this call.
  void open(error_code result = error_code());

  /// At most once for each gate.
  template <typename Token>
  auto async_wait(Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(start_waiting(shared_from_this()), token);
  }

  class registry;

 private:
  struct pending {
    virtual ~pending() = default;
    virtual void complete(error_code result) = 0;

    std::list<std::shared_ptr<gate>>::iterator place;
  };

  template <typename Handler, typename Executor>
  struct pending_handler final : pending {
    pending_handler(Handler waiting, const Executor& executor)
        : handler(std::move(waiting)),
          work(asio::prefer(executor, asio::execution::outstanding_work.tracked)) {}
    void complete(error_code result) override {
      asio::post(work, [resumed = std::move(handler), result]() mutable { std::move(resumed)(result); });
    }

    Handler handler;
    std::decay_t<decltype(asio::prefer(std::declval<const Executor&>(),
                                       asio::execution::outstanding_work.tracked))>
        work;
  };

  class start_waiting {
   public:
    explicit start_waiting(std::shared_ptr<gate> self) : self_(std::move(self)) {}
    template <typename Handler>
    void operator()(Handler&& handler) {
      using handler_type = std::decay_t<Handler>;
      const auto executor = asio::get_associated_executor(handler);
      auto slot = asio::get_associated_cancellation_slot(handler);
      auto waiting = std::make_unique<pending_handler<handler_type, std::decay_t<decltype(executor)>>>(
          std::forward<Handler>(handler), executor);
      if (slot.is_connected()) {
        slot.assign([weak = std::weak_ptr<gate>(self_)](asio::cancellation_type) {
          if (const auto still_there = weak.lock()) still_there->open(asio::error::operation_aborted);
        });
      }
      self_->wait(std::move(waiting), context_of(executor));
    }

   private:
    std::shared_ptr<gate> self_;
  };

  std::mutex mutex_;
  std::unique_ptr<pending> pending_;
  bool open_ = false;
  error_code result_;  // not changed once open_
  std::shared_ptr<registry> home_;

  void wait(std::unique_ptr<pending> waiting, asio::execution_context& context);
  void resume(registry& home);
  void abandon() noexcept;
};

}  // namespace mistral::workflows::net
