// What a modelled stream's host and hooks see, as facts for the judge.
#include "session/follow/simulation/modelled_stream.hpp"

#include <utility>

namespace simulation {

namespace wf = mistral::workflows;
namespace protocol = wf::protocol;

using namespace follow_model;
using protocol::loss;

double modelled_stream::looked_at_clock() {
  ++looks_;
  last_random_ = random_.uniform();
  if (!core_) return last_random_;
  if (core_->execution_id() != execution_) {
    execution_ = core_->execution_id();
    tell("follows ", execution_);
    judge_.follows(followed(), at());
    next_ = 0;
    begin_to_watch(terminal_kind::none);
  }
  if (look_ && core_->last_state() == look_state_) {
    const auto& said = look_->said;
    tell("GET of ", static_cast<double>(look_->of) / 1e6, " s: ", static_cast<int>(said.said), " ",
         static_cast<int>(said.kind), " ", said.run_id);
    if (decided_)
      judge_.unheard();
    else
      judge_.answered(*look_, at());
    look_.reset();
  }
  if (run_asked_ && run_answer_) {
    tell("the run: ", static_cast<int>(run_answer_->said), " ", run_answer_->execution_id);
    judge_.run_answered(*run_answer_, at());
    run_asked_ = false;
    run_answer_.reset();
  }
  judge_.wished(protocol::wishes(), open_, connecting_, look_.has_value(), run_asked_, at());
  judge_.returned(never, at());
  return last_random_;
}

void modelled_stream::connecting(int execution, int after) {
  ++steps_;
  tell("connects behind ", after);
  judge_.must(execution == std::max(0, followed()), "a connection to another execution");
  judge_.must(after == next_, "a connection behind another event than the last");
  protocol::wishes wished;
  wished.connect = simulation::now();
  judge_.wished(wished, open_, connecting_, look_.has_value(), run_asked_, at());
  judge_.connecting(at());
  connecting_ = true;
  decided_ = false;
  retry_after_ = -1;
}

void modelled_stream::asking(const look& answer, std::shared_ptr<const wf::execution> state) {
  ++steps_;
  tell("asks");
  protocol::wishes wished;
  wished.ask = simulation::now();
  judge_.wished(wished, open_, connecting_, look_.has_value(), run_asked_, at());
  judge_.asking(at());
  look_ = answer;
  look_state_ = std::move(state);
}

void modelled_stream::asking_run(int run) {
  ++steps_;
  tell("asks for run ", run);
  protocol::wishes wished;
  wished.ask_run = simulation::now();
  judge_.wished(wished, open_, connecting_, look_.has_value(), run_asked_, at());
  judge_.asking_run(at());
  run_asked_ = true;
}

void modelled_stream::no_content() {
  tell("204");
  counts_.met(hit::no_content);
  connecting_ = false;
  judge_.no_content();
}

void modelled_stream::connected() {
  tell("is connected");
  connecting_ = false;
  open_ = true;
  wrong_types_ = 0;
  brought_.clear();
  judge_.connected(at());
}

void modelled_stream::disconnected(const wf::stream_disconnect& why) {
  using reason = wf::disconnect_reason;
  tell("left: ", to_string(why.reason), " ", why.text);
  const bool was_open = std::exchange(open_, false);
  connecting_ = false;
  switch (why.reason) {
    case reason::cut:
      counts_.met(hit::cut);
      return lost(loss::cut, false);
    case reason::clean_end:
      counts_.met(hit::clean_end);
      return lost(loss::clean_end, false);
    case reason::idle:
      counts_.hits[static_cast<std::size_t>(hit::hung)] += was_open ? 0 : 1;
      return lost(was_open ? loss::idle : loss::not_connected, false);
    case reason::not_connected:
      counts_.met(hit::not_connected);
      return lost(loss::not_connected, false);
    case reason::stream_error: {
      counts_.met(hit::error_event);
      const bool same = why.text == std::exchange(error_text_, why.text);
      same_errors_ = same ? same_errors_ + 1 : 1;
      lost(loss::stream_error, same);
      break;
    }
    case reason::refused:
      if (why.status == 404) {
        counts_.met(hit::gone);
        if (rules_.for_result) judge_.no_stream();
        return;
      }
      if (why.status != 200) {
        counts_.met(retry_after_ >= 0 ? hit::retry_after : hit::refused);
        return lost(loss::refused, false);
      }
      ++wrong_types_;
      lost(loss::wrong_type, false);
      break;
    case reason::checking_end:
      return judge_.left(at());
    case reason::ended:
      return;
    case reason::key_rejected:
      return judge_.must(false, "another key was asked for");
  }
  // A result does without a stream then.
  if (!rules_.for_result || (same_errors_ < 3 && wrong_types_ < 3)) return;
  same_errors_ = wrong_types_ = 0;
  judge_.told(at());
  judge_.no_stream();
}

void modelled_stream::lost(loss why, bool same_text) {
  judge_.lost(why, why == loss::refused ? retry_after_ : -1, same_text, last_random_, at());
}

void modelled_stream::came_again() {
  counts_.met(hit::duplicate);
  judge_.must(!brought_.empty(), "an event came again that no connection has brought");
  if (!brought_.empty()) brought_.pop_front();
  judge_.record(at());
}

void modelled_stream::handed_over(const std::string& id) {
  event_came_ = true;
  judge_.must(!brought_.empty(), "an event that no connection has brought");
  if (brought_.empty()) return;
  const int index = brought_.front();
  brought_.pop_front();
  const bool identified =
      index != no_event && server_.executions[static_cast<std::size_t>(std::max(0, followed()))]
                               .events[static_cast<std::size_t>(index)]
                               .identified;
  tell("event ", index, " ", id);
  judge_.must(id == "not told" || id == (identified ? std::to_string(index + 1) : ""),
              "another event than came");
  if (identified) {
    next_ = index + 1;
    same_errors_ = 0;
  }
  judge_.record(at());
  judge_.handed_over(index, identified, at());
}

}  // namespace simulation
