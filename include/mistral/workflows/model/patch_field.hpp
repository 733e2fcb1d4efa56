// A member of a PATCH body, where "leave it as it is" and "set it to null" differ.
// Not for answers: there `std::optional` is enough.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <utility>

namespace mistral::workflows {

/// Absent (the default: the server keeps what it has), null, or a value.
template <class T>
class patch_field {
 public:
  patch_field() = default;
  /// Null.
  patch_field(std::nullopt_t) : present_(true) {}
  /// A value.
  template <class U>
    requires std::constructible_from<T, U&&> && (!std::same_as<std::remove_cvref_t<U>, patch_field>)
  patch_field(U&& value) : present_(true), value_(std::forward<U>(value)) {}

  /// The server keeps what it has.
  bool absent() const noexcept { return !present_; }
  /// It is set to null.
  bool null() const noexcept { return present_ && !value_; }
  /// It is set to a value.
  bool has_value() const noexcept { return value_.has_value(); }

  /// Throws `std::bad_optional_access` unless `has_value()`.
  const T& value() const { return value_.value(); }
  /// Throws `std::bad_optional_access` unless `has_value()`.
  T& value() { return value_.value(); }

  /// Goes back to absent.
  void reset() noexcept {
    present_ = false;
    value_.reset();
  }
  /// Makes the value in place.
  template <class... Args>
  T& emplace(Args&&... args) {
    present_ = true;
    return value_.emplace(std::forward<Args>(args)...);
  }
  /// Sets it to null.
  void set_null() noexcept {
    present_ = true;
    value_.reset();
  }

  friend bool operator==(const patch_field&, const patch_field&) = default;

 private:
  bool present_ = false;
  std::optional<T> value_;
};

}  // namespace mistral::workflows
