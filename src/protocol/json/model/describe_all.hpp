// Every described type of the model in one list, for what is checked or built over all of them.
// Not needed to decode one type: see decode.hpp.
#pragma once

#include "protocol/json/model/describe_deployment.hpp"
#include "protocol/json/model/describe_event.hpp"
#include "protocol/json/model/describe_execution.hpp"
#include "protocol/json/model/describe_invocation.hpp"
#include "protocol/json/model/describe_log.hpp"
#include "protocol/json/model/describe_metrics.hpp"
#include "protocol/json/model/describe_otel_trace.hpp"
#include "protocol/json/model/describe_registration.hpp"
#include "protocol/json/model/describe_schedule.hpp"
#include "protocol/json/model/describe_trace.hpp"
#include "protocol/json/model/describe_validation.hpp"
#include "protocol/json/model/describe_workflow.hpp"

namespace mistral::workflows::protocol {

using described_types =
    boost::mp11::mp_append<execution_types, invocation_types, workflow_types, event_types, registration_types,
                           schedule_types, deployment_types, log_types, metrics_types, trace_types,
                           otel_trace_types, validation_types>;

}  // namespace mistral::workflows::protocol
