// The keys of a batch that were seen, each with where: so that no key comes twice.
// Not the keys themselves: of each, 16 bytes are kept.
#pragma once

#include <mistral/workflows/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace mistral::workflows::bulk_core {

/// An entry holds 88 bits of the key's SHA-256 and 40 bits of position. Two keys are taken
/// for one with a probability of n*n / 2^97 (8 bits more choose the entry's shard): 10^-13
/// for ten million jobs. Entries stand in 256 open-addressing tables that grow by a quarter
/// when they are seven eighths full: 18 to 23 bytes a job from a few thousand jobs on.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT key_set {
 public:
  /// The largest position that is told rightly.
  static constexpr std::uint64_t last_position = (std::uint64_t{1} << 40) - 2;

  key_set();

  /// The key is at `position`. Nothing: it was new. Else where
  /// it was seen first, also if that is the same position.
  /// Requires: position <= last_position
  std::optional<std::uint64_t> insert(std::string_view key, std::uint64_t position);

  std::size_t size() const noexcept { return size_; }
  /// What the entries take.
  std::size_t bytes() const noexcept;

 private:
  struct seen_key {
    std::uint64_t hash = 0;  // of the key
    // 24 more bits of the hash above 40 bits of position + 1; 0: nothing stands here
    std::uint64_t hash_and_position = 0;
  };
  struct shard {
    std::vector<seen_key> entries;
    std::size_t used = 0;
  };

  std::array<shard, 256> shards_;
  std::size_t size_ = 0;

  static seen_key& place_of(std::vector<seen_key>& entries, const seen_key& wanted);
  static void grow(shard& which);
};

}  // namespace mistral::workflows::bulk_core
