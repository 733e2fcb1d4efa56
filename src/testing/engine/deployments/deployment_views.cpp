#include "testing/engine/deployments/deployment_views.hpp"

#include "testing/engine/common/ids.hpp"
#include "testing/engine/common/json_text.hpp"
#include "testing/engine/deployments/deployment_phases.hpp"
#include "testing/engine/views/views.hpp"

#include "protocol/json/encode.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

deployment_location location(location_type type) {
  deployment_location made;
  made.location_type = type;
  return made;
}

/// The workers that workflows of this process are: one.
deployment_worker local_worker(const deployment_state& deployment, const deployment_moment& moment) {
  deployment_worker shown;
  shown.name = local_worker_name;
  shown.created_at = deployment.created_at;
  shown.is_active = moment.local_live;
  shown.updated_at = moment.local_live ? moment.now : deployment.updated_at;
  shown.location = location(location_type::local);
  return shown;
}

deployment_worker worker_of(const managed_worker& worker, const deployment_moment& moment) {
  deployment_worker shown;
  shown.name = worker.name;
  shown.created_at = worker.created_at;
  shown.is_active = !worker.ended_at && moment.managed_live;
  // Live ones are heard of all the time.
  shown.updated_at = worker.ended_at.value_or(moment.now);
  shown.location = location(location_type::managed);
  return shown;
}

managed_deployment managed_of(const deployment_state& deployment, timestamp now) {
  auto shown = *deployment.managed;
  const auto live = live_workers(deployment);
  shown.status.available_replicas = shown.status.ready_replicas = live;
  shown.status.last_seen = live > 0 ? std::optional<timestamp>(now) : std::nullopt;
  return shown;
}

}  // namespace

std::string deployment_uuid(const std::string& name) { return derived_uuid("deployment/" + name, 0); }

deployment_detail detail_of(const deployment_state& deployment, const deployment_moment& moment) {
  deployment_detail shown;
  shown.id = deployment_uuid(deployment.name);
  shown.name = deployment.name;
  shown.created_at = deployment.created_at;
  shown.updated_at = deployment.updated_at;
  shown.owner = local_user_id;
  if (deployment.local) {
    shown.workers.push_back(local_worker(deployment, moment));
    shown.locations.emplace_back(location_type::local);
  }
  for (const auto& worker : deployment.workers) shown.workers.push_back(worker_of(worker, moment));
  if (!deployment.workers.empty()) shown.locations.emplace_back(location_type::managed);
  if (!shown.workers.empty()) shown.location = shown.workers.front().location;
  shown.worker_count = static_cast<std::int64_t>(shown.workers.size());
  shown.active_worker_count = std::count_if(shown.workers.begin(), shown.workers.end(),
                                            [](const auto& worker) { return worker.is_active; });
  shown.is_active = shown.active_worker_count > 0;
  if (deployment.managed) {
    shown.is_hardened = deployment.managed->is_hardened;
    shown.managed = managed_of(deployment, moment.now);
  }
  return shown;
}

boost::json::object show_deployment(const deployment_detail& detail, bool with_workers) {
  auto shown = from_text(protocol::encode(detail, protocol::nulls::write)).as_object();
  if (!with_workers) shown.erase("workers");
  return shown;
}

boost::json::object show_managed(const deployment_state& deployment, timestamp now) {
  return from_text(protocol::encode(managed_of(deployment, now), protocol::nulls::write)).as_object();
}

}  // namespace mistral::workflows::testing
