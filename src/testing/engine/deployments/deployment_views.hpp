// Deployments as the API's answers show them.
// Not their state: see deployment_state.hpp.
#pragma once

#include "testing/engine/store/deployment_state.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::testing {

/// What only the moment of an answer knows.
struct deployment_moment {
  deployment_moment() = default;

  timestamp now;
  bool local_live = false;   ///< a workflow of this process names it
  bool managed_live = true;  ///< its managed workers count as live
};

/// DeploymentDetailResponse; without `workers` DeploymentResponse.
deployment_detail detail_of(const deployment_state& deployment, const deployment_moment& moment);
boost::json::object show_deployment(const deployment_detail& detail, bool with_workers);
/// ManagedDeploymentResponse
boost::json::object show_managed(const deployment_state& deployment, timestamp now);
std::string deployment_uuid(const std::string& name);

}  // namespace mistral::workflows::testing
