// Queries and updates: what is asked of a workflow from
// outside and answered at once by a handler that it set.
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/core/workflow_run.hpp"

namespace mistral::workflows::testing {

boost::json::value workflow_run::answer_query(const std::string& name, const boost::json::value& input) {
  // A copy: the handler may outlive its own registration.
  auto answer = queries_.at(name);
  asking_ = true;
  try {
    auto result = answer(input);
    asking_ = false;
    return result;
  } catch (...) {
    asking_ = false;
    throw;
  }
}

boost::json::value workflow_run::carry_out_update(const std::string& name, const boost::json::value& input) {
  boost::json::object own;
  own["name"] = name;
  own["input"] = input;
  update_error_ = nullptr;
  update_result_ = nullptr;
  receive(record_kind::update, std::move(own), {}, "executions.update");
  if (update_error_) std::rethrow_exception(std::exchange(update_error_, nullptr));
  return std::move(update_result_);
}

/// Its answer was given when it came first; when it is repeated, only what the handler changes matters.
void workflow_run::update_came(const boost::json::object& own) {
  auto entry = updates_.find(text_of(own, "name"));
  if (entry == updates_.end()) {
    // An update that a reset hands over again may find a workflow that does not take it yet.
    if (!own.contains("backlog"))
      mismatch_ = "its journal holds the update " + text_of(own, "name") + ", for which it set no handler";
    return;
  }
  auto change = entry->second;
  try {
    update_result_ = change(own.at("input"));
  } catch (...) {
    update_error_ = std::current_exception();
  }
}

}  // namespace mistral::workflows::testing
