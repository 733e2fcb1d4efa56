// What comes to the watcher and its judge: answers, connections, and what these bring.
#include "protocol/follow/model/carrier.hpp"
#include "protocol/follow/model/story.hpp"

#include <algorithm>

namespace follow_model {

using protocol::loss;

namespace {

std::chrono::milliseconds in_ms(instant time) { return std::chrono::milliseconds(time / ms); }

}  // namespace

void carrier::take_results() {
  if (get_.under_way && get_.result.done <= now_) {
    get_.under_way = false;
    const auto& said = get_.result.said;
    static constexpr const char* texts[] = {"unknown", "missing", "404 page", "RUNNING", "", "refused"};
    tell("GET of ", static_cast<double>(get_.result.of) / 1e6, " s: ", texts[static_cast<int>(said.said)],
         said.said == protocol::status_facts::answer::ended ? text(said.kind) : "", " ", said.run_id);
    if (watcher_->over())
      judge_.unheard();
    else
      judge_.answered(get_.result, at());
    watcher_->answered(said, watch_moment());
  }
  if (get_run_.under_way && get_run_.done <= now_) {
    get_run_.under_way = false;
    const auto& said = get_run_.result;
    tell("the run: ", static_cast<int>(said.said), " ", said.execution_id);
    judge_.run_answered(said, at());
    watcher_->run_answered(said, said.execution_id == world::execution_name(execution_), watch_moment());
  }
  if (connect_.under_way && std::min(connect_.result.done, connect_.given_up) <= now_) connection_came();
}

void carrier::connection_came() {
  using came = attempt::outcome;
  connect_.under_way = false;
  const auto& result = connect_.result;
  if (result.done > connect_.given_up) {
    counts_.met(hit::hung);
    lose(loss::not_connected);
    return;
  }
  switch (result.ended) {
    case came::connected: {
      tell("is connected");
      // By the server's clock a moment ago, which may have been a pause of the caller's.
      open_ = true;
      link_ = server_.accept(random_, execution_, connect_.after, result.done);
      read_up_to_ = -never;
      judge_.connected(at());
      watcher_->connected(watch_moment());
      break;
    }
    case came::not_connected:
      counts_.met(hit::not_connected);
      lose(loss::not_connected);
      break;
    case came::refused:
      counts_.met(result.retry_after >= 0 ? hit::retry_after : hit::refused);
      lose(loss::refused, result.retry_after);
      break;
    case came::wrong_type:
      lose(loss::wrong_type, -1, "text/html");
      break;
    case came::gone:
      counts_.met(hit::gone);
      tell("404");
      gone_ = true;
      if (!rules_.for_result) break;
      judge_.no_stream();
      watcher_->no_stream(watch_moment());
      break;
    case came::no_content:
      counts_.met(hit::no_content);
      tell("204");
      judge_.no_content();
      watcher_->no_content(watch_moment());
      break;
  }
}

void carrier::lose(loss why, instant retry_after, const std::string& said) {
  tell("loses the connection: ", text(why), retry_after >= 0 ? ", Retry-After" : "");
  open_ = false;
  const bool same = why == loss::stream_error && said == error_text_;
  const auto when = watch_moment();
  judge_.lost(why, retry_after, same, when.random01, at());
  if (why == loss::stream_error) error_text_ = said;
  std::optional<std::chrono::milliseconds> asked;
  if (retry_after >= 0) asked = in_ms(retry_after);
  watcher_->lost(why, when, asked, said);
}

// Hands over from what was read; true when the caller has an event.
bool carrier::hand_over_read() {
  while (open_ && !judge_.wrong()) {
    const auto what = server_.upcoming(link_);
    if (what.at > read_up_to_ || ++steps_ > most_steps) return false;
    const int index = server_.take(link_, what);
    switch (what.what) {
      case item::event:
        if (take_event(index)) return true;
        break;
      case item::heartbeat:
      case item::done_mark: {
        counts_.met(what.what == item::heartbeat ? hit::heartbeat : hit::done_mark);
        protocol::event_facts facts;
        facts.moves_cursor = false;
        judge_.record(at());
        judge_.handed_over(-1, false, at());
        watcher_->handed_over(facts, watch_moment());
        return true;
      }
      case item::retry_field:
        counts_.met(hit::retry_field);
        watcher_->server_asks(in_ms(server_.ways.retry_field));
        break;
      case item::error:
        counts_.met(hit::error_event);
        lose(loss::stream_error, -1,
             server_.ways.same_error ? "the same"
             : random_.chance(0.5)   ? "one"
                                     : "another");
        break;
      case item::clean_end:
        counts_.met(hit::clean_end);
        lose(loss::clean_end);
        break;
      case item::cut:
        counts_.met(hit::cut);
        lose(loss::cut);
        break;
      case item::comment:
        counts_.met(hit::comment);
        break;
      case item::none:
        break;
    }
  }
  return false;
}

// False for one that came before.
bool carrier::take_event(int index) {
  const auto& event = server_.execution_no(execution_).events[place(index)];
  judge_.record(at());
  if (event.identified && index < next_) {
    watcher_->record(watch_moment());
    counts_.met(hit::duplicate);
    tell("event ", index, " again");
    return false;
  }
  tell("event ", index, event.own ? " of run " : " of a child beside run ", event.run, " ",
       text(event.terminal), event.identified ? "" : ", without an identity");
  if (event.identified) next_ = index + 1;
  protocol::event_facts facts;
  facts.moves_cursor = event.identified;
  facts.own = event.own;
  facts.terminal = event.terminal;
  if (server_.ways.event_names_run && event.own) facts.run_id = world::run_name(event.run);
  if (event.names >= 0) facts.continued_as = world::run_name(event.names);
  judge_.handed_over(index, event.identified, at());
  watcher_->handed_over(facts, watch_moment());
  return true;
}

}  // namespace follow_model
