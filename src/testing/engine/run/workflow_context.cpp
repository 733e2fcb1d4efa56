#include <mistral/workflows/testing/workflow_context.hpp>

#include "testing/engine/core/workflow_run.hpp"
#include "testing/engine/store/record.hpp"

namespace mistral::workflows::testing {

namespace asio = boost::asio;

workflow_cancelled::workflow_cancelled() : std::runtime_error("the workflow was asked to cancel") {}
workflow_cancelled::~workflow_cancelled() = default;
workflow_failure::workflow_failure(const std::string& message, bool is_final)
    : std::runtime_error(message), final_(is_final) {}
workflow_failure::~workflow_failure() = default;
invalid_input::invalid_input(const std::string& message) : std::runtime_error(message) {}
invalid_input::~invalid_input() = default;
step_failed::step_failed(const std::string& message, std::string ended_as)
    : std::runtime_error(message), status_(std::move(ended_as)) {}
step_failed::~step_failed() = default;

child_options::child_options() = default;
activity_options::activity_options() = default;
continue_options::continue_options() = default;

custom_task::custom_task(std::shared_ptr<workflow_run> run, std::string id, std::string type)
    : run_(std::move(run)), id_(std::move(id)), type_(std::move(type)) {}

void custom_task::emit_event(std::string type, boost::json::object more) const {
  boost::json::object attributes;
  attributes["custom_task_id"] = id_;
  attributes["custom_task_type"] = type_;
  for (auto& member : more) attributes[member.key()] = std::move(member.value());
  run_->emit(new_event(std::move(type), std::move(attributes)));
}

void custom_task::progress(boost::json::value state) const {
  boost::json::object more;
  more["payload"] = json_payload(std::move(state));
  emit_event("CUSTOM_TASK_IN_PROGRESS", std::move(more));
}

void custom_task::patch(boost::json::array operations) const {
  boost::json::object payload;
  payload["type"] = "json_patch";
  payload["value"] = std::move(operations);
  boost::json::object more;
  more["payload"] = std::move(payload);
  emit_event("CUSTOM_TASK_IN_PROGRESS", std::move(more));
}

void custom_task::complete(boost::json::value result) const {
  boost::json::object more;
  more["payload"] = json_payload(std::move(result));
  emit_event("CUSTOM_TASK_COMPLETED", std::move(more));
}

void custom_task::fail(std::string message) const {
  boost::json::object failure;
  failure["message"] = message;
  boost::json::object more;
  more["failure"] = std::move(failure);
  emit_event("CUSTOM_TASK_FAILED", std::move(more));
}

void custom_task::time_out(std::optional<std::string> timeout_type) const {
  boost::json::object more;
  more["timeout_type"] = nullptr;
  if (timeout_type) more["timeout_type"] = *timeout_type;
  emit_event("CUSTOM_TASK_TIMED_OUT", std::move(more));
}

void custom_task::cancel(std::optional<std::string> reason) const {
  boost::json::object more;
  more["reason"] = nullptr;
  if (reason) more["reason"] = *reason;
  emit_event("CUSTOM_TASK_CANCELED", std::move(more));
}

child_execution::child_execution(std::shared_ptr<workflow_run> run, int number, std::string execution_id,
                                 std::string run_id)
    : run_(std::move(run)),
      number_(number),
      execution_id_(std::move(execution_id)),
      run_id_(std::move(run_id)) {}

asio::awaitable<boost::json::value> child_execution::result() const {
  return workflow_run::child_result(run_, number_);
}

workflow_context::workflow_context(std::shared_ptr<workflow_run> run) : run_(std::move(run)) {}
workflow_context::~workflow_context() = default;
workflow_context::workflow_context(const workflow_context&) = default;
workflow_context::workflow_context(workflow_context&&) noexcept = default;
workflow_context& workflow_context::operator=(const workflow_context&) = default;
workflow_context& workflow_context::operator=(workflow_context&&) noexcept = default;

const boost::json::value& workflow_context::input() const { return run_->input(); }
const std::string& workflow_context::execution_id() const { return run_->called().execution_id; }
const std::string& workflow_context::run_id() const { return run_->called().run_id; }
const std::string& workflow_context::workflow_name() const { return run_->called().workflow_name; }
int workflow_context::attempt() const { return run_->attempt(); }
clock::time_point workflow_context::now() const { return run_->now(); }
std::string workflow_context::new_id() const { return run_->new_id(); }

custom_task workflow_context::start_task(std::string type, boost::json::value payload,
                                         std::optional<std::string> id) const {
  boost::json::object attributes;
  attributes["custom_task_id"] = id ? *id : run_->new_id();
  attributes["custom_task_type"] = type;
  auto task_id = std::string(attributes["custom_task_id"].as_string());
  attributes["payload"] = json_payload(std::move(payload));
  run_->emit(new_event("CUSTOM_TASK_STARTED", std::move(attributes)));
  return custom_task(run_, std::move(task_id), std::move(type));
}

void workflow_context::emit_event(std::string event_type, boost::json::object attributes,
                                  boost::json::object metadata) const {
  new_event made(std::move(event_type), std::move(attributes));
  made.metadata = std::move(metadata);
  run_->emit(std::move(made));
}

void workflow_context::log(std::string severity, std::string message,
                           std::map<std::string, std::string> attributes) const {
  run_->log(severity, message, attributes);
}

void workflow_context::set_search_key(std::string key, std::string value) const {
  run_->set_search_key(key, value);
}

asio::awaitable<boost::json::value> workflow_context::wait_signal(std::string name) const {
  return workflow_run::wait_signal(run_, std::move(name));
}

asio::awaitable<void> workflow_context::wait_until(std::function<bool()> condition) const {
  return workflow_run::wait_until(run_, std::move(condition));
}

asio::awaitable<void> workflow_context::sleep_for(std::chrono::nanoseconds time) const {
  return workflow_run::sleep_for(run_, time);
}

void workflow_context::on_query(std::string name, handler answer) const {
  run_->set_query(std::move(name), std::move(answer));
}
void workflow_context::on_update(std::string name, handler change) const {
  run_->set_update(std::move(name), std::move(change));
}

asio::awaitable<boost::json::value> workflow_context::activity(std::string name, boost::json::value input,
                                                               handler work, activity_options options) const {
  return workflow_run::run_activity(run_, std::move(name), std::move(input), std::move(work), options);
}

asio::awaitable<boost::json::value> workflow_context::async_activity(std::string name,
                                                                     boost::json::value input,
                                                                     async_work work,
                                                                     activity_options options) const {
  return workflow_run::run_activity(run_, std::move(name), std::move(input), std::move(work), options);
}

child_execution workflow_context::start_child(std::string workflow, boost::json::value input,
                                              child_options options) const {
  return run_->start_child(workflow, std::move(input), options);
}

boost::json::value workflow_context::continue_as_new(boost::json::value input,
                                                     continue_options options) const {
  run_->continue_as_new(std::move(input), options);
  return nullptr;
}

bool workflow_context::cancel_requested() const { return run_->cancel_requested(); }

}  // namespace mistral::workflows::testing
