// What completion_core keeps of one waiter, and the table of what is asked in each phase.
// Not what is done with it: completion_core.cpp takes news, completion_answers.cpp what GETs say.
#pragma once

#include "bulk/completions/completion_core.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::bulk_core {

enum class lane : std::uint8_t { none, urgent, overdue };

struct phase_row {
  lane how_soon;
  ask::target what;
  bool next_run;  // of the run that was named, not of ours
};

// clang-format off
inline constexpr std::array<phase_row, 6> phases{{
    // phase       how soon        what is asked
    /* expected  */ {lane::none,    ask::target::execution, false},
    /* running   */ {lane::overdue, ask::target::execution, false},
    /* doubted   */ {lane::urgent,  ask::target::execution, false},  // or events, see asks()
    /* naming    */ {lane::urgent,  ask::target::run,       false},
    /* fetching  */ {lane::urgent,  ask::target::run,       false},
    /* following */ {lane::urgent,  ask::target::run,       true},
}};
// clang-format on

inline const phase_row& row_of(phase at) { return phases[static_cast<std::size_t>(at)]; }

struct completion_core::waiter {
  waiter() = default;

  waiter_id who = 0;
  std::string execution_id;  // under which the run stands: a continue-as-new may go elsewhere
  std::string run_id;        // ours, the latest that is known; empty: not known
  std::string next_run;      // that a CONTINUED_AS_NEW named
  std::string failure;
  std::unique_ptr<std::string> asked_for;  // the execution id that the caller knows, where it is another
  std::unique_ptr<run_news> early;         // came before the answer to the start
  std::vector<std::string> past;           // runs of ours that another took over from
  std::optional<timestamp> started;        // of our run
  timestamp registered{};                  // the mark when it was expected
  std::optional<timestamp> ended;          // as news had it
  std::optional<instant> continued_since;
  std::optional<instant> sure_from;  // a GET has said TERMINATED: one that is asked from here on decides
  instant asked{};                   // the last GET
  instant due{};
  execution_status said = execution_status::unknown;  // how our run ended, so far unconfirmed
  phase at = phase::expected;
  completion_source seen_by = completion_source::get;
  bool dated = false;    // `started` is when it began, and not just before that
  bool told = false;     // news, not a GET, began the doubt
  bool sure = false;     // `said` is how the run stands, not how an attempt ended
  bool alone = false;    // nobody said that it is there
  bool asking = false;   // a GET is under way
  bool again = false;    // and news came since
  bool settled = false;  // the last doubt came to nothing
  bool scheduled = false;
  std::uint8_t tries = 0;         // answers in this phase that decided nothing
  std::uint8_t misses = 0;        // 404s and refusals in a row
  std::uint8_t running_gets = 0;  // GETs that found it running, in a row

  bool is_past(std::string_view run) const { return std::find(past.begin(), past.end(), run) != past.end(); }
};

/// Run ids are UUIDs; another text names no run.
inline bool names_run(std::string_view id) {
  if (id.size() != 36) return false;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const char c = id[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace mistral::workflows::bulk_core
