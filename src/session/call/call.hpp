// One logical call: what it begins with, its deadline, its end.
// Not its requests (call_run.hpp), not how it is awaited (call_initiation.hpp), and not streams (stream.hpp).
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

}  // namespace mistral::workflows::session
