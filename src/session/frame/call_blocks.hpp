// Memory that one call after another uses: the operation itself and its coroutine frames.
// Not a general allocator: a block is for one call at a time.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <utility>
#include <vector>

namespace mistral::workflows::session {

/// The object at its beginning and the frames behind it; those of a call that meets
/// no trouble find room. An odd number of cache lines, and not aligned to pages:
/// else the same part of each block would fall on the same few sets of a cache.
struct call_block {
  call_block() noexcept {}  // leaves the storage as it is

  std::span<std::byte> behind_object() noexcept { return std::span(storage).subspan(object_size); }

  alignas(64) std::array<std::byte, 79 * 64> storage;  // NOLINT(cppcoreguidelines-pro-type-member-init)
  std::size_t object_size = 0;
};

/// Thread-safe. Blocks that are in use may outlive it.
class call_blocks {
 public:
  std::unique_ptr<call_block> take() {
    {
      const std::lock_guard lock(mutex_);
      if (!spare_.empty()) {
        std::unique_ptr<call_block> out = std::move(spare_.back());
        spare_.pop_back();
        return out;
      }
    }
    return std::make_unique<call_block>();
  }

  void give_back(std::unique_ptr<call_block> block) noexcept {
    const std::lock_guard lock(mutex_);
    if (spare_.size() < spare_.capacity()) spare_.push_back(std::move(block));
  }

 private:
  // As many as begin before as many others have ended; those in use are not counted.
  static constexpr std::size_t most_spare = 64;

  std::mutex mutex_;
  std::vector<std::unique_ptr<call_block>> spare_ = [] {
    std::vector<std::unique_ptr<call_block>> out;
    out.reserve(most_spare);
    return out;
  }();
};

/// Makes one object in a block, and gives the block back with it.
template <class T>
class block_allocator {
 public:
  using value_type = T;

  block_allocator(std::shared_ptr<call_blocks> home, call_block* block) noexcept
      : home_(std::move(home)), block_(block) {}
  template <class U>
  block_allocator(
      const block_allocator<U>& other) noexcept  // NOLINT(google-explicit-constructor): as allocators do
      : home_(other.home_), block_(other.block_) {}

  T* allocate(std::size_t count) {
    constexpr std::size_t unit = alignof(std::max_align_t);
    const bool fits = count * sizeof(T) <= block_->storage.size();
    block_->object_size = fits ? (count * sizeof(T) + unit - 1) / unit * unit : 0;
    return static_cast<T*>(fits ? static_cast<void*>(block_->storage.data())
                                : ::operator new(count * sizeof(T)));
  }
  void deallocate(T* object, std::size_t) noexcept {
    if (static_cast<void*>(object) != block_->storage.data()) ::operator delete(object);
    home_->give_back(std::unique_ptr<call_block>(block_));
  }

  friend bool operator==(const block_allocator& a, const block_allocator& b) noexcept {
    return a.block_ == b.block_;
  }

 private:
  template <class U>
  friend class block_allocator;

  std::shared_ptr<call_blocks> home_;
  call_block* block_;
};

}  // namespace mistral::workflows::session
