// Which operation a method and a path mean, and the parameters in the path.
// Not what the operation does.
#pragma once

#include <mistral/workflows/export.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::testing {

/// One row of the table of operations. Segments in braces are
/// parameters, which hold one segment each, never an empty one.
struct route {
  constexpr route(std::string_view name, std::string_view http_method, std::string_view path_pattern)
      : operation(name), method(http_method), pattern(path_pattern) {}

  std::string_view operation;
  std::string_view method;
  std::string_view pattern;
};

struct routing {
  routing() = default;

  enum class outcome { found, not_found, method_not_allowed, bad_path };
  outcome result = outcome::not_found;
  std::size_t index = 0;            ///< of the row, where found
  std::vector<std::string> values;  ///< of the parameters, decoded
  std::string allow;                ///< the methods that this path knows, where the method is not allowed
};

/// Literal segments win over parameters, from the left, among the
/// rows of this method; `path` is as sent, without the query.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT routing find_route(std::span<const route> table, std::string_view method,
                                                     std::string_view path);

/// Undoes percent-encoding; `plus_is_space` as in queries. Nothing where a `%` has no two digits.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::optional<std::string> percent_decode(std::string_view text,
                                                                            bool plus_is_space = false);

}  // namespace mistral::workflows::testing
