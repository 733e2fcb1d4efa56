// How what goes wrong is brought about by the local server, and what an error is called.
// Not connections that fail: connecting.hpp.
#pragma once

#include "session/fault_matrix/table.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/testing/fault.hpp>

#include <optional>
#include <string>

namespace fault_matrix {

/// None where no request goes wrong.
std::optional<mistral::workflows::testing::fault> fault_of(const row& what);

/// As the table has it.
std::string name_of(const mistral::workflows::error& e);

}  // namespace fault_matrix
