// Applies JSON patches, as tasks in progress report them, to a state.
// Not the patches' types: see payload.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/payload.hpp>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

namespace mistral::workflows {

/// Why a patch does not fit a state.
struct MISTRAL_WORKFLOWS_EXPORT patch_problem {
  patch_problem() = default;

  std::size_t step = 0;  ///< 0-based
  std::string reason;    ///< why, for people to read
};

/// Applies all steps to `state` in order, or none and says why: add, replace and remove as in RFC 6902, and
/// `append`, which adds text to the end of a string. Encoded values must be decoded first.
MISTRAL_WORKFLOWS_EXPORT std::optional<patch_problem> apply_patch(boost::json::value& state,
                                                                  std::span<const json_patch_step> steps);

/// The same for one payload: a snapshot replaces the state, a patch changes it.
MISTRAL_WORKFLOWS_EXPORT std::optional<patch_problem> apply_payload(boost::json::value& state,
                                                                    const progress_payload& payload);

}  // namespace mistral::workflows
