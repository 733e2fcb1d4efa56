// How long a sequence may take to come to its end, by what stands in the way.
#include "protocol/follow/model/judge.hpp"

#include <algorithm>

namespace follow_model {

void judge::returned(instant limit, const instants& at) {
  must(at.now <= limit, "a wait went on beyond its limit");
  if (!gets_decide()) in_vain_.reset();
  const instant one_get = of(rules_.status_check) + server_.ways.slow_status + 62 * second;
  must(!in_vain_ || at.waited - *in_vain_ <= of(rules_.budget) + one_get, "GETs in vain beyond the budget");
  if (at.now < server_.settled_from()) return;
  if (at.now < not_before_) settled_waited_.reset();
  if (!settled_waited_) settled_waited_ = at.waited;
  const auto& ways = server_.ways;
  if (server_.goes_on() || ways.no_status_from != never || !rules_.watches_execution) return;
  must(at.waited - *settled_waited_ <= patience(), "no end although all has settled for long");
}

// Within what time a cursor that is marked with the end of all comes to it; nothing where it may take longer.
std::optional<instant> judge::patience_behind_the_end() const {
  const auto& ways = server_.ways;
  const auto* const end = terminal();
  if (!end || !end->identified || end->run != static_cast<int>(server_.runs.size()) - 1 || !all_delivered())
    return std::nullopt;
  const auto& followed = server_.execution_no(execution_);
  const bool unkind = ways.no_stream_from != never || ways.no_status_from != never || ways.status_refused ||
                      ways.same_error || ways.slow_connect > 0 || ways.retry_field > 0 ||
                      ways.cut_every != never || followed.expires != never;
  const bool continued = end->terminal == terminal_kind::continued_as_new;
  if (unkind || (rules_.follow_continue_as_new && continued && (rules_.for_result || end->names >= 0)))
    return std::nullopt;
  // Where it ends cleanly before a slow GET is answered, the next connection waits for its turn.
  const instant paced = ways.slow_status > 0 ? of(rules_.max_backoff) : 0;
  return of(rules_.drain_time) + 3 * ways.slow_status + 2 * second + paced;
}

// How long it may take where nothing stands in the way.
std::optional<instant> judge::quick_patience() const {
  const auto& ways = server_.ways;
  const auto& followed = server_.execution_no(execution_);
  const auto& last = server_.run_no(followed.runs.back());
  const bool unkind = ways.faults > 0 || ways.no_stream_from != never || ways.same_error ||
                      ways.event_pause > 0 || ways.retry_field > 0 || followed.expires != never ||
                      ways.slow_connect >= of(rules_.idle_limit);
  if (unkind || last.next >= 0 || last.end == terminal_kind::continued_as_new) return std::nullopt;
  for (const int run : followed.runs)
    if (server_.run_no(run).end == terminal_kind::continued_as_new) return std::nullopt;
  const instant gets = of(rules_.status_check) + 2 * second + 4 * ways.slow_status + 3 * second;
  if (rules_.for_result) return gets + 2 * second;
  if (!leaves_no_event(last.end) && rules_.owes_event) return std::nullopt;
  if (ways.cut_every <= of(rules_.drain_time) + second || ways.slow_connect > 0) return std::nullopt;
  const bool braked = ways.ends_when_over || ways.says_done || ways.cut_every != never ||
                      ways.comment_every > of(rules_.idle_limit);
  return gets + of(rules_.drain_time) + (braked ? of(rules_.max_backoff) + of(rules_.drain_time) : 0);
}

// How long it may take to an end once everything has settled.
instant judge::patience() const {
  if (const auto quick = quick_patience()) return *quick;
  const auto& ways = server_.ways;
  instant hop = of(rules_.status_check) + 2 * of(rules_.drain_time) + 2 * second;
  hop += 5 * ways.slow_status + 4 * ways.slow_connect + 5 * second;
  hop += of(rules_.max_backoff) + 2 * ways.event_pause;
  if (ways.faults > 0) hop += of(rules_.idle_limit) + 125 * second;
  const bool cut_early = ways.cut_every != never && ways.cut_every <= of(rules_.drain_time) + second;
  const auto& followed = server_.execution_no(execution_);
  if (cut_early || followed.expires != never || ways.no_stream_from != never || ways.same_error)
    hop += of(rules_.budget);
  hop += 12 * second + 2 * of(rules_.status_check);  // a successor's, whose GETs have come to that pace
  hop += of(rules_.missing_after);
  // What is missing is waited for while a connection is open.
  const instant quiet = ways.comment_every > of(rules_.idle_limit) ? of(rules_.idle_limit) : never;
  if (const instant open = std::min(ways.cut_every, quiet); open != never)
    hop += of(rules_.missing_after) / open *
           (of(rules_.max_backoff) + open + 2 * std::min(ways.slow_connect, of(rules_.idle_limit)));
  return hop * static_cast<instant>(server_.runs.size());
}

}  // namespace follow_model
