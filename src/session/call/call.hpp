// One logical call as its caller awaits it: its beginning, its deadline, its cancellation, its end.
// Not its requests (call_run.hpp), not the decoding of the answer, and not streams (stream.hpp).
#pragma once

#include "net/common/asio_compat.hpp"
#include "protocol/http/request.hpp"
#include "session/call/attempt.hpp"
#include "session/call/call_subject.hpp"
#include "session/client/client_state.hpp"
#include "session/frame/call_blocks.hpp"
#include "session/frame/call_control.hpp"
#include "session/frame/task.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::session {

/// The operation that a call goes on with, where it is not its first
/// request: errors are of that operation, and know what it has done already.
struct begun_operation {
  begun_operation() = default;

  std::string_view name;  ///< empty: the call is an operation by itself
  server_action acted = server_action::no;
  int attempts = 0;          ///< so many before
  bool key_renewed = false;  ///< another key was asked for before: once is enough
  std::string execution_id;
  protocol::waiting_line line =
      protocol::waiting_line::usual;  ///< where requests have to wait for their turn
  std::optional<std::chrono::steady_clock::time_point>
      ends;  ///< its deadline, in place of one of the call's own
};

/// Sees to it by itself what follows a request: the call that it watches
/// is a single one. Told on the call's executor; outlives the call.
class request_watcher {
 public:
  /// All that a request waits for is there, its hooks have been called, and it leaves now. May change the
  /// body of the setup's request, or throw what the call ends with instead.
  /// Again after ended(): that was a 401, and this request has another key.
  virtual void leaves() = 0;

  /// Not of a request that the caller, the client or the deadline broke off.
  virtual void ended(const attempt_result& result) = 0;

 protected:
  ~request_watcher() = default;
};

/// What a call begins with. Stays where it is until the call has ended.
struct call_setup {
  call_setup(client_handle by, protocol::request what) : handle(std::move(by)), request(std::move(what)) {}

  client_handle handle;
  protocol::request request;
  std::optional<std::chrono::milliseconds>
      deadline;                           ///< the operation's own default, in place of the client's
  std::unique_ptr<call_subject> subject;  ///< of a call that can be in doubt
  begun_operation part_of;
  request_watcher* watcher = nullptr;
};

/// Takes the 2xx answer of a call, on the call's executor. What it throws, the
/// call ends with. May be asked to read another answer, in place of the last.
class answer_reader {
 public:
  /// Says which id the answer names; empty: none. Good until the next.
  virtual std::string_view read(call_answer& answer, const call_control& control) = 0;

 protected:
  ~answer_reader() = default;
};

/// A call under way, on an executor of its own (client_state::operation_executor).
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_operation : public call_control {
 public:
  call_operation(const call_setup& setup, answer_reader& reader, call_block& block);

  /// On its executor.
  void begin(std::shared_ptr<call_operation> self) { start(std::move(self)); }

 protected:
  ~call_operation() override = default;

 private:
  const call_setup& setup_;
  answer_reader& reader_;
  attempt_means means_;
  bool answered_ = false;

  class read_patience final : public has_deadline {
   public:
    explicit read_patience(call_operation& of) : of_(of) {}

   private:
    void post_deadline_passed() override { of_.post_out_of_patience(); }

    call_operation& of_;
  };
  read_patience patience_{*this};

  void post_out_of_patience();
  void out_of_patience();

  task<void> run() override;
  void ended(std::shared_ptr<task_scope> self, std::exception_ptr failure) override;
  void given_up() noexcept override;
  void leave() noexcept;

  /// The caller goes on inside complete(), and not after it.
  virtual bool goes_on_at_once() const noexcept = 0;

  /// Lets go of `self`, and tells the caller.
  virtual void complete(std::shared_ptr<task_scope> self, std::exception_ptr failure) = 0;
};

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
