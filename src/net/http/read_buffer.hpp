// Bytes that were read and not yet consumed, in one block
// that is never cleared, and small until reads fill it.
// Not a queue: what lies here is to be taken before much more is read.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace mistral::workflows::net {

class read_buffer {
 public:
  static constexpr std::size_t first_size = 2 * 1024;   // most answers are smaller
  static constexpr std::size_t usual_size = 16 * 1024;  // what one TLS record holds
  static constexpr std::size_t large_size =
      64 * 1024;  // several, so that what a wake-up costs is shared by them

  read_buffer() = default;

  std::string_view unread() const noexcept { return std::string_view(block_.get() + begin_, end_ - begin_); }
  bool empty() const noexcept { return begin_ == end_; }
  std::size_t capacity() const noexcept { return capacity_; }
  /// Whether it grows up to `large_size`, for who has much to
  /// read and gives the block back while there is nothing.
  void allow_large(bool large) noexcept { grown_size_ = large ? large_size : usual_size; }
  /// For such a one: a good part of the block is left to read into.
  bool roomy() const noexcept { return grown_size_ == large_size && capacity_ - end_ >= capacity_ / 4; }
  void consume(std::size_t count) noexcept {
    begin_ += count;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  void clear() noexcept {
    begin_ = end_ = 0;
    filled_ = false;
  }

  /// Gives a large block back if nothing is in it.
  void release_large() noexcept {
    if (!empty() || capacity_ <= usual_size) return;
    block_.reset();
    capacity_ = 0;
    had_much_ = true;
  }

  /// Room for at least one more byte; empty if that would take more than `most` bytes altogether.
  std::span<char> prepare(std::size_t most) {
    if (capacity_ == 0) allocate(std::min(had_much_ ? grown_size_ : first_size, most));
    if (filled_ && empty() && capacity_ < std::min(grown_size_, most)) allocate(std::min(grown_size_, most));
    filled_ = false;
    if (end_ == capacity_ && begin_ > 0) {
      std::memmove(block_.get(), block_.get() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    if (end_ == capacity_ && capacity_ < most) allocate(std::min(capacity_ * 2, most));
    return {block_.get() + end_, capacity_ - end_};
  }
  void commit(std::size_t count) noexcept {
    filled_ = begin_ == 0 && count == capacity_;
    end_ += count;
  }

 private:
  std::unique_ptr<char[]> block_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t grown_size_ = usual_size;
  bool had_much_ = false;  // when it was given back
  bool filled_ = false;    // by the last read alone: there is more than that to read at a time

  void allocate(std::size_t size) {
    std::unique_ptr<char[]> bigger(new char[size]);
    if (end_ > begin_) std::memcpy(bigger.get(), block_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
    block_ = std::move(bigger);
    capacity_ = size;
  }
};

}  // namespace mistral::workflows::net
