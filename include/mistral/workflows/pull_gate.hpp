// Admits one operation at a time and runs it on an executor of its own, with a cancellation of its own.
// Not for users: what async_generator and event_stream stand on, public only because a template needs it.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace mistral::workflows {

/// Shared by a handle and the operation in flight. Lives in its executor's context (`keep`), so that a handle
/// that outlives its io_context does no harm.
class MISTRAL_WORKFLOWS_EXPORT pull_gate : public std::enable_shared_from_this<pull_gate> {
 public:
  /// The right to touch what the gate guards; given back on destruction.
  class MISTRAL_WORKFLOWS_EXPORT turn {
   public:
    /// Taken by `enter`.
    explicit turn(std::shared_ptr<pull_gate> gate) noexcept : gate_(std::move(gate)) {}
    turn(turn&&) noexcept = default;
    turn& operator=(turn&&) = delete;
    ~turn();

   private:
    std::shared_ptr<pull_gate> gate_;
  };

  /// The same for a function that does not suspend, called by whoever uses the handle: costs no reference and
  /// no exchange of an atomic. The gate may be closed and forgotten meanwhile; it then goes with the turn.
  class MISTRAL_WORKFLOWS_EXPORT brief_turn {
   public:
    /// Throws as `enter`.
    explicit brief_turn(pull_gate& gate) : gate_(gate) {
      gate.admit(gate.busy_.load(std::memory_order_acquire));
      gate.busy_.store(true, std::memory_order_relaxed);
      gate.brief_ = true;
    }
    brief_turn(const brief_turn&) = delete;
    brief_turn& operator=(const brief_turn&) = delete;
    ~brief_turn() {
      gate_.brief_ = false;
      if (gate_.closed_.load(std::memory_order_relaxed))
        gate_.closed_within();
      else
        gate_.busy_.store(false, std::memory_order_release);
    }

   private:
    pull_gate& gate_;
  };

  /// `operation` is how errors name it, for example "executions.stream".
  pull_gate(boost::asio::any_io_executor executor, std::string operation);
  virtual ~pull_gate();
  pull_gate(const pull_gate&) = delete;
  pull_gate& operator=(const pull_gate&) = delete;

  /// Leaves the ownership of `gate` to its execution context until `forget` or the context's end.
  static void keep(const std::shared_ptr<pull_gate>& gate);
  /// Takes `gate` back from its context; see `keep`.
  static void forget(const std::shared_ptr<pull_gate>& gate);

  /// Throws invalid_argument while another turn is out, cancelled_error after `close`.
  turn enter();
  /// The same for a gate that the turn is to keep alive.
  static turn enter(std::shared_ptr<pull_gate> gate);

  /// Runs `work` on the gate's executor under the caller's turn. The caller's cancellation is passed on, of
  /// whatever type; `close` cancels it too. Ends with what `work` throws; a cancellation is thrown as
  /// cancelled_error.
  boost::asio::awaitable<void> run(boost::asio::awaitable<void> work);

  /// Ends a pending operation with operation_aborted, refuses all later ones, and calls `release` once
  /// nothing runs.
  void close() noexcept;
  /// Whether `close` was called.
  bool closed() const noexcept { return closed_.load(); }

  /// What its work runs on.
  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  /// How errors name it.
  const std::string& operation() const noexcept { return operation_; }

 protected:
  /// Frees what the guarded object holds (a connection); called once, with no operation running.
  virtual void release() noexcept {}

  // For the work under way, on the gate's executor.

  /// Cancels what the work waits for, as a time limit of its own does. The work then calls `recover` before
  /// it waits again, with `this_coro::throw_if_cancelled(false)` before that.
  void interrupt();
  /// After `interrupt`: lets the work wait again.
  boost::asio::awaitable<void> recover();
  /// The caller, or `close`, has cancelled the work.
  bool cancelled() const noexcept;

 private:
  struct ticket;

  boost::asio::any_io_executor executor_;
  std::string operation_;
  std::atomic<bool> busy_{false};
  std::atomic<bool> closed_{false};
  bool released_ = false;            // guarded by busy_
  bool brief_ = false;               // busy for a brief turn, on the thread that uses the handle
  std::shared_ptr<pull_gate> last_;  // forgotten within that turn
  std::shared_ptr<ticket> current_;  // touched on executor_ only

  /// Throws if there is no turn to be had.
  void admit(bool busy) const {
    if (busy || closed_.load(std::memory_order_relaxed)) refuse();
  }
  [[noreturn]] void refuse() const;
  void closed_within() noexcept;
  bool try_enter() noexcept;
  void leave() noexcept;
  void release_if_closed() noexcept;
  boost::asio::awaitable<void> guarded(std::shared_ptr<ticket> in_flight, boost::asio::awaitable<void> work);
};

/// What a sequence throws whose handle was closed or whose io_context is gone.
[[noreturn]] MISTRAL_WORKFLOWS_EXPORT void throw_closed_generator();

}  // namespace mistral::workflows
