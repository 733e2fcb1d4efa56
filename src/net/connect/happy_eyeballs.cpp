#include "net/connect/happy_eyeballs.hpp"

#include <algorithm>

namespace mistral::workflows::net {

std::vector<boost::asio::ip::address> interleave(const std::vector<boost::asio::ip::address>& addresses) {
  if (addresses.empty()) return {};
  const bool v6_first = addresses.front().is_v6();
  std::vector<boost::asio::ip::address> preferred, other, result;
  for (const auto& one : addresses) (one.is_v6() == v6_first ? preferred : other).push_back(one);
  for (std::size_t at = 0; at < std::max(preferred.size(), other.size()); ++at) {
    if (at < preferred.size()) result.push_back(preferred[at]);
    if (at < other.size()) result.push_back(other[at]);
  }
  return result;
}

attempt_step attempt_schedule::next() {
  attempt_step step;
  if (begun_ == addresses_) return step;
  step.start = begun_++;
  step.delay = begun_ < addresses_;
  return step;
}

attempt_step attempt_schedule::begin() { return next(); }
attempt_step attempt_schedule::delay_is_over() { return next(); }

attempt_step attempt_schedule::one_failed() {
  ++failed_;
  attempt_step step = next();
  step.give_up = failed_ == addresses_;
  return step;
}

}  // namespace mistral::workflows::net
