// Reset: the current run ends, and another under the same execution
// id repeats its steps up to a point and goes on from there.
#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/traces/history.hpp"

namespace mistral::workflows::testing {
namespace {

/// The signals and updates that came after the point, which the new run is to get again.
boost::json::array left_over(const run_state& run, std::size_t cut, const reset_request& request) {
  boost::json::array backlog;
  auto add = [&](record_kind kind, boost::json::object own) {
    if (kind == record_kind::signal && request.exclude_signals) return;
    if (kind == record_kind::update && request.exclude_updates) return;
    own["kind"] = to_text(kind);
    own.erase("backlog");
    backlog.push_back(std::move(own));
  };
  const auto work = run.look();
  for (auto index = cut; index < work->steps.size(); ++index) {
    const auto& one = work->steps[index];
    if (one.kind == record_kind::signal || one.kind == record_kind::update)
      add(one.kind, from_text(one.data).as_object());
  }
  for (const auto& item : work->backlog) {
    auto own = from_text(item).as_object();
    add(record_kind_from(text_of(own, "kind")), own);
  }
  return backlog;
}

}  // namespace

void engine_core::reset(const std::string& execution_id, const reset_request& request) {
  auto& found = execution(execution_id);
  if (auto* at_work = live(found.latest())) at_work->drive();
  auto& old = found.latest();
  auto cut = steps_before(old, request.event_id);
  if (!cut) {
    boost::json::object more;
    more["valid_reset_events"] = valid_reset_events(old);
    refuse_invalid("Event " + std::to_string(request.event_id) + " is not a point to reset to",
                   std::move(more));
  }
  record_draft draft(record_kind::reset);
  draft.run = &old;
  draft.own["from"] = old.identity.run_id;
  draft.own["cut"] = *cut;
  put_text(draft.own, "reason", request.reason);
  draft.next.emplace();
  draft.next->identity = old.identity;
  draft.next->identity.run_id = random_uuid();
  draft.next->input = from_text(old.input);
  draft.next->id_seed = old.id_seed;
  draft.next->outlives_parent = old.outlives_parent;
  if (!old.tracing.empty()) draft.next->tracing = from_text(old.tracing).as_object();
  draft.next->backlog = left_over(old, *cut, request);
  draft.counted = "executions.reset";
  write(std::move(draft));
  after_end(old);
  bring_to_life(found.latest());
}

}  // namespace mistral::workflows::testing
