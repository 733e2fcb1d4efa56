// The descriptions of registrations.
// Not their codecs: those are instantiated in codec_registration.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"
#include "protocol/json/model/describe_workflow.hpp"

#include <mistral/workflows/model/registration.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(signal_definition, (), (name, description, input_schema))
BOOST_DESCRIBE_STRUCT(query_definition, (), (name, description, input_schema, output_schema))
BOOST_DESCRIBE_STRUCT(update_definition, (), (name, description, input_schema, output_schema))
BOOST_DESCRIBE_STRUCT(workflow_code_definition, (),
                      (input_schema, output_schema, signal_handlers, queries, updates, enforce_determinism,
                       on_behalf_of, execution_timeout, plugin_metadata))
BOOST_DESCRIBE_STRUCT(workflow_registration, (),
                      (id, deployment_id, task_queue, definition, workflow_id, workflow, deployment_name,
                       compatible_with_chat_assistant))
BOOST_DESCRIBE_STRUCT(workflow_registration_with_status, (workflow_registration), (active))
BOOST_DESCRIBE_STRUCT(registration_answer, (), (workflow_registration, workflow_version))
BOOST_DESCRIBE_STRUCT(registration_page, (), (workflow_registrations, next_cursor, workflow_versions))

namespace protocol {

template <>
inline constexpr auto notes<workflow_code_definition> =
    std::array{note{.member = "signal_handlers", .json_name = "signals", .defaulted = true},
               defaulted("queries"),
               defaulted("updates"),
               defaulted("enforce_determinism"),
               defaulted("on_behalf_of"),
               never_null("execution_timeout")};
template <>
inline constexpr auto notes<workflow_registration> = std::array{defaulted("compatible_with_chat_assistant")};
template <>
inline constexpr auto notes<workflow_registration_with_status> =
    std::array{defaulted("compatible_with_chat_assistant")};
template <>
inline constexpr auto notes<registration_answer> = std::array{never_null("workflow_version")};
template <>
inline constexpr auto notes<registration_page> = std::array{defaulted("workflow_versions")};

using registration_types =
    boost::mp11::mp_list<signal_definition, query_definition, update_definition, workflow_code_definition,
                         workflow_registration, workflow_registration_with_status, registration_answer,
                         registration_page>;

}  // namespace protocol
}  // namespace mistral::workflows
