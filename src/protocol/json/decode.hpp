// Bytes of JSON into a struct of the model.
// Not where the structs are described: that is in the describe_*.hpp files beside it.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// Why a document could not be read.
struct decode_problem {
  decode_problem() = default;
  decode_problem(std::string where, std::string why) : path(std::move(where)), reason(std::move(why)) {}

  std::string path;  ///< a JSON pointer, "/executions/3/status"; empty for the document itself
  std::string reason;
};

struct decode_limits {
  decode_limits() = default;
  explicit decode_limits(std::size_t depth) : max_depth(depth) {}

  std::size_t max_depth = 256;  ///< of arrays and objects in each other
};

/// Fills `out` from one whole document, or says what does
/// not fit; `out` is then in an unspecified valid state.
/// Exists for every described struct of the model and for boost::json::value.
template <class T>
std::optional<decode_problem> decode(std::string_view text, T& out, decode_limits limits = decode_limits());

}  // namespace mistral::workflows::protocol
