// Signals and conditions: what a workflow waits for without a number of its own. Also the request to cancel.
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/workflow_run.hpp"

namespace mistral::workflows::testing {

namespace asio = boost::asio;

asio::awaitable<boost::json::value> workflow_run::wait_signal(run_pointer run, std::string name) {
  for (auto item = run->mailbox_.begin(); item != run->mailbox_.end(); ++item) {
    if (item->first != name) continue;
    auto input = std::move(item->second);
    run->mailbox_.erase(item);
    co_return input;
  }
  auto wait = run->add_wait();
  run->signal_waits_.emplace_back(std::move(name), wait);
  co_return co_await wait->wait();
}

void workflow_run::signal_came(const boost::json::object& own) {
  auto name = text_of(own, "name");
  std::erase_if(signal_waits_, [](const auto& waiting) { return waiting.second->over(); });
  for (auto waiting = signal_waits_.begin(); waiting != signal_waits_.end(); ++waiting) {
    if (waiting->first != name) continue;
    waiting->second->complete(own.at("input"));
    signal_waits_.erase(waiting);
    return;
  }
  mailbox_.emplace_back(std::move(name), own.at("input"));
}

asio::awaitable<void> workflow_run::wait_until(run_pointer run, std::function<bool()> condition) {
  if (condition()) co_return;
  auto wait = run->add_wait();
  run->conditions_.emplace_back(std::move(condition), wait);
  co_await wait->wait();
}

/// Lets one waiter go on whose condition holds; others are
/// looked at again once it has done what it wanted to.
bool workflow_run::check_conditions() {
  std::erase_if(conditions_, [](const auto& waiting) { return waiting.second->over(); });
  for (auto& [holds, wait] : conditions_) {
    try {
      if (!holds()) continue;
      wait->complete(nullptr);
    } catch (...) {
      wait->fail(std::current_exception());
    }
    return true;
  }
  return false;
}

void workflow_run::cancel_came() {
  cancel_requested_ = true;
  auto cancelled = std::make_exception_ptr(workflow_cancelled());
  auto waits = waits_;
  for (const auto& weak : waits)
    if (auto wait = weak.lock()) wait->fail(cancelled);
}

}  // namespace mistral::workflows::testing
