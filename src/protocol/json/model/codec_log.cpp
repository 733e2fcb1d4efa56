#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_log.hpp"

namespace mistral::workflows {

MISTRAL_WORKFLOWS_DEFINE_MODEL(log_record)
MISTRAL_WORKFLOWS_DEFINE_MODEL(log_page)

}  // namespace mistral::workflows
