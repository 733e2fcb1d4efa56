// The descriptions of workflows.
// Not their codecs: those are instantiated in codec_workflow.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/workflow.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(workflow, (),
                      (id, name, display_name, type, description, customer_id, workspace_id, shared_namespace,
                       available_in_chat_assistant, is_technical, archived, tags))
BOOST_DESCRIBE_STRUCT(workflow_with_status, (workflow), (active))
BOOST_DESCRIBE_STRUCT(workflow_metadata, (), (shared_namespace))
BOOST_DESCRIBE_STRUCT(workflow_definition_summary, (),
                      (id, name, display_name, description, metadata, archived, tags))
BOOST_DESCRIBE_STRUCT(workflow_page, (), (workflows, next_cursor))
BOOST_DESCRIBE_STRUCT(workflow_get_answer, (), (workflow))
BOOST_DESCRIBE_STRUCT(workflow_answer, (), (workflow))
BOOST_DESCRIBE_STRUCT(workflow_update_body, (),
                      (display_name, description, available_in_chat_assistant, tags))
BOOST_DESCRIBE_STRUCT(workflow_ids_body, (), (workflow_ids))
BOOST_DESCRIBE_STRUCT(workflow_bulk_error, (), (workflow_id, workflow, message))
BOOST_DESCRIBE_STRUCT(workflow_archive_result, (), (archived, errored))
BOOST_DESCRIBE_STRUCT(workflow_unarchive_result, (), (unarchived, errored))

namespace protocol {

template <>
inline constexpr auto notes<workflow> =
    std::array{defaulted("available_in_chat_assistant"), defaulted("is_technical"), defaulted("archived"),
               defaulted("tags")};
template <>
inline constexpr auto notes<workflow_with_status> = notes<workflow>;
template <>
inline constexpr auto notes<workflow_definition_summary> =
    std::array{defaulted("metadata"), defaulted("tags")};
template <>
inline constexpr auto notes<workflow_archive_result> = std::array{defaulted("errored")};
template <>
inline constexpr auto notes<workflow_unarchive_result> = std::array{defaulted("errored")};

using workflow_types =
    boost::mp11::mp_list<workflow, workflow_with_status, workflow_metadata, workflow_definition_summary,
                         workflow_page, workflow_get_answer, workflow_answer, workflow_update_body,
                         workflow_ids_body, workflow_bulk_error, workflow_archive_result,
                         workflow_unarchive_result>;

}  // namespace protocol
}  // namespace mistral::workflows
