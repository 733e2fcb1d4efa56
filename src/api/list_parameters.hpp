// Parameters that several list operations share, as the API spells them.
// Not their limits: those are checked where the request is made.
#pragma once

#include <mistral/workflows/sort_order.hpp>

#include <optional>
#include <string>

namespace mistral::workflows::api {

inline std::optional<std::string> order_text(const std::optional<sort_order>& order) {
  if (!order) return std::nullopt;
  return *order == sort_order::ascending ? "asc" : "desc";
}

}  // namespace mistral::workflows::api
