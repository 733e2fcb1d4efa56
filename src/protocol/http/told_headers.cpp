#include "protocol/http/told_headers.hpp"

#include <algorithm>
#include <array>

namespace mistral::workflows::protocol {
namespace {

// The service's own name of a request before that of an edge.
constexpr std::array<std::string_view, 6> request_ids = {"x-request-id",      "request-id",
                                                         "x-correlation-id",  "mistral-correlation-id",
                                                         "x-kong-request-id", "cf-ray"};
// x-ratelimit-limit-requests, ratelimit-remaining, ratelimit-policy, x-ratelimitbysize-..., ...
constexpr std::array<std::string_view, 2> limit_names = {"x-ratelimit", "ratelimit"};

}  // namespace

bool is_told(std::string_view name) {
  const auto same = [&](std::string_view one) { return same_header(name, one); };
  const auto begins = [&](std::string_view one) { return same_header(name.substr(0, one.size()), one); };
  return same("retry-after") || std::any_of(request_ids.begin(), request_ids.end(), same) ||
         std::any_of(limit_names.begin(), limit_names.end(), begins);
}

std::string_view request_id_in(const header_list& told) {
  for (const std::string_view name : request_ids)
    for (const auto& [given, value] : told)
      if (same_header(given, name) && !value.empty()) return value;
  return std::string_view();
}

}  // namespace mistral::workflows::protocol
