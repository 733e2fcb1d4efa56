#include <mistral/workflows/testing/workflow_definition.hpp>

namespace mistral::workflows::testing {

handler_declaration::handler_declaration(std::string handler_name, boost::json::object input)
    : name(std::move(handler_name)), input_schema(std::move(input)) {}

retry_policy::retry_policy() = default;

workflow_definition::workflow_definition(std::string workflow_name, workflow_function code)
    : name(std::move(workflow_name)), function(std::move(code)), display_name(name) {}
workflow_definition::~workflow_definition() = default;
workflow_definition::workflow_definition(const workflow_definition&) = default;
workflow_definition::workflow_definition(workflow_definition&&) noexcept = default;
workflow_definition& workflow_definition::operator=(const workflow_definition&) = default;
workflow_definition& workflow_definition::operator=(workflow_definition&&) noexcept = default;

}  // namespace mistral::workflows::testing
