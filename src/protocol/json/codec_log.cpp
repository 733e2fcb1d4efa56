#include "protocol/json/describe_log.hpp"
#include "protocol/json/instantiate.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(log_record)
MISTRAL_WORKFLOWS_DEFINE_MODEL(log_page)

}  // namespace mistral::workflows
