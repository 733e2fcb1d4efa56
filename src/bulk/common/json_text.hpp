// JSON text into a value, with numbers read from their text and
// so correctly rounded, whatever the version of Boost.JSON.
// Not the decoder of answers: this reads what the library itself has written down.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <string_view>

namespace mistral::workflows::bulk_core {

/// The whole of `text`. Nesting: 256 levels.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::json::value read_json_text(std::string_view text,
                                                                    boost::system::error_code& failure);

}  // namespace mistral::workflows::bulk_core
