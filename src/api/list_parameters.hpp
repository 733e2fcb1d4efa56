// Parameters that several list operations share, as the API spells them.
// Not their limits: those are checked where the request is made.
#pragma once

#include "protocol/http/checks.hpp"

#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/sort_order.hpp>

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::api {

/// The name of an enumerator, which counts from 0. A value that is no enumerator is refused.
template <class Enum, std::size_t N>
std::optional<std::string> enum_text(const protocol::checks& check, std::string_view field,
                                     const std::optional<Enum>& value,
                                     const std::array<std::string_view, N>& names) {
  if (!value) return std::nullopt;
  const auto index = static_cast<std::size_t>(*value);
  if (index >= N) check.refuse(field, "is none of its enumeration's values");
  return std::string(names[index]);
}

/// A value that is newer than this library is sent as it is; one that was never given is refused.
template <class Enum>
void check_texts(const protocol::checks& check, std::string_view field,
                 const std::vector<open_enum<Enum>>& values) {
  for (const open_enum<Enum>& value : values) check.not_empty(field, value.text());
}

inline std::optional<std::string> order_text(const protocol::checks& check,
                                             const std::optional<sort_order>& order) {
  static_assert(static_cast<int>(sort_order::ascending) == 0);
  return enum_text(check, "order", order, std::array<std::string_view, 2>{"asc", "desc"});
}

}  // namespace mistral::workflows::api
