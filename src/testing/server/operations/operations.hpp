// The table of operations: name, method and path of each, and the function that carries it out.
// Not their meaning: that is the engine's.
#pragma once

#include "testing/server/core/core.hpp"
#include "testing/server/message/message.hpp"
#include "testing/server/message/router.hpp"

namespace mistral::workflows::testing {

using operation_function = answer (*)(core&, const request&);

/// A resource that has a table of its own in the file of its operations hands it
/// out by a function `<resource>_rows()`, which operations.cpp adds to the whole.
struct operation_row {
  route where;
  operation_function carry_out;
};

MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::span<const route> all_routes();
/// Throws api_failure and bad_request.
answer perform(std::size_t row, core& server, const request& asked);
/// The answer of an execute that waited.
answer after_waiting(core& server, const awaited_end& awaited);
bool authorized(const core& server, const request& asked);
/// The execution that the path, or the body of an execute, names; routed requests only, else empty.
std::string execution_of(const request& asked);

// One function a row; the files are named after the resources.
answer list_workflows(core& server, const request& asked);
answer get_workflow(core& server, const request& asked);
answer execute_workflow(core& server, const request& asked);
answer get_execution(core& server, const request& asked);
answer get_history(core& server, const request& asked);
answer signal_execution(core& server, const request& asked);
answer query_execution(core& server, const request& asked);
answer update_execution(core& server, const request& asked);
answer cancel_execution(core& server, const request& asked);
answer terminate_execution(core& server, const request& asked);
answer batch_cancel(core& server, const request& asked);
answer batch_terminate(core& server, const request& asked);
answer reset_execution(core& server, const request& asked);
answer stream_execution(core& server, const request& asked);
answer list_runs(core& server, const request& asked);
answer get_run(core& server, const request& asked);
answer get_run_history(core& server, const request& asked);
answer list_events(core& server, const request& asked);
answer stream_events(core& server, const request& asked);
answer whoami(core& server, const request& asked);
answer execute_registration(core& server, const request& asked);

std::span<const operation_row> workflow_change_rows();
std::span<const operation_row> registration_rows();
std::span<const operation_row> trace_rows();
std::span<const operation_row> log_rows();

std::span<const operation_row> schedule_rows();
std::span<const operation_row> deployment_rows();

}  // namespace mistral::workflows::testing
