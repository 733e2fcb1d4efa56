// Whether a document that was decoded and encoded again still says what it said.
// Not equality: date-times are compared as instants, numbers by value,
// and outside PATCH a member left out equals null and its default.
#pragma once

#include "openapi/description.hpp"

#include <string>
#include <vector>

namespace openapi {

class equivalence {
 public:
  /// The differences, "/path: what" each.
  std::vector<std::string> operator()(const json::value& schema, const json::value& before,
                                      const json::value& after);

 private:
  void compare(const json::value& schema, const json::value& before, const json::value& after,
               const std::string& path);
  void compare_objects(const json::object& schema, const json::object& before, const json::object& after,
                       const std::string& path);
  bool stands_for_absent(const json::value& schema, const json::value& value) const;
  void differ(const std::string& path, const json::value& before, const json::value& after);

  std::vector<std::string> found_;
};

/// Numbers by value, members in any order.
bool same_value(const json::value& a, const json::value& b);

}  // namespace openapi
