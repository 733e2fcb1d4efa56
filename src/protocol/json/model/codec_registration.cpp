#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_registration.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(signal_definition)
MISTRAL_WORKFLOWS_DEFINE_MODEL(query_definition)
MISTRAL_WORKFLOWS_DEFINE_MODEL(update_definition)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_code_definition)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_registration)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_registration_with_status)
MISTRAL_WORKFLOWS_DEFINE_MODEL(registration_answer)
MISTRAL_WORKFLOWS_DEFINE_MODEL(registration_page)

}  // namespace mistral::workflows
