#include "testing/engine/traces/trace_ids.hpp"

#include "testing/engine/common/ids.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

std::string digits(const std::string& seed, std::size_t count) {
  auto text = derived_uuid(seed, 0);
  std::erase(text, '-');
  text.resize(count);
  return text;
}

/// The run under the root's execution id in whose time
/// `run` began: the id may have been used before and after.
const run_state& root_of(const store& from, const run_state& run) {
  const auto* root = from.find_execution(run.identity.root_execution_id);
  if (!root) return run;
  const run_state* found = root->runs.front();
  for (const auto* one : root->runs)
    if (one->start <= run.start) found = one;
  return *found;
}

}  // namespace

std::string trace_id_of(const store& from, const run_state& run) {
  return digits("trace/" + root_of(from, run).identity.first_run_id.str(), 32);
}

std::string span_id_of(const run_state& run, std::string_view part) {
  return digits("span/" + run.identity.run_id.str() + "/" + std::string(part), 16);
}

}  // namespace mistral::workflows::testing
