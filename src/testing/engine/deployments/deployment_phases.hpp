// How a managed deployment goes from phase to phase, as functions from a state to the next.
// Not the clock, and not the journal: see deployer.hpp.
#pragma once

#include "testing/engine/store/deployment_state.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/json/array.hpp>

namespace mistral::workflows::testing {

/// The number of workers that it is to have.
std::int64_t replicas_of(const managed_deployment& managed);
std::int64_t live_workers(const deployment_state& deployment);

void begin_build(deployment_state& deployment, timestamp now);
void begin_rollout(deployment_state& deployment, timestamp now);
void begin_stop(deployment_state& deployment, timestamp now);
/// What a log says about the difference: {"severity", "message"}
/// and of a worker {"worker"}. `before`: null for a new one.
boost::json::array log_lines(const deployment_state* before, const deployment_state& after);
/// What is due at `deployment.due` happens. Requires: it is set.
void next_phase(deployment_state& deployment);

}  // namespace mistral::workflows::testing
