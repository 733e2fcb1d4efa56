#include "protocol/calls/reading.hpp"

namespace mistral::workflows::protocol {
namespace {

bool is_2xx(const request_end& end) { return end.status >= 200 && end.status < 300; }
bool is_whole(const request_end& end) { return end.reached == reach::answered && !end.permanent; }

bool proves_absence(const call_identity& who, const request_end& end) {
  return end.reached == reach::answered && end.status == 404 && end.json && end.code == who.absent_code;
}

bool wants_another_key(const request_end& end, bool key_renewed) {
  return end.reached == reach::answered && end.status == 401 && end.renewable_key && !key_renewed;
}

send_fact read_2xx(const call_identity& who, const request_end& end) {
  if (!is_whole(end)) return end.permanent ? send_fact::unreadable : send_fact::unread;
  const bool named = who.repeat == safety::read || who.repeat == safety::keyed;
  return named && end.id == named_id::other ? send_fact::misnamed : send_fact::done;
}

// A definite answer that another attempt would get as well.
send_fact read_refusal(const call_identity& who, const request_end& end) {
  const bool worth_a_look = who.own_by == proof::id || who.attach_running;
  const bool may_be_taken = end.status == 409 && (end.code == "WF_1101" || end.unread);
  if (who.repeat == safety::keyed && worth_a_look && may_be_taken) return send_fact::taken;
  const bool not_running = end.status == 409 && end.code == "WF_1102";
  if (who.repeat == safety::ending && (not_running || proves_absence(who, end))) return send_fact::gone;
  return send_fact::lasting;
}

}  // namespace

send_fact read_send(const call_identity& who, const request_end& end, bool key_renewed) {
  if (is_2xx(end)) return read_2xx(who, end);
  if (wants_another_key(end, key_renewed)) return send_fact::unauthorized;
  switch (fate_of(end)) {
    case fate::not_done:
      return end.reached == reach::not_sent ? send_fact::unsent : send_fact::refused;
    case fate::in_doubt:
      return send_fact::unsure;
    case fate::lasting:
      break;
  }
  return may_have_acted(end) == server_action::no ? read_refusal(who, end) : send_fact::broken;
}

look_answer read_look(const call_identity& who, const request_end& end, bool shown, bool key_renewed) {
  // What a cache has held says how things stood. Only what was never there before the call proves something
  // so.
  const bool of_now = end.age.count() <= 0;
  const bool by_id = who.repeat != safety::ending && who.own_by == proof::id;
  if (is_2xx(end)) {
    const bool shows_it = is_whole(end) && shown && end.id != named_id::other;
    return shows_it && (of_now || by_id) ? look_answer::there : look_answer::passing;
  }
  if (proves_absence(who, end)) return of_now ? look_answer::absent : look_answer::passing;
  if (wants_another_key(end, key_renewed)) return look_answer::unauthorized;
  // An edge in front of the service may say 404 for a while.
  if (end.status == 404) return look_answer::passing;
  return fate_of(end) == fate::lasting ? look_answer::lasting : look_answer::passing;
}

}  // namespace mistral::workflows::protocol
