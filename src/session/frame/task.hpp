// A coroutine inside one operation: it begins when it is
// awaited, and its frame lies in the operation's own memory.
// Not what users await: that is asio::awaitable, which costs
// an allocation a frame and knows the caller's cancellation.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <utility>

namespace mistral::workflows::session {

/// Where the coroutine frames of an operation lie; they end in the reverse
/// order of their beginning. What does not fit comes from the heap.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT frame_stack {
 public:
  /// `memory` is aligned for every type.
  explicit frame_stack(std::span<std::byte> memory) noexcept : memory_(memory) {}
  frame_stack(const frame_stack&) = delete;
  frame_stack& operator=(const frame_stack&) = delete;

  static void* allocate(std::size_t size, frame_stack* from);
  static void deallocate(void* frame, std::size_t size) noexcept;

 private:
  std::span<std::byte> memory_;
  std::size_t used_ = 0;
};

namespace detail {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT task_promise_base {
 public:
  static void* operator new(std::size_t size);
  static void operator delete(void* frame, std::size_t size) noexcept {
    frame_stack::deallocate(frame, size);
  }

  struct return_to_awaiting {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
      return ended.promise().awaiting_;
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  return_to_awaiting final_suspend() const noexcept { return {}; }
  void unhandled_exception() noexcept { failure_ = std::current_exception(); }
  void awaited_by(std::coroutine_handle<> other) noexcept { awaiting_ = other; }
  void rethrow_failure() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
  }
  std::exception_ptr take_failure() noexcept { return std::exchange(failure_, nullptr); }

 private:
  std::coroutine_handle<> awaiting_ = std::noop_coroutine();
  std::exception_ptr failure_;
};

template <class T>
class task_promise : public task_promise_base {
 public:
  std::coroutine_handle<task_promise> get_return_object() noexcept {
    return std::coroutine_handle<task_promise>::from_promise(*this);
  }
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T result() {
    rethrow_failure();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
 public:
  std::coroutine_handle<task_promise> get_return_object() noexcept {
    return std::coroutine_handle<task_promise>::from_promise(*this);
  }
  void return_void() const noexcept {}
  void result() { rethrow_failure(); }
};

}  // namespace detail

/// To be awaited at once, in a coroutine of the same operation.
template <class T>
class [[nodiscard]] task {
 public:
  using promise_type = detail::task_promise<T>;

  task() = default;
  task(std::coroutine_handle<promise_type> made) noexcept
      : made_(made) {}  // NOLINT(google-explicit-constructor)
  task(task&& other) noexcept : made_(std::exchange(other.made_, nullptr)) {}
  task& operator=(task&& other) noexcept {
    std::swap(made_, other.made_);
    return *this;
  }
  ~task() {
    if (made_) made_.destroy();
  }

  bool await_ready() const noexcept { return false; }
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> awaiting) const noexcept {
    made_.promise().awaited_by(awaiting);
    return made_;
  }
  T await_resume() const { return made_.promise().result(); }

  std::coroutine_handle<promise_type> handle() const noexcept { return made_; }

 private:
  std::coroutine_handle<promise_type> made_;
};

/// What the tasks of one operation run in: their executor,
/// memory and cancellation. Touched only on its executor.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT task_scope {
 public:
  /// `frames`: for the tasks; outlives this.
  task_scope(boost::asio::any_io_executor executor, std::span<std::byte> frames);
  task_scope(const task_scope&) = delete;
  task_scope& operator=(const task_scope&) = delete;

  /// Of the task that runs on this thread.
  static task_scope* current() noexcept;

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }
  boost::asio::cancellation_slot slot() noexcept { return interruption_.slot(); }
  frame_stack& frames() noexcept { return frames_; }

  /// Ends the wait under way, and every later one at once, with operation_aborted.
  void interrupt();
  bool interrupted() const noexcept { return interrupted_; }
  /// Throws what an interrupted wait ends with.
  void throw_if_interrupted() const;

  /// A wait has been started, and is under way: what interrupted its start ends it.
  void wait_begun();
  /// Goes on after a wait.
  void resume(std::coroutine_handle<> waiting);
  /// Nothing will wake what waits: its context is going away.
  void abandon() noexcept;

 protected:
  virtual ~task_scope();

  /// Runs `run()`; `self` is kept until it has ended.
  void start(std::shared_ptr<task_scope> self);
  bool running() const noexcept { return self_ != nullptr; }

 private:
  virtual task<void> run() = 0;
  /// `run()` has ended. `self` is the last reference that the scope itself keeps.
  virtual void ended(std::shared_ptr<task_scope> self, std::exception_ptr failure) = 0;
  /// `run()` will never end.
  virtual void given_up() noexcept = 0;

  boost::asio::any_io_executor executor_;
  boost::asio::cancellation_signal interruption_;
  bool interrupted_ = false;
  bool going_ = false;
  bool abandoned_ = false;
  std::shared_ptr<task_scope> self_;
  frame_stack frames_;
  task<void> root_;

  void go(std::coroutine_handle<> on);
  void drop() noexcept;
};

}  // namespace mistral::workflows::session
