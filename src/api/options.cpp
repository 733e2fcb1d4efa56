// Special members of the option and request types, out of line
// so that headers stay light and no type is an aggregate.
#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/hooks.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/workflows.hpp>

#include <utility>

// What is deprecated for callers must be copied nevertheless.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace mistral::workflows {

tls_options::tls_options() = default;
proxy_options::proxy_options() = default;
retry_options::retry_options() = default;
retry_budget_options::retry_budget_options() = default;
rate_options::rate_options() = default;
result_options::result_options() = default;

end_options::end_options() = default;
end_options::end_options(std::string run) : run_id(std::move(run)) {}
end_options::end_options(const end_options&) = default;
end_options::end_options(end_options&&) noexcept = default;
end_options& end_options::operator=(const end_options&) = default;
end_options& end_options::operator=(end_options&&) noexcept = default;
end_options::~end_options() = default;

attempt_info::attempt_info() = default;
phase_times::phase_times() = default;
attempt_report::attempt_report() = default;

call_hooks::call_hooks() = default;
call_hooks::call_hooks(const call_hooks&) = default;
call_hooks::call_hooks(call_hooks&&) noexcept = default;
call_hooks& call_hooks::operator=(const call_hooks&) = default;
call_hooks& call_hooks::operator=(call_hooks&&) noexcept = default;
call_hooks::~call_hooks() = default;

client_options::client_options() = default;
client_options::client_options(const client_options&) = default;
client_options::client_options(client_options&&) noexcept = default;
client_options& client_options::operator=(const client_options&) = default;
client_options& client_options::operator=(client_options&&) noexcept = default;
client_options::~client_options() = default;

call_options::call_options() = default;
call_options::call_options(const call_options&) = default;
call_options::call_options(call_options&&) noexcept = default;
call_options& call_options::operator=(const call_options&) = default;
call_options& call_options::operator=(call_options&&) noexcept = default;
call_options::~call_options() = default;

workflow_list_request::workflow_list_request() = default;
workflow_list_request::workflow_list_request(const workflow_list_request&) = default;
workflow_list_request::workflow_list_request(workflow_list_request&&) noexcept = default;
workflow_list_request& workflow_list_request::operator=(const workflow_list_request&) = default;
workflow_list_request& workflow_list_request::operator=(workflow_list_request&&) noexcept = default;
workflow_list_request::~workflow_list_request() = default;

execute_request::execute_request() = default;
execute_request::execute_request(boost::json::value value) : input(std::move(value)) {}
execute_request::execute_request(const execute_request&) = default;
execute_request::execute_request(execute_request&&) noexcept = default;
execute_request& execute_request::operator=(const execute_request&) = default;
execute_request& execute_request::operator=(execute_request&&) noexcept = default;
execute_request::~execute_request() = default;

handler_request::handler_request(std::string handler, boost::json::value value)
    : name(std::move(handler)), input(std::move(value)) {}
handler_request::handler_request(const handler_request&) = default;
handler_request::handler_request(handler_request&&) noexcept = default;
handler_request& handler_request::operator=(const handler_request&) = default;
handler_request& handler_request::operator=(handler_request&&) noexcept = default;
handler_request::~handler_request() = default;

reset_request::reset_request(std::int64_t event) : event_id(event) {}
reset_request::reset_request(const reset_request&) = default;
reset_request::reset_request(reset_request&&) noexcept = default;
reset_request& reset_request::operator=(const reset_request&) = default;
reset_request& reset_request::operator=(reset_request&&) noexcept = default;
reset_request::~reset_request() = default;

run_list_request::run_list_request() = default;
run_list_request::run_list_request(const run_list_request&) = default;
run_list_request::run_list_request(run_list_request&&) noexcept = default;
run_list_request& run_list_request::operator=(const run_list_request&) = default;
run_list_request& run_list_request::operator=(run_list_request&&) noexcept = default;
run_list_request::~run_list_request() = default;

started_execution::started_execution() = default;
started_execution::started_execution(execution state, start_outcome how, execution_handle handle)
    : execution(std::move(state)), execution_handle(std::move(handle)), outcome(how) {}
started_execution::started_execution(const started_execution&) = default;
started_execution::started_execution(started_execution&&) noexcept = default;
started_execution& started_execution::operator=(const started_execution&) = default;
started_execution& started_execution::operator=(started_execution&&) noexcept = default;
started_execution::~started_execution() = default;

finished::finished() = default;
finished::finished(std::string id, boost::json::value value)
    : execution_id(std::move(id)), result(std::move(value)) {}
still_running::still_running() = default;
still_running::still_running(workflows::execution state) : execution(std::move(state)) {}

}  // namespace mistral::workflows
