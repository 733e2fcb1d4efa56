// What the server remembers of its deployments, and the changes that records of the journal make to it.
// Not what moves them on: that is deployer.hpp.
#pragma once

#include <mistral/workflows/model/deployment.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/object.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::testing {

/// Where a managed deployment stands: `deployment_observed_state::phase`.
namespace deployment_phase {
inline constexpr std::string_view building = "building", deploying = "deploying", running = "running",
                                  stopping = "stopping", stopped = "stopped", deleting = "deleting";
}

/// A worker of a managed deployment.
struct managed_worker {
  managed_worker() = default;

  std::string name;
  std::int64_t number = 0;  ///< among the deployment's workers, 1-based, never given twice
  timestamp created_at;
  std::optional<timestamp> ended_at;  ///< unset: it is live
};

/// A deployment: workflows of this process name it, or somebody asked the server to manage it, or both.
struct deployment_state {
  deployment_state() = default;

  std::string name;
  std::int64_t order = 0;  ///< of registration, growing
  timestamp created_at;
  timestamp updated_at;
  bool local = false;  ///< a workflow of this process has named it
  std::optional<managed_deployment>
      managed;                   ///< as its writes answer, but for what only the moment of the answer says
  std::optional<timestamp> due;  ///< when its phase changes by itself
  std::vector<managed_worker> workers;
  std::int64_t workers_made = 0;
};

/// All deployments. The "d" of a record is a deployment as it is from then on, or "name" and "removed".
class deployment_book {
 public:
  void apply(const boost::json::object& change);

  const deployment_state* find(const std::string& name) const;
  const std::map<std::string, deployment_state>& all() const { return all_; }

 private:
  std::map<std::string, deployment_state> all_;
  std::int64_t made_ = 0;
};

boost::json::object to_json(const deployment_state& deployment);

}  // namespace mistral::workflows::testing
