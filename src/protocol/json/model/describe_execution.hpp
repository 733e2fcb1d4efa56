// The descriptions of executions, runs and batches.
// Not their codecs: those are instantiated in codec_execution.cpp.
#pragma once

#include "protocol/json/codec/describe.hpp"

#include <mistral/workflows/model/execution.hpp>

namespace mistral::workflows {

BOOST_DESCRIBE_STRUCT(execution_summary, (),
                      (workflow_name, workflow_id, deployment_name, execution_id, parent_execution_id,
                       root_execution_id, run_id, user_id, status, start_time, end_time, total_duration_ms,
                       search_keys))
BOOST_DESCRIBE_STRUCT(execution, (),
                      (workflow_name, workflow_id, deployment_name, execution_id, parent_execution_id,
                       root_execution_id, run_id, user_id, status, start_time, end_time, total_duration_ms,
                       search_keys, result))
BOOST_DESCRIBE_STRUCT(run_page, (), (executions, next_page_token))
BOOST_DESCRIBE_STRUCT(execution_result, (), (workflow_name, execution_id, result))
BOOST_DESCRIBE_STRUCT(execute_body, (),
                      (execution_id, input, wait_for_result, timeout_seconds, custom_tracing_attributes,
                       force_new_trace, extensions, task_queue, deployment_name, encoded_input))
BOOST_DESCRIBE_STRUCT(batch_body, (), (execution_ids))
BOOST_DESCRIBE_STRUCT(batch_entry, (), (status, error))
BOOST_DESCRIBE_STRUCT(batch_result, (), (results))

namespace protocol {

template <>
inline constexpr auto notes<execution_summary> = std::array{never_null("search_keys")};
template <>
inline constexpr auto notes<execution> = std::array{never_null("search_keys")};
template <>
inline constexpr auto notes<execute_body> =
    std::array{defaulted("input"), defaulted("wait_for_result"), defaulted("force_new_trace"),
               left_out("encoded_input")};
template <>
inline constexpr auto notes<batch_result> = std::array{defaulted("results")};

using execution_types = boost::mp11::mp_list<execution_summary, execution, run_page, execution_result,
                                             execute_body, batch_body, batch_entry, batch_result>;

}  // namespace protocol
}  // namespace mistral::workflows
