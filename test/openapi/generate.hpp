// Documents that fit a schema of the description.
// Not values of the model: nothing here knows C++ types.
#pragma once

#include "openapi/description.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace openapi {

struct generate_options {
  generate_options() = default;

  bool optional = true;  ///< members that may be missing, too
  bool nulls = false;    ///< null wherever it is allowed
  bool unknown =
      false;  ///< members, enumerators and (where a schema chooses by type) event types of a later time
  std::size_t elements = 1;   ///< of arrays and maps
  std::uint64_t variant = 0;  ///< which alternative, enumerator, form of a date-time...
};

class generator {
 public:
  explicit generator(generate_options options) : options_(options), next_(options.variant) {}

  json::value operator()(const json::value& schema) { return make(schema, std::string()); }

 private:
  json::value make(const json::value& schema, const std::string& member);
  json::value make_string(const json::object& schema, const std::string& member);
  json::value make_object(const json::object& schema);
  json::value make_array(const json::object& schema, const std::string& member);
  json::value make_any();
  const json::value& choose(const json::array& choices);
  std::uint64_t next() { return next_++; }

  generate_options options_;
  std::uint64_t next_;
  int depth_ = 0;
};

/// The document with the members of every object in another order.
json::value reversed(const json::value& document);
json::value shuffled(const json::value& document, std::uint64_t seed);

}  // namespace openapi
