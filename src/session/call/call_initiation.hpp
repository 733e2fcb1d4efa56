// How a call is awaited: started from whoever awaits it, with that one's cancellation and executor.
// Not the call itself (call.hpp).
#pragma once

#include "net/common/asio_compat.hpp"
#include "session/call/call.hpp"
#include "session/client/client_state.hpp"
#include "session/frame/call_blocks.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <exception>
#include <memory>
#include <type_traits>
#include <utility>

namespace mistral::workflows::session {

/// A call whose caller goes on with `Handler`.
template <class Handler>
class call_for_handler final : public call_operation {
 public:
  call_for_handler(Handler handler, const call_setup& setup, answer_reader& reader, call_block& block)
      : call_operation(setup, reader, block),
        handler_(std::move(handler)),
        caller_(boost::asio::get_associated_executor(handler_, executor())),
        here_(caller_ == executor()) {
    if (!here_) caller_ = boost::asio::prefer(caller_, boost::asio::execution::outstanding_work.tracked);
  }
  ~call_for_handler() override = default;

  static void start(std::shared_ptr<call_for_handler> self) {
    self->listen_to_caller(self);
    if (!self->here_) {
      call_for_handler& one = *self;
      boost::asio::post(one.executor(), [self = std::move(self)] { self->begin(self); });
      return;
    }
    self->starting_ = true;
    self->begin(self);
    self->starting_ = false;
  }

 private:
  Handler handler_;
  boost::asio::any_io_executor caller_;
  const bool here_;  // the caller runs where the operation does
  bool starting_ = false;

  void listen_to_caller(const std::shared_ptr<call_for_handler>& self) {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (!slot.is_connected()) return;
    slot.assign([weak = std::weak_ptr<call_for_handler>(self)](boost::asio::cancellation_type type) {
      const auto call = weak.lock();
      if (!call) return;
      call->asked_to_cancel(type);
      boost::asio::dispatch(call->executor(), [call, type] { call->cancel(type); });
    });
  }

  bool goes_on_at_once() const noexcept override { return here_ && !starting_; }

  void complete(std::shared_ptr<task_scope> self, std::exception_ptr failure) override {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (goes_on_at_once()) {
      slot.clear();
      Handler handler = std::move(handler_);
      self.reset();  // the memory is free for the next call, which may begin in the handler
      std::move(handler)(std::move(failure));
      return;
    }
    const boost::asio::any_io_executor caller = caller_;
    auto finish = [slot, handler = std::move(handler_), failure = std::move(failure)]() mutable {
      slot.clear();
      std::move(handler)(std::move(failure));
    };
    if (here_)
      boost::asio::post(caller, std::move(finish));
    else
      boost::asio::dispatch(caller, std::move(finish));
  }
};

/// Starts a call; for async_initiate.
class initiate_call {
 public:
  template <class Handler>
  void operator()(Handler&& handler, const call_setup* setup, answer_reader* reader) const {
    using operation = call_for_handler<std::decay_t<Handler>>;
    const std::shared_ptr<call_blocks>& home = setup->handle.state->blocks();
    call_block* const block = home->take().release();
    const block_allocator<operation> memory(home, block);
    operation::start(
        std::allocate_shared<operation>(memory, std::forward<Handler>(handler), *setup, *reader, *block));
  }
};

/// Sends the request until it is answered with 2xx, or throws what the operation ends with. Awaited without
/// a coroutine of its own; the caller's cancellation is passed on. In a child of the client's process it
/// throws at once: the executor on which the call would say so is the parent's, and nobody may run it here.
inline auto call(const call_setup& setup, answer_reader& reader) {
  setup.handle.state->check_process();
  return boost::asio::async_initiate<const boost::asio::deferred_t, void(std::exception_ptr)>(
      initiate_call(), net::plain, &setup, &reader);
}

}  // namespace mistral::workflows::session
