// The cases of the matrix: an operation, and what goes wrong with it.
// Not how that is brought about (failing.hpp, connecting.hpp).
#pragma once

#include "session/fault_matrix/operations.hpp"
#include "session/fault_matrix/table.hpp"

#include <string>
#include <vector>

namespace fault_matrix {

struct scenario {
  scenario(const operation* called, const row* failing, bool every_time)
      : op(called), of(failing), keeps_on(every_time) {}
  scenario(const operation* called, const row* failing, const row* failing_next)
      : op(called), of(failing), then(failing_next) {}

  const operation* op;
  const row* of;
  const row* then = nullptr;  // what goes wrong next
  bool keeps_on = false;

  std::string wanted() const;
  std::string describe() const;
};

std::vector<scenario> all_scenarios(const std::vector<operation>& operations);

/// A start, an ending and a signal, failing in each way and, where they go on, in each other one.
std::vector<scenario> all_pairs(const std::vector<operation>& operations);

}  // namespace fault_matrix
