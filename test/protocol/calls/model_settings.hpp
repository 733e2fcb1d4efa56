// How many sequences a model test runs, and from which seed: CALL_MODEL_SEED and CALL_MODEL_SEQUENCES
// in the environment, or a seed from the clock and 1,000,000 (20,000 without optimisation).
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace call_model {

struct settings {
  /// `divisor`: of the usual number. `seed`: in place of the clock's.
  explicit settings(std::uint64_t divisor = 1, std::uint64_t seed = from_clock())
      : sequences(from_environment("CALL_MODEL_SEQUENCES", usual / divisor)),
        seed_(from_environment("CALL_MODEL_SEED", seed)) {}

#ifdef NDEBUG
  static constexpr std::uint64_t usual = 1'000'000;
#else
  static constexpr std::uint64_t usual = 20'000;
#endif

  std::uint64_t sequences;

  std::uint64_t seed_of(std::uint64_t sequence) const { return seed_ + sequence * 0x632be59bd9b4e019u; }
  std::string to_replay() const { return text(seed_, sequences); }
  std::string to_replay(std::uint64_t sequence) const { return text(seed_of(sequence), 1); }

 private:
  std::uint64_t seed_;

  static std::string text(std::uint64_t seed, std::uint64_t count) {
    return "CALL_MODEL_SEED=" + std::to_string(seed) + " CALL_MODEL_SEQUENCES=" + std::to_string(count);
  }
  static std::uint64_t from_clock() {
    return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
  }
  static std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* const given = std::getenv(name);
    return given ? std::strtoull(given, nullptr, 0) : otherwise;
  }
};

}  // namespace call_model
