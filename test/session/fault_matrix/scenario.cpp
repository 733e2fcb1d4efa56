#include "session/fault_matrix/scenario.hpp"

#include <algorithm>

namespace fault_matrix {
namespace {

bool waits_for_seconds(const row& of) { return of.what == way::stalled || of.retry_after; }

bool can_keep_on(const row& of, kind operation) {
  if (of.what == way::found_stale || of.what == way::dies_in_use) return false;
  return column(of, operation) != said::ended;
}

}  // namespace

std::string scenario::wanted() const {
  return then ? expected_after(*of, *then, op->repeat, op->without_body)
              : expected(*of, op->repeat, op->without_body, keeps_on);
}

std::string scenario::describe() const {
  std::string text(op->name);
  if (!op->variant.empty()) text += " (" + std::string(op->variant) + ")";
  text += ", " + std::string(of->name);
  return then ? text + ", and then " + std::string(then->name) : text + (keeps_on ? " every time" : " once");
}

std::vector<scenario> all_scenarios(const std::vector<operation>& operations) {
  std::vector<scenario> all;
  for (const row& of : rows()) {
    for (const operation& op : operations) {
      all.emplace_back(&op, &of, false);
      if (can_keep_on(of, op.repeat)) all.emplace_back(&op, &of, true);
    }
  }
  // Those that wait for seconds first, so that the others fill the time.
  std::partition(all.begin(), all.end(), [](const scenario& one) { return waits_for_seconds(*one.of); });
  return all;
}

// A pooled connection is found closed first or not at all.
std::vector<scenario> all_pairs(const std::vector<operation>& operations) {
  std::vector<scenario> all;
  for (const operation& op : operations) {
    if (op.name != "workflows.execute" && op.name != "executions.terminate" && op.name != "executions.signal")
      continue;
    if (!op.variant.empty()) continue;
    for (const row& first : rows())
      for (const row& then : rows())
        if (&first != &then && then.what != way::found_stale) all.emplace_back(&op, &first, &then);
  }
  std::partition(all.begin(), all.end(), [](const scenario& one) {
    return waits_for_seconds(*one.of) || waits_for_seconds(*one.then);
  });
  return all;
}

}  // namespace fault_matrix
