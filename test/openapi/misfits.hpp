// Every member of a document in turn with a value of a type that its schema does not allow.
// Not what becomes of it: the caller looks while the wrong value is in place.
#pragma once

#include "openapi/description.hpp"

#include <functional>
#include <string>

namespace openapi {

struct misfit {
  misfit() = default;

  std::string path;       ///< a JSON pointer to the wrong member
  std::string kind;       ///< of the wrong value
  bool in_event = false;  ///< the member is an event or in one
  std::string around;     ///< the name of the schema that the member is of
};

/// Puts the wrong values into `document` one by one, and the right one
/// back. The path of the document itself, empty, is not among them.
void misfits(const json::value& schema, json::value& document,
             const std::function<void(const misfit&)>& visit);

}  // namespace openapi
