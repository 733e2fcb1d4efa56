// Whether a JSON value is what a schema of the description says.
// Not JSON Schema in general: an unknown keyword that restricts
// values is an error, so that nothing is passed over.
#pragma once

#include "openapi/description.hpp"

#include <string>
#include <vector>

namespace openapi {

/// What does not fit, "/path: reason" each; empty where all fits.
/// Members that the schema does not name are allowed unless
/// `strict`, but for those of schemas that say so themselves.
class schema_check {
 public:
  explicit schema_check(bool strict = false) : strict_(strict) {}

  std::vector<std::string> operator()(const json::value& schema, const json::value& value) const;

 private:
  void check(const json::value& schema, const json::value& value, const std::string& path,
             std::vector<std::string>& problems) const;
  void check_any(const json::array& choices, const json::value& value, const std::string& path,
                 std::vector<std::string>& problems) const;
  void check_type(std::string_view type, const json::object& schema, const json::value& value,
                  const std::string& path, std::vector<std::string>& problems) const;
  void check_object(const json::object& schema, const json::object& value, const std::string& path,
                    std::vector<std::string>& problems) const;
  void check_array(const json::object& schema, const json::array& value, const std::string& path,
                   std::vector<std::string>& problems) const;

  bool strict_;
};

/// Of a schema's alternatives, the one that a value was made for: the first that
/// it fits with no member too many, or else at all, or else the only one. Null
/// where the schema has no alternatives, or the value is later than all of them.
const json::value* chosen(const json::object& schema, const json::value& value);

/// Whether a text has the form that a schema's `format` asks for: date-time, duration or uuid.
bool has_format(const std::string& text, std::string_view format);

}  // namespace openapi
