// Special members of the request types of schedules, deployments,
// registrations, logs and the like; see options.cpp.
#include <mistral/workflows/deployments.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/metrics.hpp>
#include <mistral/workflows/registrations.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/workflows.hpp>

#include <utility>

// What is deprecated for callers must be copied nevertheless.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace mistral::workflows {

trace_events_request::trace_events_request() = default;
metrics_request::metrics_request() = default;
registration_get_request::registration_get_request() = default;

workflow_update_request::workflow_update_request() = default;
workflow_update_request::workflow_update_request(const workflow_update_request&) = default;
workflow_update_request::workflow_update_request(workflow_update_request&&) noexcept = default;
workflow_update_request& workflow_update_request::operator=(const workflow_update_request&) = default;
workflow_update_request& workflow_update_request::operator=(workflow_update_request&&) noexcept = default;
workflow_update_request::~workflow_update_request() = default;

execution_logs_request::execution_logs_request() = default;
execution_logs_request::execution_logs_request(const execution_logs_request&) = default;
execution_logs_request::execution_logs_request(execution_logs_request&&) noexcept = default;
execution_logs_request& execution_logs_request::operator=(const execution_logs_request&) = default;
execution_logs_request& execution_logs_request::operator=(execution_logs_request&&) noexcept = default;
execution_logs_request::~execution_logs_request() = default;

registration_list_request::registration_list_request() = default;
registration_list_request::registration_list_request(const registration_list_request&) = default;
registration_list_request::registration_list_request(registration_list_request&&) noexcept = default;
registration_list_request& registration_list_request::operator=(const registration_list_request&) = default;
registration_list_request& registration_list_request::operator=(registration_list_request&&) noexcept =
    default;
registration_list_request::~registration_list_request() = default;

schedule_list_request::schedule_list_request() = default;
schedule_list_request::schedule_list_request(const schedule_list_request&) = default;
schedule_list_request::schedule_list_request(schedule_list_request&&) noexcept = default;
schedule_list_request& schedule_list_request::operator=(const schedule_list_request&) = default;
schedule_list_request& schedule_list_request::operator=(schedule_list_request&&) noexcept = default;
schedule_list_request::~schedule_list_request() = default;

schedule_create_request::schedule_create_request(std::string workflow, schedule_definition definition)
    : schedule(std::move(definition)), workflow_identifier(std::move(workflow)) {}
schedule_create_request::schedule_create_request(schedule_definition definition)
    : schedule(std::move(definition)) {}
schedule_create_request::schedule_create_request(const schedule_create_request&) = default;
schedule_create_request::schedule_create_request(schedule_create_request&&) noexcept = default;
schedule_create_request& schedule_create_request::operator=(const schedule_create_request&) = default;
schedule_create_request& schedule_create_request::operator=(schedule_create_request&&) noexcept = default;
schedule_create_request::~schedule_create_request() = default;

deployment_list_request::deployment_list_request() = default;
deployment_list_request::deployment_list_request(const deployment_list_request&) = default;
deployment_list_request::deployment_list_request(deployment_list_request&&) noexcept = default;
deployment_list_request& deployment_list_request::operator=(const deployment_list_request&) = default;
deployment_list_request& deployment_list_request::operator=(deployment_list_request&&) noexcept = default;
deployment_list_request::~deployment_list_request() = default;

deployment_create_request::deployment_create_request(std::string deployment_name, worker_spec_input what)
    : name(std::move(deployment_name)), spec(std::move(what)) {}
deployment_create_request::deployment_create_request(const deployment_create_request&) = default;
deployment_create_request::deployment_create_request(deployment_create_request&&) noexcept = default;
deployment_create_request& deployment_create_request::operator=(const deployment_create_request&) = default;
deployment_create_request& deployment_create_request::operator=(deployment_create_request&&) noexcept =
    default;
deployment_create_request::~deployment_create_request() = default;

deployment_update_request::deployment_update_request() = default;
deployment_update_request::deployment_update_request(const deployment_update_request&) = default;
deployment_update_request::deployment_update_request(deployment_update_request&&) noexcept = default;
deployment_update_request& deployment_update_request::operator=(const deployment_update_request&) = default;
deployment_update_request& deployment_update_request::operator=(deployment_update_request&&) noexcept =
    default;
deployment_update_request::~deployment_update_request() = default;

deployment_workers_request::deployment_workers_request() = default;
deployment_workers_request::deployment_workers_request(const deployment_workers_request&) = default;
deployment_workers_request::deployment_workers_request(deployment_workers_request&&) noexcept = default;
deployment_workers_request& deployment_workers_request::operator=(const deployment_workers_request&) =
    default;
deployment_workers_request& deployment_workers_request::operator=(deployment_workers_request&&) noexcept =
    default;
deployment_workers_request::~deployment_workers_request() = default;

deployment_logs_request::deployment_logs_request() = default;
deployment_logs_request::deployment_logs_request(const deployment_logs_request&) = default;
deployment_logs_request::deployment_logs_request(deployment_logs_request&&) noexcept = default;
deployment_logs_request& deployment_logs_request::operator=(const deployment_logs_request&) = default;
deployment_logs_request& deployment_logs_request::operator=(deployment_logs_request&&) noexcept = default;
deployment_logs_request::~deployment_logs_request() = default;

deployment_log_stream_request::deployment_log_stream_request() = default;
deployment_log_stream_request::deployment_log_stream_request(const deployment_log_stream_request&) = default;
deployment_log_stream_request::deployment_log_stream_request(deployment_log_stream_request&&) noexcept =
    default;
deployment_log_stream_request& deployment_log_stream_request::operator=(
    const deployment_log_stream_request&) = default;
deployment_log_stream_request& deployment_log_stream_request::operator=(
    deployment_log_stream_request&&) noexcept = default;
deployment_log_stream_request::~deployment_log_stream_request() = default;

}  // namespace mistral::workflows
