// What a task can wait for: an operation of Asio's, or a coroutine of Asio's kind.
#pragma once

#include "session/frame/task.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <coroutine>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace mistral::workflows::session {
namespace detail {

// A wait that is going on, in the frame of the task that waits.
struct wait_state {
  task_scope* scope = nullptr;
  std::coroutine_handle<> waiting;
  bool starting = false;
  bool came = false;
  bool dropped = false;

  void begins(std::coroutine_handle<> task) {
    waiting = task;
    starting = true;
  }
  // Whether the task has to wait.
  bool begun() noexcept {
    if (!came && !dropped) scope->wait_begun();
    starting = false;
    if (dropped) scope->abandon();
    return !came;
  }
  // An operation may end while it is being started; the task then goes on by itself.
  void ended() {
    came = true;
    if (!starting) scope->resume(waiting);
  }
  // Nothing will end it.
  void lost() noexcept {
    if (starting)
      dropped = true;
    else
      scope->abandon();
  }
};

// The completion handler of a wait. Destroyed uncalled, it ends the operation that waits.
template <class State>
class wake {
 public:
  using executor_type = boost::asio::any_io_executor;
  using cancellation_slot_type = boost::asio::cancellation_slot;

  explicit wake(State* state) noexcept : state_(state) {}
  wake(wake&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  wake& operator=(wake&&) = delete;
  ~wake() {
    if (state_) state_->lost();
  }

  const executor_type& get_executor() const noexcept { return state_->scope->executor(); }
  cancellation_slot_type get_cancellation_slot() const noexcept { return state_->scope->slot(); }

  template <class... Results>
  void operator()(Results&&... results) {
    State* const state = std::exchange(state_, nullptr);
    state->set(std::forward<Results>(results)...);
    state->ended();
  }

 private:
  State* state_;
};

struct plain_wait : wait_state {
  boost::system::error_code failure;

  void set(boost::system::error_code result) { failure = result; }
};

template <class T>
struct nested_wait : wait_state {
  std::exception_ptr failure;
  std::optional<T> value;

  void set(std::exception_ptr thrown, T result) {
    failure = std::move(thrown);
    if (!failure) value.emplace(std::move(result));
  }
};

template <class State>
class awaiter {
 public:
  bool await_ready() {
    state_.scope = task_scope::current();
    state_.scope->throw_if_interrupted();
    return false;
  }

 protected:
  State state_;
};

template <class Operation>
class operation_awaiter : public awaiter<plain_wait> {
 public:
  explicit operation_awaiter(Operation operation) : operation_(std::move(operation)) {}

  bool await_suspend(std::coroutine_handle<> task) {
    state_.begins(task);
    std::move(operation_)(wake<plain_wait>(&state_));
    return state_.begun();
  }
  void await_resume() const {
    if (state_.failure) throw boost::system::system_error(state_.failure);
  }

 private:
  Operation operation_;
};

template <class T>
class nested_awaiter : public awaiter<nested_wait<T>> {
 public:
  explicit nested_awaiter(boost::asio::awaitable<T> nested) : nested_(std::move(nested)) {}

  bool await_suspend(std::coroutine_handle<> task) {
    nested_wait<T>& state = this->state_;
    state.begins(task);
    boost::asio::co_spawn(state.scope->executor(), std::move(nested_), wake<nested_wait<T>>(&state));
    return state.begun();
  }
  T await_resume() {
    nested_wait<T>& state = this->state_;
    if (state.failure) std::rethrow_exception(std::exchange(state.failure, nullptr));
    return std::move(*state.value);
  }

 private:
  boost::asio::awaitable<T> nested_;
};

}  // namespace detail

/// Awaits an operation that completes with an error code, made with asio::deferred. Throws system_error.
template <class Operation>
detail::operation_awaiter<std::decay_t<Operation>> completion_of(Operation&& operation) {
  return detail::operation_awaiter<std::decay_t<Operation>>(std::forward<Operation>(operation));
}

/// Awaits a coroutine of Asio's kind, on the operation's
/// executor. It is cancelled with the operation, as terminal.
template <class T>
detail::nested_awaiter<T> completion_of(boost::asio::awaitable<T> nested) {
  return detail::nested_awaiter<T>(std::move(nested));
}

}  // namespace mistral::workflows::session
