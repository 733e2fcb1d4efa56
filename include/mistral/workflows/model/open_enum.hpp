// An enum that stays readable when the server learns new values: what is not known keeps its text.
// Not a string: known values compare and switch as the enumerators they are.
#pragma once

#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows {

/// Holds one value of `Enum`, or the text of a value that this version of the library does not know.
///
/// `Enum` has `unknown` as its first enumerator, and a function `wire_names(Enum)` beside it that lists the
/// names of the others on the wire in the order of the enumerators.
template <class Enum>
class open_enum {
 public:
  open_enum() = default;
  /// A known value.
  open_enum(Enum value) : value_(value) {}

  /// The enumerator named `text`, or `unknown` with the text kept.
  static open_enum from_text(std::string_view text) {
    open_enum made;
    made.assign(text);
    return made;
  }

  /// Takes the enumerator named `text`, or `unknown` with the text kept.
  void assign(std::string_view text) {
    static constexpr auto names = wire_names(Enum{});
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == text) {
        value_ = static_cast<Enum>(i + 1);
        text_.clear();
        return;
      }
    }
    value_ = Enum::unknown;
    text_ = text;
  }

  /// The enumerator; `unknown` where the text is newer than this library.
  Enum value() const noexcept { return value_; }
  /// Whether it is an enumerator.
  bool known() const noexcept { return value_ != Enum::unknown; }

  /// As on the wire; empty for a default-constructed value. Lives as long as this object and is left by
  /// changes to it.
  std::string_view text() const noexcept {
    static constexpr auto names = wire_names(Enum{});
    const auto index = static_cast<std::size_t>(value_) - 1;  // of `unknown`: far beyond the names
    return index < names.size() ? names[index] : std::string_view(text_);
  }

  friend bool operator==(const open_enum& a, const open_enum& b) noexcept {
    return a.value_ == b.value_ && (a.known() || a.text_ == b.text_);
  }
  friend bool operator==(const open_enum& a, Enum b) noexcept { return a.value_ == b; }
  /// Its text.
  friend std::ostream& operator<<(std::ostream& out, const open_enum& e) { return out << e.text(); }

 private:
  Enum value_ = Enum::unknown;
  std::string text_;
};

}  // namespace mistral::workflows
