// What a load program measures of itself: latencies, CPU time, and the loop that says when it is over.
// Not how requests are made: each program does that in its own way.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace bench {

using clock = std::chrono::steady_clock;

/// Requests that many callers make until a time has passed, or so many of them.
class load {
 public:
  explicit load(std::chrono::duration<double> length)
      : end_(clock::now() + std::chrono::duration_cast<clock::duration>(length)) {
    microseconds_.reserve(1u << 20);
  }

  /// Whether another request is to be made.
  bool more() const { return last_ < end_; }
  std::uint64_t done() const { return microseconds_.size(); }

  void add(clock::time_point began) {
    last_ = clock::now();
    microseconds_.push_back(static_cast<std::uint32_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(last_ - began).count()));
  }

  boost::json::object report() {
    std::sort(microseconds_.begin(), microseconds_.end());
    const std::chrono::duration<double> took = last_ - began_;
    boost::json::object out;
    out["requests"] = done();
    out["seconds"] = took.count();
    out["p50_us"] = percentile(0.50);
    out["p99_us"] = percentile(0.99);
    return out;
  }

 private:
  const clock::time_point began_ = clock::now();
  const clock::time_point end_;
  clock::time_point last_ = began_;
  std::vector<std::uint32_t> microseconds_;

  std::uint32_t percentile(double share) const {
    if (microseconds_.empty()) return 0;
    const auto at = static_cast<std::size_t>(share * static_cast<double>(microseconds_.size()));
    return microseconds_[std::min(at, microseconds_.size() - 1)];
  }
};

/// `--name value` of the command line, or `otherwise`.
inline std::string option(int argc, char** argv, const std::string& name, const std::string& otherwise) {
  for (int i = 1; i + 1 < argc; ++i)
    if (argv[i] == "--" + name) return argv[i + 1];
  return otherwise;
}

inline void print(const boost::json::object& report) {
  std::printf("%s\n", boost::json::serialize(report).c_str());
  std::fflush(stdout);
}

}  // namespace bench
