#include "bulk/key_set.hpp"

#include "bulk/sha256.hpp"

#include <algorithm>

namespace mistral::workflows::bulk_core {
namespace {

constexpr int key_position_bits = 40;
constexpr std::uint64_t key_position_mask = (std::uint64_t{1} << key_position_bits) - 1;

}  // namespace

key_set::key_set() = default;

std::optional<std::uint64_t> key_set::insert(std::string_view key, std::uint64_t position) {
  const sha256_digest digest = sha256(key);
  // Not the bytes that choose the shard: of a shard's keys those are alike.
  seen_key wanted;
  wanted.hash = number_in(digest, 8, 8);
  wanted.hash_and_position = number_in(digest, 16, 3) << key_position_bits | (position + 1);
  shard& own = shards_[digest[19]];

  if (own.used + 1 > own.entries.size() / 8 * 7) grow(own);
  seen_key& place = place_of(own.entries, wanted);
  if (place.hash_and_position != 0) return (place.hash_and_position & key_position_mask) - 1;
  place = wanted;
  ++own.used;
  ++size_;
  return std::nullopt;
}

// Where it stands, else where it is to stand: there is room, as tables are never full.
key_set::seen_key& key_set::place_of(std::vector<seen_key>& entries, const seen_key& wanted) {
  const std::size_t size = entries.size();
  // The upper bits of the product: a number below the size, whatever the size is.
  std::size_t at = static_cast<std::size_t>((wanted.hash >> 32) * size >> 32);
  while (entries[at].hash_and_position != 0 &&
         (entries[at].hash != wanted.hash ||
          (entries[at].hash_and_position ^ wanted.hash_and_position) >> key_position_bits != 0))
    at = at + 1 == size ? 0 : at + 1;
  return entries[at];
}

void key_set::grow(shard& which) {
  // Whole eighths, so that seven eighths are exact.
  const std::size_t eighths = std::max<std::size_t>(1, (which.entries.size() / 8 * 5 + 3) / 4);
  std::vector<seen_key> larger(std::max(eighths * 8, which.entries.size() + 8));
  for (const seen_key& old : which.entries)
    if (old.hash_and_position != 0) place_of(larger, old) = old;
  which.entries = std::move(larger);
}

std::size_t key_set::bytes() const noexcept {
  std::size_t sum = sizeof *this;
  for (const shard& each : shards_) sum += each.entries.capacity() * sizeof(seen_key);
  return sum;
}

}  // namespace mistral::workflows::bulk_core
