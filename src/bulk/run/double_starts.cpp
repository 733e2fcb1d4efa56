#include "bulk/run/double_starts.hpp"

#include <algorithm>

namespace mistral::workflows::bulk_core {
namespace {

/// FNV-1a, and its bits mixed once more: ids end in 40 digits
/// of a SHA-256, so their hashes are as good as random.
std::uint64_t hash_of_id(std::string_view id) noexcept {
  std::uint64_t hash = 14'695'981'039'346'656'037u;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211u;
  hash ^= hash >> 32;
  hash *= 0x9E37'79B9'7F4A'7C15u;
  hash ^= hash >> 29;
  return hash == 0 ? 1 : hash;
}

bool ended_for_good(const execution_summary& run) {
  return run.status &&
         (*run.status == execution_status::completed || *run.status == execution_status::canceled);
}

}  // namespace

bool seen_ids::put(std::vector<std::uint64_t>& places, std::uint64_t hash) {
  const std::size_t mask = places.size() - 1;
  for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
    if (places[at] == hash) return false;
    if (places[at] != 0) continue;
    places[at] = hash;
    return true;
  }
}

void seen_ids::grow() {
  std::vector<std::uint64_t> larger(std::max<std::size_t>(64, places_.size() * 2));
  for (const std::uint64_t hash : places_)
    if (hash != 0) put(larger, hash);
  places_.swap(larger);
}

bool seen_ids::insert(std::string_view id) {
  if ((size_ + 1) * 8 > places_.size() * 7) grow();
  const bool is_new = put(places_, hash_of_id(id));
  size_ += is_new ? 1 : 0;
  return is_new;
}

std::optional<std::pair<std::string, std::string>> two_starts(std::vector<execution_summary> runs,
                                                              std::string_view own_run) {
  std::sort(runs.begin(), runs.end(),
            [](const auto& a, const auto& b) { return a.start_time < b.start_time; });
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const execution_summary& before = runs[i - 1];
    const std::string first = before.run_id.value_or(std::string());
    const std::string second = runs[i].run_id.value_or(std::string());
    if (first.empty() || second.empty() || first == second) continue;
    if (ended_for_good(before) || second == own_run) return std::make_pair(first, second);
  }
  return std::nullopt;
}

}  // namespace mistral::workflows::bulk_core
