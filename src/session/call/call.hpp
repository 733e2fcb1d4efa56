// One logical call: attempts, retries, deadline, errors.
// Not the decoding of the answer, and not streams (stream.hpp).
#pragma once

#include "net/common/asio_compat.hpp"
#include "protocol/calls/backoff.hpp"
#include "protocol/http/request.hpp"
#include "session/call/attempt.hpp"
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

class attempts;

/// What is done where a repeat of the request is not safe by itself: looks at what the server has, and decides.
class doubt_resolver {
 public:
  virtual ~doubt_resolver() = default;

  struct verdict {
    verdict() = default;

    bool send_again = false;            ///< nothing was done: the request may go out once more
    std::optional<call_answer> answer;  ///< else: it was done, and this is the call's answer
  };

  /// Called after an attempt whose fate is unknown. Sends its own requests through `calls`, within the same deadline. May
  /// throw what the call is to end with.
  virtual task<verdict> look(attempts& calls, const attempt_result& last) = 0;

  /// Whether an error answer is a reason to look, although it is no failure of the transport (a 409, say).
  /// `doubtful`: an earlier attempt can have reached the server.
  virtual bool wants(const attempt_result& last, bool doubtful) const = 0;
};

/// The attempts of one call, in the frame of its control.
class attempts {
 public:
  /// Both outlive this.
  attempts(const client_handle& handle, call_control& control) : handle_(handle), control_(control) {}

  const client_handle& handle() const noexcept { return handle_; }
  call_control& control() noexcept { return control_; }

  /// Repeats the request as its class allows; `result` is the last attempt's, whatever it is. Throws only what `attempt`
  /// and the resolver throw.
  task<void> run(const protocol::request& request, doubt_resolver* doubt, std::optional<call_answer>* adopted,
                 attempt_result& result);

  /// A random wait, or the one the server asked for; cancellable.
  task<void> back_off(protocol::backoff& waits, std::optional<std::chrono::milliseconds> asked);

  /// Throws the error that a result which is not ok stands for.
  [[noreturn]] void fail(const protocol::request& request, const attempt_result& result) const;

 private:
  const client_handle& handle_;
  call_control& control_;

  struct entry {
    entry() = default;

    turn mine;
    std::optional<std::chrono::steady_clock::time_point> refused_until;
    std::chrono::nanoseconds waited{0};
  };
  /// Waits until the rate gate and the client's own limits let a request go.
  task<entry> take_turn();
  void attempt_ended(const attempt_result& result, turn& mine);
  protocol::retry_decision decide(const protocol::request& request, const attempt_result& result, int made);
  protocol::retry_means left(int made) const;
  /// Takes a token of the retry budget where one is due.
  bool afford(const attempt_result& result);
};

/// What a call begins with. Stays where it is until the call has ended.
struct call_setup {
  call_setup(client_handle by, protocol::request what) : handle(std::move(by)), request(std::move(what)) {}

  client_handle handle;
  protocol::request request;
  std::optional<std::chrono::milliseconds> deadline;  ///< the operation's own default, in place of the client's
  std::shared_ptr<doubt_resolver> doubt;
};

/// Takes the 2xx answer of a call, on the call's executor. What it throws, the call ends with.
class answer_reader {
 public:
  virtual void read(call_answer& answer, const call_control& control) = 0;

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
  bool answered_ = false;

  task<void> run() override;
  void ended(std::shared_ptr<task_scope> self, std::exception_ptr failure) override;
  void given_up() noexcept override;
  void leave() noexcept;

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
      boost::asio::dispatch(call->executor(), [call, type] { call->cancel(type); });
    });
  }

  void complete(std::shared_ptr<task_scope> self, std::exception_ptr failure) override {
    auto slot = boost::asio::get_associated_cancellation_slot(handler_);
    if (here_ && !starting_) {
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
    operation::start(std::allocate_shared<operation>(memory, std::forward<Handler>(handler), *setup, *reader, *block));
  }
};

/// Sends the request until it is answered with 2xx, or throws what the operation ends with. Awaited without a coroutine of
/// its own; the caller's cancellation is passed on.
inline auto call(const call_setup& setup, answer_reader& reader) {
  return boost::asio::async_initiate<const boost::asio::deferred_t, void(std::exception_ptr)>(
      initiate_call(), net::plain, &setup, &reader);
}

}  // namespace mistral::workflows::session
