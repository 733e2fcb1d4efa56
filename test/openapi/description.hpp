// The API's operations and schemas, as facts.json has them from the API's own description.
// Not general OpenAPI: it knows what that description uses.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace openapi {

namespace json = boost::json;

struct parameter {
  parameter() = default;

  std::string name;
  std::string in;  ///< "path", "query" or "header"
  bool required = false;
  const json::value* schema = nullptr;
};

struct response {
  response() = default;

  std::string content_type;             ///< empty: no content
  const json::value* schema = nullptr;  ///< of the content; null where there is none
};

struct operation {
  operation() = default;

  std::string method;
  std::string path;  ///< with parameters in braces
  std::vector<parameter> parameters;
  const json::value* body = nullptr;  ///< null: takes none
  bool body_required = false;
  std::map<int, response> responses;

  std::string name() const { return method + " " + path; }
  /// Its answer when all is well.
  int success() const;
};

class description {
 public:
  /// With what is live and not in the API's own.
  static const description& get();

  /// 54 of them.
  const std::vector<operation>& operations() const noexcept { return operations_; }
  const operation& at(std::string_view name) const;
  const json::object& schemas() const noexcept { return schemas_; }

  /// The schema itself, or what it refers to.
  const json::object& resolve(const json::value& schema) const;
  /// The name of what the schema refers to; empty where it refers to nothing.
  static std::string name_of(const json::value& schema);

 private:
  description();
  void read_operation(std::string_view name, const json::object& facts);
  void read_parameters(operation& of, const json::object& facts);
  const json::value* keep(const json::value& shortened);

  std::deque<json::value> kept_;  ///< what operations point to
  json::object schemas_;
  std::vector<operation> operations_;
};

/// A member of a schema or of any object; null where it is missing.
const json::value* find(const json::object& object, std::string_view member);

}  // namespace openapi
