#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_validation.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(validation_error)
MISTRAL_WORKFLOWS_DEFINE_MODEL(validation_error_body)

}  // namespace mistral::workflows
