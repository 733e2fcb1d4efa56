#include "protocol/json/describe_trace.hpp"
#include "protocol/json/instantiate.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(trace_event)
MISTRAL_WORKFLOWS_DEFINE_MODEL(trace_span)
MISTRAL_WORKFLOWS_DEFINE_MODEL(trace_info)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_trace_events)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_trace_summary)

}  // namespace mistral::workflows
