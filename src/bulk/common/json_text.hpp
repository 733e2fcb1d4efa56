// JSON text into a value, with numbers read from their text and
// so correctly rounded, whatever the version of Boost.JSON.
// Not the decoder of answers: this reads what the library itself has written down, and inputs of jobs.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/value.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <string_view>

namespace mistral::workflows::bulk_core {

/// Numbers that no 64 bits hold as they stand: integers beyond them, and what is beyond every double.
enum class beyond_numbers {
  round,   ///< to the next double
  refuse,  ///< with boost::json::error::not_exact
};

/// The whole of `text`. Nesting: 256 levels. `read`: where not null, how many bytes came before the failure.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::json::value read_json_text(
    std::string_view text, boost::system::error_code& failure, beyond_numbers beyond = beyond_numbers::round,
    std::size_t* read = nullptr);

}  // namespace mistral::workflows::bulk_core
