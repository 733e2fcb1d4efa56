// Activities: work whose outcome is written down, so that
// the workflow can be repeated without doing it again.
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/core/workflow_run.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

namespace {

std::string message_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& thrown) {
    return thrown.what();
  } catch (...) {
    return "unknown error";
  }
}

boost::json::object failure_attributes(const std::string& task_id, const std::string& name, int attempt,
                                       const std::string& message) {
  boost::json::object failure;
  failure["message"] = message;
  boost::json::object attributes;
  attributes["task_id"] = task_id;
  attributes["activity_name"] = name;
  attributes["attempt"] = attempt;
  attributes["failure"] = std::move(failure);
  return attributes;
}

std::vector<new_event> one(std::string type, boost::json::object attributes) {
  std::vector<new_event> events;
  events.emplace_back(std::move(type), std::move(attributes));
  return events;
}

}  // namespace

asio::awaitable<boost::json::value> workflow_run::run_activity(run_pointer run, std::string name,
                                                               boost::json::value input, activity_work work,
                                                               activity_options options) {
  auto number = run->activities_begun_++;
  auto task_id = run->new_id();
  boost::json::object fixed;
  fixed["number"] = number;
  fixed["name"] = name;
  fixed["input"] = input;
  boost::json::object attributes;
  attributes["task_id"] = task_id;
  attributes["activity_name"] = name;
  attributes["input"] = json_payload(input);
  run->command(record_kind::activity, fixed, boost::json::object(),
               one("ACTIVITY_TASK_STARTED", std::move(attributes)));

  auto& activity = run->activities_[number];
  activity.wait = run->add_wait();
  activity.name = std::move(name);
  activity.task_id = std::move(task_id);
  activity.input = std::move(input);
  activity.work = std::move(work);
  activity.options = options;
  auto wait = activity.wait;
  co_return co_await wait->wait();
}

/// Plain work is done where the run waits, so that it takes no time on a clock that stands still.
bool workflow_run::do_plain_work() {
  for (auto& [number, activity] : activities_) {
    if (activity.done || !std::holds_alternative<workflow_context::handler>(activity.work)) continue;
    if (activity.due > core_.time->now()) continue;
    auto work = std::get<workflow_context::handler>(activity.work);
    std::exception_ptr error;
    boost::json::value result;
    working_on_ = number;
    try {
      result = work(activity.input);
    } catch (...) {
      error = std::current_exception();
    }
    working_on_.reset();
    activity_ended(number, error, std::move(result));
    return true;
  }
  return false;
}

void workflow_run::arm_activities() {
  for (auto& entry : activities_) {
    const int number = entry.first;
    auto& activity = entry.second;
    if (activity.done || activity.begun || activity.timer) continue;
    if (activity.due <= core_.time->now()) {
      activity.begun = true;
      call_later(&workflow_run::begin_activity, number);
      continue;
    }
    activity.timer = core_.time->call_at(activity.due, [weak = weak_from_this(), number] {
      auto run = weak.lock();
      if (run && !run->closed_) run->begin_activity(number);
    });
  }
}

void workflow_run::begin_activity(int number) {
  auto& activity = activities_.at(number);
  activity.timer.reset();
  auto* work = std::get_if<workflow_context::async_work>(&activity.work);
  if (!work) return drive();
  activity.begun = true;
  auto ended = [weak = weak_from_this(), number](std::exception_ptr error, boost::json::value result) {
    auto run = weak.lock();
    if (!run || run->closed_) return;
    run->drive();
    if (run->closed_) return;
    run->activity_ended(number, error, std::move(result));
    run->drive();
  };
  try {
    asio::co_spawn(core_.executor, (*work)(activity.input), ended);
  } catch (...) {
    ended(std::current_exception(), boost::json::value());
  }
}

/// Requires: the run waits.
void workflow_run::activity_ended(int number, std::exception_ptr error, boost::json::value result) {
  auto& activity = activities_.at(number);
  boost::json::object own;
  own["number"] = number;
  if (!error) {
    boost::json::object attributes;
    attributes["task_id"] = activity.task_id;
    attributes["activity_name"] = activity.name;
    attributes["result"] = json_payload(result);
    own["result"] = std::move(result);
    receive(record_kind::activity_done, std::move(own),
            one("ACTIVITY_TASK_COMPLETED", std::move(attributes)));
  } else {
    auto message = message_of(error);
    auto attributes = failure_attributes(activity.task_id, activity.name, activity.attempt, message);
    if (activity.attempt < activity.options.maximum_attempts) {
      auto interval =
          activity.options.first_interval * (std::int64_t{1} << std::min(activity.attempt - 1, 20));
      own["attempt"] = activity.attempt + 1;
      own["due"] = to_nanoseconds(core_.time->now() + interval);
      receive(record_kind::activity_retry, std::move(own),
              one("ACTIVITY_TASK_RETRYING", std::move(attributes)));
    } else {
      own["error"] = message;
      receive(record_kind::activity_done, std::move(own), one("ACTIVITY_TASK_FAILED", std::move(attributes)));
    }
  }
}

/// For an attempt that failed or for the outcome; nobody may wait for it any more.
void workflow_run::activity_is_over(const boost::json::object& own) {
  auto entry = activities_.find(own.at("number").to_number<int>());
  if (entry == activities_.end()) {
    mismatch_ = "its journal ends an activity that it never began";
    return;
  }
  auto& activity = entry->second;
  if (auto* attempt = own.if_contains("attempt")) {
    activity.attempt = attempt->to_number<int>();
    activity.due = from_nanoseconds(own.at("due").to_number<std::int64_t>());
    activity.begun = false;
    return;
  }
  activity.done = true;
  if (auto* error = own.if_contains("error")) {
    activity.wait->fail(std::make_exception_ptr(step_failed(std::string(error->as_string()), "FAILED")));
  } else {
    activity.wait->complete(own.at("result"));
  }
}

}  // namespace mistral::workflows::testing
