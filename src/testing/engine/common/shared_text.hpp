// A text that many hold and nobody changes, in eight bytes each: ids stand in a dozen places of the state.
// Not for more than one thread at a time: the count of its holders is a plain number.
#pragma once

#include <boost/json/string_view.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows::testing {

class shared_text {
 public:
  shared_text() = default;
  shared_text(std::string_view text);
  shared_text(const std::string& text) : shared_text(std::string_view(text)) {}
  shared_text(const char* text) : shared_text(std::string_view(text)) {}
  shared_text(const shared_text& other) : block_(other.block_) {
    if (block_) ++block_->holders;
  }
  shared_text(shared_text&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  shared_text& operator=(shared_text other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~shared_text() { release(); }

  std::string_view view() const noexcept {
    return block_ ? std::string_view(block_->text(), block_->size) : std::string_view();
  }
  std::string str() const { return std::string(view()); }
  bool empty() const { return view().empty(); }
  bool starts_with(std::string_view beginning) const { return view().starts_with(beginning); }

  operator std::string_view() const noexcept { return view(); }
  operator std::string() const { return str(); }
  operator boost::json::string_view() const { return boost::json::string_view(view().data(), view().size()); }

  friend bool operator==(const shared_text& a, const shared_text& b) {
    return a.block_ == b.block_ || a.view() == b.view();
  }
  friend bool operator==(const shared_text& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const shared_text& a, const std::string& b) { return a.view() == b; }
  friend bool operator==(const shared_text& a, const char* b) { return a.view() == b; }

  /// Of the text; finds by any kind of text.
  struct hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const noexcept { return a == b; }
  };

 private:
  friend class optional_shared_text;
  // The characters follow it.
  struct block {
    std::uint32_t holders;
    std::uint32_t size;
    const char* text() const { return reinterpret_cast<const char*>(this + 1); }
  };
  static block* make_block(std::string_view text);
  void release();

  block* block_ = nullptr;  // null: empty, as many are
};

/// One that may be missing, which is not the same as empty.
class optional_shared_text {
 public:
  optional_shared_text() = default;
  optional_shared_text(std::nullopt_t) {}
  optional_shared_text(const shared_text& text);
  optional_shared_text(const std::string& text) : optional_shared_text(shared_text(text)) {}
  optional_shared_text(const std::optional<std::string>& text) {
    if (text) *this = optional_shared_text(*text);
  }

  explicit operator bool() const { return has_value(); }
  bool has_value() const { return text_.block_ != nullptr; }
  const shared_text& operator*() const { return text_; }
  operator std::optional<std::string>() const {
    return has_value() ? std::optional<std::string>(text_.str()) : std::nullopt;
  }
  std::string value_or(std::string_view other) const {
    return has_value() ? text_.str() : std::string(other);
  }
  bool is(std::string_view text) const { return has_value() && text_ == text; }

 private:
  shared_text text_;  // without a block: missing
};

}  // namespace mistral::workflows::testing
