// The controller's process of crash_bulk: bulk_run as it is, around which its steps with
// the journal and with the network are counted; at one of them the process kills itself.
// Not the choice of that step: crash_lives.hpp.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace bulk_bench {

/// Where a controller can be killed. `post_after`, when the server
/// has carried out a start and not answered, is the server's to do.
enum class crash_step : unsigned char {
  intent_before,
  intent_after,
  post_before,
  post_after,
  answer_before,  ///< read, and nothing made of it yet
  answer_after,   ///< with the journal
  outcome_before,
  outcome_after,
  acknowledgement_before,
  acknowledgement_after,
};
constexpr std::size_t crash_steps = 10;

constexpr std::array<std::string_view, crash_steps> crash_step_names = {
    "before an intent",          "after an intent",         "before a POST",     "after a POST",
    "before an answer's use",    "after an answer's use",   "before an outcome", "after an outcome",
    "before an acknowledgement", "after an acknowledgement"};

/// What the controller says on descriptor `report`, a byte each: '0' +
/// the step at which it kills itself; 'r' for each repeated outcome.
/// `at`: the step to be killed at, from 1; 0: none. Returns the exit code of bulk_run with this command line.
int control(int report, long at, int count, char** arguments);

}  // namespace bulk_bench
