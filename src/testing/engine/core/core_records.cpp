// The one way by which the state changes: a record is written,
// then applied, then those who wait for its events are told.
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/store/event_payload.hpp"

namespace mistral::workflows::testing {
namespace {

void add_payloads(boost::json::array& payloads, const run_identity& run, const std::vector<new_event>& events,
                  std::int64_t last_sequence, clock::time_point at) {
  for (const auto& event : events)
    payloads.push_back(
        make_event_payload(run, event, last_sequence + 1 + static_cast<std::int64_t>(payloads.size()), at));
}

}  // namespace

void engine_core::write(record_draft draft) {
  auto at = time->now();
  boost::json::object record;
  record["k"] = to_text(draft.kind);
  record["t"] = to_nanoseconds(at);
  if (draft.run) record["r"] = draft.run->identity.run_id;
  if (!draft.counted.empty()) record["c"] = draft.counted;
  for (auto& member : draft.own) record[member.key()] = std::move(member.value());

  if (!draft.schedule.empty()) record["s"] = std::move(draft.schedule);
  if (!draft.deployment.empty()) record["d"] = std::move(draft.deployment);

  auto before = store.last_sequence();
  auto last_log = store.last_log();
  boost::json::array payloads;
  if (draft.run) add_payloads(payloads, draft.run->identity, draft.events, before, at);
  if (draft.next) {
    record["next"] = to_json(*draft.next);
    add_payloads(payloads, draft.next->identity, draft.next_events, before, at);
  }
  if (!payloads.empty()) record["e"] = std::move(payloads);

  if (journal_) journal_->append(to_text(record));
  store.apply(record);
  for (auto sequence = before + 1; sequence <= store.last_sequence(); ++sequence) tell(store.event(sequence));
  while (last_log < store.last_log()) tell(store.log(++last_log));
}

void engine_core::read_journal() {
  if (!journal_) return;
  journal_->read([this](std::string_view text) { store.apply(from_text(text).as_object()); });
  store.pack_finished();
  time->not_before(store.last_time());
}

}  // namespace mistral::workflows::testing
