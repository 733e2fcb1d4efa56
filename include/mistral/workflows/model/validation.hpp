// What a 422 of the API's own validation says.
// Not the exception it becomes: see error.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mistral::workflows {

/// One thing that was wrong with a request.
struct MISTRAL_WORKFLOWS_EXPORT validation_error {
  validation_error() = default;

  /// Keys and 0-based indices, from the outside in.
  std::vector<std::variant<std::string, std::int64_t>> loc;
  std::string msg;           ///< for people to read
  std::string type;          ///< of the rule
  boost::json::value input;  ///< what was refused
  boost::json::object ctx;   ///< values that the message mentions

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const validation_error&, const validation_error&);
};

/// The body of a 422 answer.
struct MISTRAL_WORKFLOWS_EXPORT validation_error_body {
  validation_error_body() = default;

  std::vector<validation_error> detail;  ///< in the order of the server

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const validation_error_body&, const validation_error_body&);
};

}  // namespace mistral::workflows
