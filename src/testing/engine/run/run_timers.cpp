// Sleeping, and the other timers of a run: all are set when it
// is live and waits, so that repeating it sets none too early.
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/workflow_run.hpp"

#include <algorithm>
#include <stdexcept>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

asio::awaitable<void> workflow_run::sleep_for(run_pointer run, std::chrono::nanoseconds time) {
  if (run->closed_) throw std::logic_error("the run is over");
  auto number = run->sleeps_begun_++;
  boost::json::object fixed;
  fixed["number"] = number;
  fixed["nanoseconds"] = time.count();
  boost::json::object free;
  free["due"] = to_nanoseconds(run->core_.time->now() + std::max(time, std::chrono::nanoseconds(0)));
  const auto& written = run->command(record_kind::sleep, fixed, std::move(free), {});

  auto& sleep = run->sleeps_[number];
  sleep.due = from_nanoseconds(from_text(written.data).at("due").to_number<std::int64_t>());
  sleep.wait = run->add_wait();
  auto wait = sleep.wait;
  co_await wait->wait();
}

void workflow_run::sleep_is_over(const boost::json::object& own) {
  auto entry = sleeps_.find(own.at("number").to_number<int>());
  if (entry == sleeps_.end()) {
    mismatch_ = "its journal ends a sleep that it never began";
    return;
  }
  if (entry->second.timer) core_.time->forget(*entry->second.timer);
  entry->second.wait->complete(nullptr);
  sleeps_.erase(entry);
}

void workflow_run::call_later(void (workflow_run::*member)(int), int number) {
  core_.post([weak = weak_from_this(), member, number] {
    auto run = weak.lock();
    if (run && !run->closed_) ((*run).*member)(number);
  });
}

void workflow_run::arm() {
  arm_sleeps();
  arm_activities();
  arm_timeout();
  arm_attempt();
}

void workflow_run::arm_sleeps() {
  // Those that are over already (after a restart) end in the order in which they would have ended.
  std::vector<std::pair<clock::time_point, int>> overdue;
  for (auto entry = sleeps_.begin(); entry != sleeps_.end();) {
    const int number = entry->first;
    auto& sleep = entry->second;
    if (sleep.wait->over()) {
      if (sleep.timer) core_.time->forget(*sleep.timer);
      entry = sleeps_.erase(entry);
      continue;
    }
    ++entry;
    if (sleep.timer || sleep.at_once) continue;
    if (sleep.due <= core_.time->now()) {
      sleep.at_once = true;
      overdue.emplace_back(sleep.due, number);
      continue;
    }
    sleep.timer = core_.time->call_at(sleep.due, [weak = weak_from_this(), number] {
      if (auto run = weak.lock()) run->timer_called(number);
    });
  }
  std::sort(overdue.begin(), overdue.end());
  for (const auto& [due, number] : overdue) call_later(&workflow_run::timer_called, number);
}

void workflow_run::timer_called(int number) {
  drive();
  auto entry = sleeps_.find(number);
  if (closed_ || entry == sleeps_.end() || entry->second.wait->over()) return;
  entry->second.timer.reset();
  boost::json::object own;
  own["number"] = number;
  receive(record_kind::fired, std::move(own));
  drive();
}

/// The next attempt of a run that failed.
void workflow_run::arm_attempt() {
  if (!state_.work().retry_at) return;
  if (state_.cancel_requested) return core_.cancelled(state_);
  if (attempt_timer_) return;
  auto begin = [weak = weak_from_this()] {
    auto run = weak.lock();
    if (!run || run->closed_) return;
    run->drive();
    if (run->closed_ || !run->state_.work().retry_at) return;
    new_run again;
    again.identity = run->state_.identity;
    again.input = run->input();
    boost::json::object own;
    own["attempt"] = run->state_.attempt + 1;
    run->receive(record_kind::attempt, std::move(own),
                 run->core_.started_event(again, run->state_.attempt + 1));
    run->drive();
  };
  if (*state_.work().retry_at > core_.time->now()) {
    attempt_timer_ = core_.time->call_at(*state_.work().retry_at, begin);
  } else {
    attempt_timer_ = clock::timer_id();
    core_.post(begin);
  }
}

void workflow_run::arm_timeout() {
  if (!definition_->execution_timeout || timeout_timer_) return;
  auto due = std::max(state_.start + *definition_->execution_timeout, core_.time->now());
  auto time_out = [weak = weak_from_this()] {
    auto run = weak.lock();
    if (run && !run->closed_) run->core_.end(run->state_, run_status::timed_out, boost::json::object(), {});
  };
  timeout_timer_ = core_.time->call_at(due, time_out);
}

}  // namespace mistral::workflows::testing
