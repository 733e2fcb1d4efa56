// An instant as text and back: "2026-11-29T16:40:05.123456Z".
// Not the API's date-times, of which answers show more forms.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::bulk_core {

/// Always six digits of fraction, so that texts sort as instants do. Years 0 to 9999.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string time_text(timestamp time);

/// None for a text that `time_text` does not write.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<timestamp> time_from_text(std::string_view text);

}  // namespace mistral::workflows::bulk_core
