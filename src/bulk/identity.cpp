#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/error.hpp>

#include "base/utf8.hpp"
#include "bulk/sha256.hpp"

namespace mistral::workflows {
namespace {

constexpr std::size_t bulk_longest_slug = 64;
constexpr std::size_t bulk_id_digits = 40;

void check_bulk_text(const char* field, std::string_view text) {
  if (text.empty()) throw invalid_argument(field, "is empty", "bulk");
  if (valid_utf8(text) != text) throw invalid_argument(field, "is not valid UTF-8", "bulk");
}

// Lengths first: no two triples make the same bytes.
void append_measured(std::string& bytes, std::string_view text) {
  const std::uint64_t size = text.size();
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(size >> shift & 0xff);
  bytes += text;
}

}  // namespace

std::string bulk_slug(std::string_view batch) {
  std::string slug;
  for (char c : batch) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (kept)
      slug += c;
    else if (!slug.empty() && slug.back() != '-')
      slug += '-';
    if (slug.size() == bulk_longest_slug) break;
  }
  if (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug.empty() ? "batch" : slug;
}

std::string bulk_execution_id(std::string_view batch, std::string_view key, std::uint32_t generation) {
  check_bulk_text("batch", batch);
  if (key.size() > bulk_longest_key)
    throw invalid_argument("key", "is longer than " + std::to_string(bulk_longest_key) + " bytes", "bulk");
  check_bulk_text("key", key);
  std::string bytes;
  append_measured(bytes, batch);
  append_measured(bytes, key);
  append_measured(bytes, std::to_string(generation));
  return bulk_slug(batch) + '-' + bulk_core::hex_of(bulk_core::sha256(bytes), bulk_id_digits);
}

bulk_shard::bulk_shard(std::uint32_t index, std::uint32_t count) : index_(index), count_(count) {
  if (index >= count)
    throw invalid_argument("shard", "has the index " + std::to_string(index) + " of " + std::to_string(count),
                           "bulk");
}

bool bulk_shard::contains(std::string_view key) const {
  return count_ == 1 || bulk_core::number_in(bulk_core::sha256(key), 0, 8) % count_ == index_;
}

}  // namespace mistral::workflows
