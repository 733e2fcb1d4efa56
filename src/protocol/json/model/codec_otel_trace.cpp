#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_otel_trace.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_array)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_value)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_attribute)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_event)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_span)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_scope)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_scope_spans)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_resource)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_batch)
MISTRAL_WORKFLOWS_DEFINE_MODEL(otel_trace)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_otel_trace)

}  // namespace mistral::workflows
