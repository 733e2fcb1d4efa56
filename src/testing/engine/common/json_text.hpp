// JSON text and instants, as the engine keeps and shows them.
// Not the model's codec: the engine's records are any JSON.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// Errors: std::runtime_error if it is not JSON.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::json::value from_text(std::string_view text);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string to_text(const boost::json::value& value);

/// "2025-12-17T10:25:07.818693Z"
std::string format_instant(clock::time_point time);
std::int64_t to_nanoseconds(clock::time_point time);
clock::time_point from_nanoseconds(std::int64_t count);

/// Members of records that may be left out.
std::optional<std::string> optional_text(const boost::json::object& object, std::string_view key);
void put_text(boost::json::object& object, std::string_view key, const std::optional<std::string>& text);
/// The same for answers: null where there is none.
boost::json::value text_or_null(const std::optional<std::string>& text);
std::string text_of(const boost::json::object& object, std::string_view key);

}  // namespace mistral::workflows::testing
