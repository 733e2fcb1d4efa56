// The deployments at work: the operations on them, and the phases they go through on the engine's clock.
// Not what they remember (deployment_state.hpp), and nothing
// is really built: a deployment's workers exist on paper.
#pragma once

#include "testing/engine/store/deployment_state.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/deployment.hpp>
#include <mistral/workflows/testing/clock.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::testing {

class engine_core;

/// GET /v1/workflows/deployments
struct deployment_filter {
  deployment_filter() = default;

  bool active_only = true;
  std::optional<bool> is_hardened;
  std::optional<std::string> workflow_name;
  std::optional<std::string> search;  ///< what the name (in any case) or the id begins with
  bool grouped = true;                ///< active and managed ones first, then by creation
  bool by_update = false;             ///< not grouped, by the latest change instead of creation
  bool descending = true;
  std::optional<std::string> workspace_id;
  std::optional<std::string> created_by;    ///< "current": whoever asks
  std::vector<std::string> location_types;  ///< any of them
  std::optional<int> limit;                 ///< unset: all
  std::optional<std::string> cursor;
};

/// GET /v1/workflows/deployments/{name}/workers
struct worker_filter {
  worker_filter() = default;

  std::optional<bool> active;
  int limit = 50;
  std::optional<std::string> cursor;
};

/// Operations answer with JSON of the API's shape and throw api_failure. A write answers with the
/// deployment as it is then; what was asked for takes time on the clock: a build `build_time`,
/// replacing workers `rollout_time`, stopping them `stop_time`. A creation and a change of what
/// runs are built and rolled out; a change of resources, a start and a restart are rolled out. A
/// deletion takes no time. Workers that are replaced stay live until the new ones are.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT deployer {
 public:
  static constexpr std::chrono::seconds build_time{2}, rollout_time{1}, stop_time{1};

  explicit deployer(engine_core& core) : core_(core) {}
  deployer(const deployer&) = delete;
  deployer& operator=(const deployer&) = delete;

  boost::json::object list(const deployment_filter& filter) const;  ///< DeploymentListResponse
  /// DeploymentDetailResponse. With a workflow's name, only workers that run it count as live.
  boost::json::object get(const std::string& name, const std::optional<std::string>& workflow_name) const;
  boost::json::object workers(const std::string& name,
                              const worker_filter& filter) const;  ///< DeploymentWorkerListResponse
  /// Throws 404 unless it is there.
  void check_known(const std::string& name) const;

  // --- ManagedDeploymentResponse
  boost::json::object create(const deployment_create_body& body);
  boost::json::object update(const std::string& name, const deployment_update_body& body);
  boost::json::object remove(const std::string& name);
  boost::json::object stop(const std::string& name);
  boost::json::object start(const std::string& name);
  boost::json::object restart(const std::string& name);

  // --- told by the engine
  void begin();
  void workflow_known(const workflow_definition& workflow);
  void shut_down();

 private:
  const deployment_state& known(const std::string& name) const;
  /// A copy to change. Errors: 404, also where the server does not manage it.
  deployment_state managed(const std::string& name) const;
  timestamp now() const;
  boost::json::object write(deployment_state changed, std::string_view counted);
  void record(const deployment_state& changed, std::string_view counted);
  void go_on(const std::string& name);
  void forget_timer(const std::string& name);

  engine_core& core_;
  std::map<std::string, clock::timer_id> timers_;
  bool at_work_ = false;
};

}  // namespace mistral::workflows::testing
