#include "protocol/json/describe_validation.hpp"
#include "protocol/json/instantiate.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(validation_error)
MISTRAL_WORKFLOWS_DEFINE_MODEL(validation_error_body)

}  // namespace mistral::workflows
