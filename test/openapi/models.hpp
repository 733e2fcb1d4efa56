// Which type of the model each schema of the description is, behind functions that know no types.
// Not a list to be tested by itself: the tests walk the description and look its schemas up here.
#pragma once

#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openapi {

/// What became of a document.
struct reading {
  reading() = default;

  std::optional<mistral::workflows::protocol::decode_problem>
      problem;                   ///< of the document, or of an event in it
  bool kept_as_unknown = false;  ///< the problem is that of an unknown_event
  std::string text;              ///< encoded again
};

struct model {
  std::string_view schema;
  reading (*read)(std::string_view document, mistral::workflows::protocol::nulls empty);
  bool forgives = false;  ///< what does not fit in it is left out
};

const std::vector<model>& models();
/// None for a schema that the library has no type for.
const model* model_of(std::string_view schema);

}  // namespace openapi
