#include "protocol/calls/ownership.hpp"

#include "protocol/http/uuid.hpp"

namespace mistral::workflows::protocol {
namespace {

std::chrono::microseconds whole(call_clock::duration time) {
  return std::chrono::floor<std::chrono::microseconds>(time);
}

}  // namespace

doubt_window window_of(timestamp date, call_clock::duration to_look, call_clock::duration to_answer) {
  doubt_window out;
  out.begin = date - std::chrono::ceil<std::chrono::microseconds>(to_answer);
  out.end = date + std::chrono::seconds(1) - whole(to_look);
  return out;
}

bool is_own(const call_identity& who, const found_thing& thing, const doubt_evidence& known) {
  if (who.own_by == proof::id) return true;
  if (!known.in_doubt || !thing.as_sent) return false;
  if (who.own_by == proof::definition) return true;
  return known.window && thing.start_time >= known.window->begin - start_margin;
}

look_fact judge_start(const call_identity& who, const found_thing& thing, const doubt_evidence& known) {
  if (is_own(who, thing, known)) return look_fact::own;
  if (who.attach_running && !thing.terminal) return look_fact::own;
  // Where no request of this call can have acted, what is there is simply somebody else's.
  return known.in_doubt ? look_fact::foreign : look_fact::nothing;
}

look_fact judge_ending(call_identity& who, const found_thing& run, const doubt_evidence& known) {
  if (run.terminal) return look_fact::own;
  // An execution has one active run: another one than the one that is meant says that this has ended.
  if (who.run_id && run.run_id)
    return same_uuid(*who.run_id, *run.run_id) ? look_fact::nothing : look_fact::own;
  if (!known.window) return look_fact::foreign;
  if (run.start_time >= known.window->end + start_margin) return look_fact::own;
  // Older than the request, it is what the request was aimed
  // at; but not provably where a certain run is meant.
  if (who.run_id || run.start_time >= known.window->begin - start_margin) return look_fact::foreign;
  who.run_id = run.run_id;
  return look_fact::nothing;
}

}  // namespace mistral::workflows::protocol
