// How a run comes from its beginning to where its journal
// ends, and goes on from there: `drive` and what it needs.
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/workflow_run.hpp"
#include "testing/engine/store/event_text.hpp"

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>
#include <utility>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

workflow_run::workflow_run(engine_core& core, run_state& state,
                           std::shared_ptr<const workflow_definition> definition)
    : context_(std::make_unique<asio::io_context>(1)),
      core_(core),
      state_(state),
      called_(state.identity),
      definition_(std::move(definition)),
      cursor_(state.work().attempt_begin),
      now_(state.start) {}

void workflow_run::drive() {
  if (driving_ || closed_) return;
  auto self = shared_from_this();
  driving_ = true;
  for (;;) {
    run_until_idle();
    if (outcome_ || !mismatch_.empty()) break;
    if (replaying()) {
      if (!deliver_recorded()) break;
    } else if (!deliver_backlog() && !take_ended_child() && !do_plain_work()) {
      break;
    }
  }
  if (outcome_ && replaying() && mismatch_.empty())
    mismatch_ = "the workflow ended where its journal says " +
                std::string(to_text(state_.work().steps[cursor_].kind));
  driving_ = false;
  if (!mismatch_.empty()) {
    core_.fail(state_, "The workflow is not deterministic: " + mismatch_, true);
  } else if (outcome_) {
    core_.finish(*this);
  } else {
    arm();
  }
}

void workflow_run::run_until_idle() {
  do {
    context_->restart();
    context_->poll();
  } while (!outcome_ && mismatch_.empty() && check_conditions());
}

void workflow_run::spawn() {
  // A workflow is usually a coroutine, but nothing keeps it from throwing before it is one.
  try {
    asio::co_spawn(*context_, definition_->function(workflow_context(shared_from_this())),
                   [this](std::exception_ptr error, boost::json::value result) {
                     outcome_.emplace(std::move(error), std::move(result));
                   });
  } catch (...) {
    outcome_.emplace(std::current_exception(), boost::json::value());
  }
}

/// What the workflow does itself: compared with the journal while that lasts, written to it after.
const step& workflow_run::command(record_kind kind, const boost::json::object& fixed,
                                  boost::json::object free, std::vector<new_event> events,
                                  std::optional<new_run> next, std::vector<new_event> next_events) {
  if (closed_) throw std::logic_error("the run is over");
  if (asking_) throw std::logic_error("a query must change nothing");
  if (!mismatch_.empty()) throw std::runtime_error(mismatch_);
  if (replaying()) {
    const auto& recorded = state_.work().steps[cursor_];
    compare(recorded, kind, fixed, events);
    ++cursor_;
    return recorded;
  }
  record_draft draft(kind);
  draft.run = &state_;
  draft.own = std::move(free);
  for (const auto& member : fixed) draft.own[member.key()] = member.value();
  draft.events = std::move(events);
  draft.next = std::move(next);
  draft.next_events = std::move(next_events);
  core_.write(std::move(draft));
  ++cursor_;
  return state_.work().steps.back();
}

void workflow_run::compare(const step& recorded, record_kind kind, const boost::json::object& fixed,
                           const std::vector<new_event>& events) {
  if (recorded.kind != kind) mismatch(std::string(to_text(kind)));
  if (kind == record_kind::emit) {
    auto payload = from_text(payload_of(core_.store.event(recorded.event)));
    const auto& data = payload.at("data").as_object();
    const auto& now = events.front();
    if (data.at("event_type") != boost::json::string(now.type)) mismatch("the event " + now.type);
    if (data.at("attributes") != now.attributes) mismatch("the event " + now.type + " with other attributes");
  }
  if (fixed.empty()) return;
  auto own = from_text(recorded.data);
  for (const auto& member : fixed) {
    auto* was = own.as_object().if_contains(member.key());
    if (!was || *was != member.value())
      mismatch(std::string(to_text(kind)) + " with another " + std::string(member.key()) + " (" +
               to_text(member.value()) + ")");
  }
}

void workflow_run::mismatch(const std::string& did) {
  const auto& recorded = state_.work().steps[cursor_];
  mismatch_ =
      "at step " + std::to_string(cursor_ + 1) + " its journal says " + std::string(to_text(recorded.kind));
  if (recorded.kind == record_kind::emit) mismatch_ += " of " + core_.store.event(recorded.event).type.str();
  mismatch_ += ", but it now did " + did;
  throw std::runtime_error(mismatch_);
}

/// Hands over the next step of the journal. The workflow waits now, so that must be one from outside.
bool workflow_run::deliver_recorded() {
  // A copy: what is handed over may write further steps.
  auto next = state_.work().steps[cursor_];
  if (comes_from_outside(next.kind)) {
    ++cursor_;
    deliver(next);
    return mismatch_.empty();
  }
  mismatch_ = "at step " + std::to_string(cursor_ + 1) + " its journal says " +
              std::string(to_text(next.kind)) + ", but it now waits for something else";
  return false;
}

void workflow_run::deliver(const step& what) {
  now_ = what.at;
  delivering_ = true;
  hand_over(what);
  delivering_ = false;
}

void workflow_run::hand_over(const step& what) {
  auto own = what.data.empty() ? boost::json::object() : from_text(what.data).as_object();
  switch (what.kind) {
    case record_kind::start:
    case record_kind::attempt:
      return spawn();
    case record_kind::signal:
      return signal_came(own);
    case record_kind::update:
      return update_came(own);
    case record_kind::cancel:
      return cancel_came();
    case record_kind::fired:
      return sleep_is_over(own);
    case record_kind::activity_retry:
    case record_kind::activity_done:
      return activity_is_over(own);
    case record_kind::child_done:
      return child_is_over(own);
    default:
      return;
  }
}

void workflow_run::receive(record_kind kind, boost::json::object own, std::vector<new_event> events,
                           std::string_view counted) {
  record_draft draft(kind);
  draft.run = &state_;
  draft.own = std::move(own);
  draft.events = std::move(events);
  draft.counted = counted;
  core_.write(std::move(draft));
  ++cursor_;
  // A copy: what is handed over may write further steps.
  auto written = state_.work().steps.back();
  deliver(written);
}

bool workflow_run::deliver_backlog() {
  if (state_.work().backlog.empty()) return false;
  auto own = from_text(state_.work().backlog.front()).as_object();
  auto kind = record_kind_from(text_of(own, "kind"));
  own.erase("kind");
  own["backlog"] = true;
  receive(kind, std::move(own));
  return true;
}

void workflow_run::close() {
  closed_ = true;
  for (auto& [number, sleep] : sleeps_)
    if (sleep.timer) core_.time->forget(*sleep.timer);
  for (auto& [number, activity] : activities_)
    if (activity.timer) core_.time->forget(*activity.timer);
  if (attempt_timer_) core_.time->forget(*attempt_timer_);
  if (timeout_timer_) core_.time->forget(*timeout_timer_);
  // The coroutine holds its context, which holds this object: dropping
  // what it waits for, and what is ready to run, destroys it.
  for (const auto& weak : std::exchange(waits_, {}))
    if (auto wait = weak.lock()) wait->drop();
  signal_waits_.clear();
  conditions_.clear();
  sleeps_.clear();
  activities_.clear();
  children_.clear();
  queries_.clear();
  updates_.clear();
  context_.reset();
}

std::shared_ptr<pending> workflow_run::add_wait() {
  if (closed_) throw std::logic_error("the run is over");
  std::erase_if(waits_, [](const std::weak_ptr<pending>& wait) { return wait.expired(); });
  auto wait = std::make_shared<pending>(*context_);
  waits_.push_back(wait);
  return wait;
}

}  // namespace mistral::workflows::testing
