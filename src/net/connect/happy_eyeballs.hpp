// Which address of a host is tried when, where it has several (RFC 8305): values in, decisions out.
// No socket and no clock: connect_race.hpp has those.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/ip/address.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace mistral::workflows::net {

/// The same addresses with IPv4 and IPv6 taking turns, the family
/// of the first one first. Within a family the order stays:
/// the system has sorted by preference (RFC 6724).
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::vector<boost::asio::ip::address> interleave(
    const std::vector<boost::asio::ip::address>& addresses);

/// What to do next. Everything may be absent: then an attempt under way is waited for.
struct attempt_step {
  attempt_step() = default;

  std::optional<std::size_t> start;  ///< begin to connect to this address, counted from 0
  bool delay = false;                ///< begin the delay anew, and say so when it is over
  bool give_up = false;              ///< every address has failed
};

/// One address after the other, the next one when the last has failed or the delay is over, whichever comes
/// first. What was begun goes on meanwhile; the first that connects wins, and then nobody asks here any more.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT attempt_schedule {
 public:
  explicit attempt_schedule(std::size_t addresses) noexcept : addresses_(addresses) {}

  attempt_step begin();
  attempt_step delay_is_over();
  attempt_step one_failed();

 private:
  std::size_t addresses_;
  std::size_t begun_ = 0;
  std::size_t failed_ = 0;

  attempt_step next();
};

}  // namespace mistral::workflows::net
