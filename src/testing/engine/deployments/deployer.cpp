#include "testing/engine/core/deployer.hpp"

#include "testing/engine/common/failure.hpp"
#include "testing/engine/common/ids.hpp"
#include "testing/engine/core/engine_core.hpp"
#include "testing/engine/deployments/deployment_phases.hpp"
#include "testing/engine/deployments/deployment_views.hpp"
#include "testing/engine/views/views.hpp"

#include "protocol/json/date_time.hpp"

#include <algorithm>

namespace mistral::workflows::testing {

namespace json = boost::json;

namespace {

template <class T>
void take(const patch_field<T>& change, std::optional<T>& member) {
  if (change.has_value()) member = change.value();
  if (change.null()) member.reset();
}

void check_spec(const worker_spec& spec) {
  if (spec.github_url.empty()) refuse_invalid("Invalid spec: github_url is empty");
  if (spec.backend_spec && (spec.entrypoint || spec.working_dir))
    refuse_invalid("Invalid spec: backend_spec excludes entrypoint and working_dir");
}

void check_resources(const deployment_resources& resources) {
  if (resources.replicas && *resources.replicas < 0)
    refuse_invalid("Invalid resources: replicas is negative");
}

worker_spec spec_from(const worker_spec_input& input) {
  worker_spec made;
  made.github_url = input.github_url;
  made.revision = input.revision.value_or("main");
  made.entrypoint = input.entrypoint;
  if (!made.entrypoint && !input.backend_spec) made.entrypoint = "worker:main";
  made.working_dir = input.working_dir;
  made.backend_spec = input.backend_spec;
  made.others = input.others;
  check_spec(made);
  return made;
}

void take(const worker_spec_patch& changes, worker_spec& spec) {
  if (changes.github_url.has_value()) spec.github_url = changes.github_url.value();
  take(changes.revision, spec.revision);
  take(changes.entrypoint, spec.entrypoint);
  take(changes.working_dir, spec.working_dir);
  take(changes.backend_spec, spec.backend_spec);
  // One of the two ways to say how it starts goes when the other comes.
  if (changes.backend_spec.has_value() && !changes.entrypoint.has_value()) spec.entrypoint.reset();
  if (changes.backend_spec.has_value() && !changes.working_dir.has_value()) spec.working_dir.reset();
  if (changes.entrypoint.has_value() && !changes.backend_spec.has_value()) spec.backend_spec.reset();
  check_spec(spec);
}

void take(const deployment_resources_patch& changes, deployment_resources& resources) {
  take(changes.replicas, resources.replicas);
  take(changes.cpu_request, resources.cpu_request);
  take(changes.cpu_limit, resources.cpu_limit);
  take(changes.memory_request, resources.memory_request);
  take(changes.memory_limit, resources.memory_limit);
  check_resources(resources);
}

/// A change of what runs, or how: another generation.
void touch(deployment_state& deployment, timestamp now) {
  auto& managed = *deployment.managed;
  deployment.updated_at = managed.updated_at = now;
  managed.updated_by = local_user_id;
}

void next_generation(managed_deployment& managed) {
  managed.status.generation = managed.status.generation.value_or(0) + 1;
}

}  // namespace

timestamp deployer::now() const { return std::chrono::floor<timestamp::duration>(core_.time->now()); }

const deployment_state& deployer::known(const std::string& name) const {
  const auto* found = core_.store.deployments().find(name);
  if (!found) refuse_deployment_not_found(name);
  return *found;
}

void deployer::check_known(const std::string& name) const { known(name); }

deployment_state deployer::managed(const std::string& name) const {
  const auto& found = known(name);
  if (!found.managed) refuse_deployment_not_found(name);
  return found;
}

void deployer::record(const deployment_state& changed, std::string_view counted) {
  record_draft draft(record_kind::deployment);
  auto lines = log_lines(core_.store.deployments().find(changed.name), changed);
  if (!lines.empty()) draft.own["lines"] = std::move(lines);
  draft.deployment = to_json(changed);
  draft.counted = counted;
  core_.write(std::move(draft));
}

json::object deployer::write(deployment_state changed, std::string_view counted) {
  const auto name = changed.name;
  record(changed, counted);
  go_on(name);
  return changed.managed ? show_managed(changed, now()) : json::object();
}

json::object deployer::create(const deployment_create_body& body) {
  if (body.name.empty()) refuse_invalid("Invalid name: it is empty");
  const auto* there = core_.store.deployments().find(body.name);
  if (there && there->managed) refuse_deployment_exists(body.name);
  // One that workflows of this process name becomes a managed one too.
  const auto at = now();
  deployment_state made = there ? *there : deployment_state();
  made.name = body.name;
  if (!there) made.created_at = at;
  auto& managed = made.managed.emplace();
  managed.service_id = random_uuid();
  managed.name = body.name;
  managed.spec = spec_from(body.spec);
  managed.resources = body.resources.value_or(deployment_resources());
  check_resources(managed.resources);
  if (!managed.resources.replicas) managed.resources.replicas = 1;
  managed.is_hardened = body.hardened;
  managed.created_at = at;
  managed.created_by = local_user_id;
  managed.owner = local_user_id;
  touch(made, at);
  next_generation(managed);
  begin_build(made, at);
  return write(std::move(made), "deployments.create");
}

json::object deployer::update(const std::string& name, const deployment_update_body& body) {
  auto changed = managed(name);
  auto& managed = *changed.managed;
  const auto spec = managed.spec;
  const auto resources = managed.resources;
  if (body.spec.has_value()) take(body.spec.value(), managed.spec);
  if (body.resources.has_value()) take(body.resources.value(), managed.resources);
  touch(changed, now());
  const bool rebuild = managed.spec != spec;
  if (rebuild || managed.resources != resources) next_generation(managed);
  if (rebuild) {
    managed.spec.commit_sha.reset();
    managed.spec.commit.reset();
  }
  // A stopped one is built and rolled out when it is started;
  // one that is being built goes on with what it is now to be.
  const bool building = managed.status.phase == deployment_phase::building;
  if (!managed.stopped && rebuild)
    begin_build(changed, now());
  else if (!managed.stopped && !building && managed.resources != resources)
    begin_rollout(changed, now());
  return write(std::move(changed), "deployments.update");
}

json::object deployer::remove(const std::string& name) {
  auto removed = managed(name);
  touch(removed, now());
  removed.managed->status.phase = std::string(deployment_phase::deleting);
  removed.workers.clear();
  const auto answer = show_managed(removed, now());
  if (removed.local) {
    // What workflows of this process name stays.
    removed.managed.reset();
    removed.due.reset();
    write(std::move(removed), "deployments.remove");
    return answer;
  }
  record_draft draft(record_kind::deployment);
  draft.deployment["name"] = name;
  draft.deployment["removed"] = true;
  draft.counted = "deployments.remove";
  core_.write(std::move(draft));
  forget_timer(name);
  return answer;
}

json::object deployer::stop(const std::string& name) {
  auto changed = managed(name);
  if (!changed.managed->stopped) {
    changed.managed->stopped = true;
    touch(changed, now());
    begin_stop(changed, now());
  }
  return write(std::move(changed), "deployments.stop");
}

json::object deployer::start(const std::string& name) {
  auto changed = managed(name);
  if (changed.managed->stopped) {
    changed.managed->stopped = false;
    touch(changed, now());
    if (changed.managed->spec.commit_sha)
      begin_rollout(changed, now());
    else
      begin_build(changed, now());
  }
  return write(std::move(changed), "deployments.start");
}

json::object deployer::restart(const std::string& name) {
  auto changed = managed(name);
  auto& managed = *changed.managed;
  managed.spec.restarted_at = protocol::format_timestamp(now());
  touch(changed, now());
  next_generation(managed);
  // One that is stopped stays so; one that is being built is rolled out afterwards anyway.
  if (!managed.stopped && managed.status.phase != deployment_phase::building) begin_rollout(changed, now());
  return write(std::move(changed), "deployments.restart");
}

void deployer::begin() {
  at_work_ = true;
  std::vector<std::string> names;
  for (const auto& [name, deployment] : core_.store.deployments().all()) names.push_back(name);
  for (const auto& name : names) go_on(name);
}

void deployer::workflow_known(const workflow_definition& workflow) {
  if (!workflow.deployment_name) return;
  const auto* there = core_.store.deployments().find(*workflow.deployment_name);
  if (there && there->local) return;
  deployment_state made = there ? *there : deployment_state();
  made.name = *workflow.deployment_name;
  if (!there) made.created_at = now();
  made.updated_at = now();
  made.local = true;
  write(std::move(made), {});
}

void deployer::shut_down() {
  at_work_ = false;
  for (const auto& [name, timer] : timers_) core_.time->forget(timer);
  timers_.clear();
}

void deployer::forget_timer(const std::string& name) {
  auto entry = timers_.find(name);
  if (entry == timers_.end()) return;
  core_.time->forget(entry->second);
  timers_.erase(entry);
}

/// Lets the phases that are due go by, one record each, and sets the timer for the next.
void deployer::go_on(const std::string& name) {
  forget_timer(name);
  if (!at_work_) return;
  const auto* deployment = core_.store.deployments().find(name);
  while (deployment && deployment->due && *deployment->due <= now()) {
    auto changed = *deployment;
    next_phase(changed);
    record(changed, {});
  }
  if (!deployment || !deployment->due) return;
  timers_[name] = core_.time->call_at(*deployment->due, [weak = core_.weak_from_this(), name] {
    if (auto core = weak.lock()) core->deployments().go_on(name);
  });
}

}  // namespace mistral::workflows::testing
