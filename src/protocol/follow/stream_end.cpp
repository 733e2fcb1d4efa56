#include "protocol/follow/stream_end.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace mistral::workflows::protocol {

stream_end::stream_end(end_rules rules) : rules_(rules) {}

void stream_end::own_event(terminal_kind terminal, const std::string& run_id, const std::string& continued_as) {
  // The run that goes on is here, so it is under the stream's own execution.
  if (!run_id.empty() && run_id == continued_as_) continued_as_.clear();
  if (terminal == terminal_kind::none) {
    // A straggler of the run that ended changes nothing; another run's event does.
    if (!run_id.empty() && run_id == terminal_run_) return;
    last_terminal_ = terminal_kind::none;
    if (ask_ == why_ask::terminal_event) ask_ = why_ask::no;
    return;
  }
  last_terminal_ = terminal;
  terminal_run_ = run_id;
  unconfirmed_ = 0;
  ask_ = why_ask::terminal_event;
  if (terminal != terminal_kind::continued_as_new) return;
  if (!rules_.follow_continue_as_new)
    ended_ = true;
  else
    continued_as_ = continued_as;
  run_due_ = true;
  run_asks_ = 0;
}

void stream_end::connected() {
  reconnect_ = false;
  draining_ = known_ended_;
}

void stream_end::clean_end() {
  if (draining_) {
    end_unless_continued();
  } else if (rules_.watches_execution) {
    if (ask_ == why_ask::no) ask_ = why_ask::clean_end;
  }
  draining_ = false;
}

void stream_end::cut() { draining_ = false; }

// Where the next run stands decides whether this is the end, so it is not ended before that is known.
void stream_end::end_unless_continued() {
  draining_ = false;
  ended_ = continued_as_.empty();
  run_due_ = true;
  known_ended_ = ended_;
}

void stream_end::check_due() {
  run_due_ = true;
  if (rules_.watches_execution && !known_ended_ && ask_ == why_ask::no) ask_ = why_ask::check;
}

void stream_end::silent() {
  if (draining_) end_unless_continued();
}

void stream_end::no_content() { end_unless_continued(); }

bool stream_end::confirms(const status_facts& status) const {
  const bool final_kind = last_terminal_ == terminal_kind::completed || last_terminal_ == terminal_kind::canceled;
  return final_kind && !terminal_run_.empty() && terminal_run_ == status.run_id;
}

void stream_end::answered(const status_facts& status) {
  const why_ask why = std::exchange(ask_, why_ask::no);
  if (last_terminal_ != terminal_kind::none) ++unconfirmed_;
  if (!status.known || !status.terminal) return;
  if (confirms(status)) {
    ended_ = true;
    return;
  }
  const bool another_run = !terminal_run_.empty() && !status.run_id.empty() && terminal_run_ != status.run_id;
  // The other run's events are still to come on this connection.
  if (why == why_ask::terminal_event && another_run) return;
  known_ended_ = reconnect_ = true;
  draining_ = false;
}

void stream_end::run_found(const std::string& execution_id, bool same) {
  run_due_ = false;
  if (execution_id.empty() && ++run_asks_ < most_run_asks) return;
  continued_as_.clear();
  if (!same && !execution_id.empty()) next_execution_ = execution_id;
}

stream_step stream_end::next() const {
  if (ended_) return next_execution_.empty() ? stream_step::end : stream_step::follow;
  if (run_due_ && !continued_as_.empty()) return stream_step::ask_run;
  if (ask_ != why_ask::no) return stream_step::ask;
  return reconnect_ ? stream_step::reconnect : stream_step::read;
}

std::chrono::milliseconds stream_end::check_interval(std::chrono::milliseconds status_check, double random01) const {
  auto interval = status_check;
  if (last_terminal_ != terminal_kind::none && unconfirmed_ > 0 && unconfirmed_ < 16)
    interval = std::min(interval, std::chrono::milliseconds(250) * (1 << unconfirmed_));
  if (!continued_as_.empty()) interval = std::min(interval, std::chrono::milliseconds(250) * (1 << run_asks_));
  const auto jittered = static_cast<double>(interval.count()) * (0.5 + 0.5 * random01);
  return std::max(std::chrono::milliseconds(1), std::chrono::milliseconds(static_cast<std::int64_t>(jittered)));
}

}  // namespace mistral::workflows::protocol
