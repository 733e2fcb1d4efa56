// The random numbers of the model tests: quick, and the same for a seed everywhere.
// Not the library's.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>

namespace test {

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
  std::int64_t below(std::int64_t most) {
    return most <= 0 ? 0 : static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(most));
  }
  /// Mostly short, now and then up to `most`.
  std::int64_t mostly_short(std::int64_t most) {
    const double u = uniform();
    return static_cast<std::int64_t>(static_cast<double>(most) * u * u * u * u);
  }
  template <class Kind, std::size_t N>
  Kind pick(const double (&weights)[N]) {
    double sum = 0;
    for (const double w : weights) sum += w;
    double at = uniform() * sum;
    for (std::size_t i = 0; i + 1 < N; ++i) {
      if (at < weights[i]) return static_cast<Kind>(i);
      at -= weights[i];
    }
    return static_cast<Kind>(N - 1);
  }

 private:
  std::uint64_t state_;
};

}  // namespace test
