// Errors as values, for callers who want no exceptions.
// Not another set of operations: it wraps the awaitable of any of them.
#pragma once

#include <mistral/workflows/error.hpp>

#include <boost/asio/awaitable.hpp>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace mistral::workflows {

/// What an operation returned, or the error that it ended with.
template <class T>
class result {
 public:
  result() = default;
  /// What the operation returned.
  explicit result(T value) : value_(std::move(value)) {}
  /// What it ended with, and its code.
  explicit result(std::exception_ptr failure, boost::system::error_code code)
      : failure_(std::move(failure)), code_(code) {}

  /// Whether the operation returned a value.
  bool has_value() const noexcept { return value_.has_value(); }
  /// As `has_value`.
  explicit operator bool() const noexcept { return has_value(); }

  /// Throws the error that the operation ended with if there is no value.
  T& value() & { return check(), *value_; }
  /// Throws the error that the operation ended with if there is no value.
  const T& value() const& { return check(), *value_; }
  /// Throws the error that the operation ended with if there is no value.
  T&& value() && { return check(), std::move(*value_); }

  /// Requires: has_value().
  T& operator*() noexcept { return *value_; }
  /// Requires: has_value().
  const T& operator*() const noexcept { return *value_; }
  /// Requires: has_value().
  T* operator->() noexcept { return &*value_; }
  /// Requires: has_value().
  const T* operator->() const noexcept { return &*value_; }

  /// Not failed where there is a value.
  const boost::system::error_code& code() const noexcept { return code_; }
  /// The exception itself, for `std::rethrow_exception`; null where there is a value.
  const std::exception_ptr& exception() const noexcept { return failure_; }

 private:
  void check() const {
    if (failure_) std::rethrow_exception(failure_);
  }

  std::optional<T> value_;
  std::exception_ptr failure_;
  boost::system::error_code code_;
};

/// Stands for the value of an operation that returns none.
class nothing {};

/// Runs the operation and returns how it ended. What is not a `wf::error` is thrown as it is.
template <class T>
boost::asio::awaitable<result<std::conditional_t<std::is_void_v<T>, nothing, T>>> try_(
    boost::asio::awaitable<T> operation) {
  using value_type = std::conditional_t<std::is_void_v<T>, nothing, T>;
  try {
    if constexpr (std::is_void_v<T>) {
      co_await std::move(operation);
      co_return result<value_type>(nothing());
    } else {
      co_return result<value_type>(co_await std::move(operation));
    }
  } catch (const error& e) {
    co_return result<value_type>(std::current_exception(), e.code());
  }
}

}  // namespace mistral::workflows
