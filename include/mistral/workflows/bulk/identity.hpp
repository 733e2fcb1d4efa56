// How a job of a batch is recognised: its execution id, its shard, and the hash of its input.
// Not whether it was started: the service and the journal know that.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mistral::workflows {

/// The longest key of a job, in bytes.
inline constexpr std::size_t bulk_longest_key = 1'000;

/// A batch's name as it stands in execution ids: letters a-z, digits and '-'. Upper-case letters become
/// lower-case ones; each run of other bytes becomes one '-', none at either end; of the rest the first 64.
/// "batch" where nothing is left. Different batches may have one slug.
MISTRAL_WORKFLOWS_EXPORT std::string bulk_slug(std::string_view batch);

/// The execution id of a job: the batch's slug, '-', and the first 40 lower-case hexadecimal digits of a
/// SHA-256. It is taken over batch, key and the decimal digits of the generation, in this order, each as its
/// length in bytes (8 bytes, big-endian) and its bytes. At most 105 characters. Other programs may make the
/// same ids:
///
///     batch               key     generation   id
///     nightly             job-1   0            nightly-7c1f89e4f559bfbb4b941080ab1e89f83135a2b8
///     nightly             job-1   1            nightly-362293928d26c78bf3bebcc6613aa598a4a1af71
///     Q3 Übersicht / EU   42      0            q3-bersicht-eu-88e9b0ca35e539bb7a66da438b4fe1c6c96b86dd
///     a                   bc      0            a-eed922b1f65d118332347ae94e420107d45ffa9f
///     ab                  c       0            ab-3cfa7d5b7ac0484396dd57a57edd71524ba2c12e
///
/// Errors: invalid_argument - the batch is empty; the key is empty or longer than `bulk_longest_key`; either
///         is no UTF-8
MISTRAL_WORKFLOWS_EXPORT std::string bulk_execution_id(std::string_view batch, std::string_view key,
                                                       std::uint32_t generation = 0);

/// One of `count` parts of all jobs, by their keys: each key is in one part, whatever the machine and the
/// version. Part number: the first 8 bytes of the key's SHA-256, as a big-endian number, modulo `count`.
class MISTRAL_WORKFLOWS_EXPORT bulk_shard {
 public:
  /// All jobs.
  bulk_shard() noexcept = default;
  /// `index` from 0.
  /// Errors: invalid_argument - the index is not below the count
  bulk_shard(std::uint32_t index, std::uint32_t count);

  /// Whether a job with this key is of this part.
  bool contains(std::string_view key) const;
  /// Which part, from 0.
  std::uint32_t index() const noexcept { return index_; }
  /// How many parts there are; 1: all jobs are of this one.
  std::uint32_t count() const noexcept { return count_; }

 private:
  std::uint32_t index_ = 0;
  std::uint32_t count_ = 1;
};

/// 64 lower-case hexadecimal digits, the same for equal inputs: SHA-256 over the JSON text without spaces,
/// members in the order of their names' bytes, numbers as the library sends them (`1` and `1.0` differ).
MISTRAL_WORKFLOWS_EXPORT std::string bulk_input_hash(const boost::json::value& input);

}  // namespace mistral::workflows
