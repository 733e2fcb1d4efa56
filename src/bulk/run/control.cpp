#include "bulk/run/control_state.hpp"
#include "bulk/run/records.hpp"

#include <mistral/workflows/error.hpp>

#include <cmath>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows {

namespace bulk_run {

control_wishes control_state::take() {
  const std::lock_guard lock(mutex_);
  poked_ = false;
  return std::exchange(wishes_, control_wishes());
}

bool control_state::attach(std::function<void()> poke) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(used_, true)) return false;
  poke_ = std::move(poke);
  return true;
}

void control_state::detach() {
  std::function<void()> dies_unlocked;
  const std::lock_guard lock(mutex_);
  dies_unlocked.swap(poke_);
  wishes_ = control_wishes();
}

void control_state::show(bulk_progress progress) {
  const std::lock_guard lock(mutex_);
  progress_ = std::move(progress);
}

bulk_progress control_state::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace bulk_run

using bulk_run::control_wishes;

namespace {

bool is_harder(when_stopping how, when_stopping than) noexcept {
  using bulk_run::how_of;
  return bulk_core::stop_rank(how_of(how)) > bulk_core::stop_rank(how_of(than));
}

}  // namespace

bulk_control::bulk_control() : state_(std::make_shared<bulk_run::control_state>()) {}
bulk_control::bulk_control(const bulk_control&) = default;
// A handle that was moved from steers as before: there is none without a state.
bulk_control::bulk_control(bulk_control&& other) noexcept : state_(other.state_) {}
bulk_control& bulk_control::operator=(const bulk_control&) = default;
bulk_control& bulk_control::operator=(bulk_control&& other) noexcept {
  state_ = other.state_;
  return *this;
}
bulk_control::~bulk_control() = default;

void bulk_control::set_most_in_flight(std::size_t jobs) const {
  if (jobs == 0) throw invalid_argument("most_in_flight", "must be at least 1", "bulk.run");
  state_->wish([jobs](control_wishes& w) { w.most_in_flight = jobs; });
}

void bulk_control::set_starts_per_second(double limit) const {
  if (!std::isfinite(limit) || limit < 0)
    throw invalid_argument("starts_per_second", "must be a number, 0 or more", "bulk.run");
  state_->wish([limit](control_wishes& w) { w.starts_per_second = limit; });
}

void bulk_control::pause(std::string reason) const {
  state_->wish([&](control_wishes& w) {
    w.pause = std::move(reason);
    w.go_on = false;
  });
}

void bulk_control::go_on() const {
  state_->wish([](control_wishes& w) {
    w.pause.reset();
    w.go_on = true;
  });
}

void bulk_control::stop() const {
  state_->wish([](control_wishes& w) { w.stop = true; });
}

void bulk_control::stop(when_stopping how) const {
  state_->wish([how](control_wishes& w) {
    if (!w.stop_so || is_harder(how, *w.stop_so)) w.stop_so = how;
  });
}

bulk_progress bulk_control::progress() const { return state_->progress(); }

std::string_view to_string(when_stopping how) noexcept {
  switch (how) {
    case when_stopping::leave:
      return "leave";
    case when_stopping::drain:
      return "drain";
    case when_stopping::cancel:
      return "cancel";
    case when_stopping::terminate:
      return "terminate";
  }
  return "?";
}

}  // namespace mistral::workflows
