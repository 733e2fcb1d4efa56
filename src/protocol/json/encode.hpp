// A struct of the model as compact JSON text.
// Not pretty, and not a DOM.
#pragma once

#include <mistral/workflows/export.hpp>

#include <string>

namespace mistral::workflows::protocol {

/// What becomes of an empty member that may be null on the wire.
enum class nulls {
  omit,   ///< left out, as requests do
  write,  ///< written as null, as the API's answers do
};

/// Exists for every described struct of the model and for boost::json::value.
template <class T>
std::string encode(const T& value, nulls empty = nulls::omit);

/// The same, added to the end of `out`.
template <class T>
void encode_to(std::string& out, const T& value, nulls empty = nulls::omit);

}  // namespace mistral::workflows::protocol
