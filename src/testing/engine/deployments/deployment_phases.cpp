#include "testing/engine/deployments/deployment_phases.hpp"

#include "testing/engine/common/ids.hpp"
#include "testing/engine/core/deployer.hpp"

#include <algorithm>

namespace mistral::workflows::testing {
namespace {

void enter(deployment_state& deployment, std::string_view phase, std::optional<timestamp> due) {
  deployment.managed->status.phase = std::string(phase);
  deployment.due = due;
}

void end_workers(deployment_state& deployment, timestamp now) {
  for (auto& worker : deployment.workers)
    if (!worker.ended_at) worker.ended_at = now;
}

void start_workers(deployment_state& deployment, timestamp now) {
  for (auto count = replicas_of(*deployment.managed); count > 0; --count) {
    managed_worker worker;
    worker.number = ++deployment.workers_made;
    worker.name = deployment.name + "-" + std::to_string(worker.number);
    worker.created_at = now;
    deployment.workers.push_back(std::move(worker));
  }
}

/// The server reads no repository: a revision's commit is made up, and always the same.
std::string commit_of(const worker_spec& spec) {
  auto digits = derived_uuid(spec.github_url + '@' + spec.revision.value_or(""), 0) +
                derived_uuid(spec.github_url + '@' + spec.revision.value_or(""), 1);
  std::erase(digits, '-');
  return digits.substr(0, 40);
}

void end_build(deployment_state& deployment, timestamp now) {
  auto& managed = *deployment.managed;
  managed.spec.commit_sha = commit_of(managed.spec);
  auto& build =
      managed.status.build_state.emplace(managed.status.build_state.value_or(deployment_build_state()));
  build.phase = "succeeded";
  build.commit_sha = managed.spec.commit_sha;
  build.finished_at = now;
}

void end_rollout(deployment_state& deployment, timestamp now) {
  end_workers(deployment, now);
  start_workers(deployment, now);
  auto& managed = *deployment.managed;
  managed.status.deployed_revision = managed.spec.revision;
  managed.deployed_at = now;
  managed.deployed_by = managed.updated_by;
  managed.rollout_status = "complete";
}

}  // namespace

std::int64_t replicas_of(const managed_deployment& managed) { return managed.resources.replicas.value_or(1); }

std::int64_t live_workers(const deployment_state& deployment) {
  return std::count_if(deployment.workers.begin(), deployment.workers.end(),
                       [](const auto& worker) { return !worker.ended_at; });
}

void begin_build(deployment_state& deployment, timestamp now) {
  deployment_build_state build;
  build.phase = std::string(deployment_phase::building);
  build.started_at = now;
  deployment.managed->status.build_state = std::move(build);
  deployment.managed->rollout_status = "in_progress";
  enter(deployment, deployment_phase::building, now + deployer::build_time);
}

void begin_rollout(deployment_state& deployment, timestamp now) {
  deployment.managed->rollout_status = "in_progress";
  enter(deployment, deployment_phase::deploying, now + deployer::rollout_time);
}

void begin_stop(deployment_state& deployment, timestamp now) {
  enter(deployment, deployment_phase::stopping, now + deployer::stop_time);
}

boost::json::array log_lines(const deployment_state* before, const deployment_state& after) {
  boost::json::array lines;
  const auto say = [&](const std::string& message, const std::string& worker) {
    boost::json::object line;
    line["severity"] = "INFO";
    line["message"] = message;
    if (!worker.empty()) line["worker"] = worker;
    lines.push_back(std::move(line));
  };
  // Workers keep their places.
  const auto was = before ? before->workers.size() : 0;
  for (std::size_t index = 0; index < after.workers.size(); ++index) {
    const auto& worker = after.workers[index];
    if (index >= was)
      say("Worker " + worker.name + " has started", worker.name);
    else if (worker.ended_at && !before->workers[index].ended_at)
      say("Worker " + worker.name + " has stopped", worker.name);
  }
  if (!after.managed) return lines;
  const auto& phase = after.managed->status.phase;
  const bool same =
      before && before->managed && before->managed->status.phase == phase && before->due == after.due;
  if (phase && !same) say("Deployment " + after.name + " is " + *phase, std::string());
  return lines;
}

void next_phase(deployment_state& deployment) {
  const auto now = deployment.due.value();
  const auto phase = deployment.managed->status.phase.value_or("");
  deployment.updated_at = deployment.managed->updated_at = now;
  if (phase == deployment_phase::building) {
    end_build(deployment, now);
    begin_rollout(deployment, now);
  } else if (phase == deployment_phase::deploying) {
    end_rollout(deployment, now);
    enter(deployment, deployment_phase::running, std::nullopt);
  } else {
    end_workers(deployment, now);
    enter(deployment, deployment_phase::stopped, std::nullopt);
  }
}

}  // namespace mistral::workflows::testing
