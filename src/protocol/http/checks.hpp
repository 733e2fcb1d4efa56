// The checks of values that requests are made of; each throws invalid_argument that names the field.
// Not the escaping of what passes (request.hpp).
#pragma once

#include "protocol/http/operation.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::protocol {

/// The API's limit on an execution id, in characters.
inline constexpr std::size_t max_execution_id = 256;

/// Unicode code points of a text in UTF-8, which is how the API counts characters.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::size_t count_characters(std::string_view utf8) noexcept;

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT checks {
 public:
  explicit checks(operation op) : op_(op) {}

  void in_range(std::string_view field, std::int64_t value, std::int64_t least, std::int64_t most) const;
  void at_most(std::string_view field, std::size_t count, std::size_t most) const;
  void not_empty(std::string_view field, std::string_view value) const;
  void at_most_characters(std::string_view field, std::string_view value, std::size_t most) const;
  void digits(std::string_view field, std::string_view value) const;
  void uuid(std::string_view field, std::string_view value) const;
  void object_or_null(std::string_view field, const boost::json::value& value) const;
  /// What can stand in a path as one segment: not empty, not
  /// "." or "..", no NUL byte, at most `most` characters.
  void identifier(std::string_view field, std::string_view value, std::size_t most = 1024) const;
  void execution_id(std::string_view field, std::string_view value) const;
  /// Of a batch, which takes any number but none.
  void execution_ids(std::string_view field, const std::vector<std::string>& values) const;
  void workflow_ids(std::string_view field, const std::vector<std::string>& values) const;
  void search_key(std::string_view field, std::string_view value) const;
  /// A workflow's name must not be a literal route of the API where the two would collide.
  void not_reserved(std::string_view field, std::string_view value,
                    const std::vector<std::string_view>& routes) const;

  [[noreturn]] void refuse(std::string_view field, const std::string& reason) const;

 private:
  operation op_;
};

}  // namespace mistral::workflows::protocol
