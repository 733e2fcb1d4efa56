#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_invocation.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(invocation_body)
MISTRAL_WORKFLOWS_DEFINE_MODEL(network_encoded_input)
MISTRAL_WORKFLOWS_DEFINE_MODEL(signal_answer)
MISTRAL_WORKFLOWS_DEFINE_MODEL(query_answer)
MISTRAL_WORKFLOWS_DEFINE_MODEL(update_answer)
MISTRAL_WORKFLOWS_DEFINE_MODEL(reset_body)

}  // namespace mistral::workflows
