// The random numbers of bulk's tests: the same for a seed everywhere.
// Not the library's.
#pragma once

#include <cmath>
#include <cstdint>

namespace bulk_test {

class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {  // splitmix64
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
  }
  /// From 0 to 1, without it.
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }
  double between(double from, double to) { return from + (to - from) * uniform(); }
  double exponential(double mean) { return -mean * std::log(1 - uniform()); }
  bool chance(double p) { return uniform() < p; }
  /// From 0 to `most`, without it.
  std::uint64_t below(std::uint64_t most) { return most == 0 ? 0 : next() % most; }

 private:
  std::uint64_t state_;
};

}  // namespace bulk_test
