#include "session/fault_matrix/operations.hpp"

#include <atomic>

namespace fault_matrix {
namespace {

std::string new_name(const std::string& stem) {
  static std::atomic<int> count{0};
  return stem + "-" + std::to_string(++count);
}

wf::schedule_create_request yearly(std::optional<std::string> id) {
  wf::schedule_definition definition;
  definition.cron_expressions.push_back("0 0 1 1 *");
  wf::schedule_create_request request("gate", definition);
  request.schedule_id = std::move(id);
  return request;
}

asio::awaitable<std::string> own_schedule(apis to, subject) {
  const wf::schedule_create_request request = yearly(new_name("schedule"));
  const wf::schedule_answer made = co_await to.schedules.create(request);
  co_return made.schedule_id;
}

asio::awaitable<std::string> own_schedule_id(apis, subject) { co_return new_name("schedule"); }

asio::awaitable<void> list_schedules(apis to, subject) {
  wf::schedule_list_request few;
  few.page_size = 1;
  co_await to.schedules.list(few);
}

asio::awaitable<void> create_schedule(apis to, subject) {
  const wf::schedule_create_request request = yearly(std::nullopt);
  co_await to.schedules.create(request);
}

asio::awaitable<void> create_schedule_under_own_id(apis to, subject what) {
  const wf::schedule_create_request request = yearly(what.own);
  co_await to.schedules.create(request);
}

asio::awaitable<void> get_schedule(apis to, subject what) { co_await to.schedules.get(what.schedule); }
asio::awaitable<void> remove_schedule(apis to, subject what) { co_await to.schedules.remove(what.own); }

asio::awaitable<void> update_schedule(apis to, subject what) {
  wf::schedule_patch changes;
  changes.time_zone_name = "UTC";
  co_await to.schedules.update(what.own, changes);
}

asio::awaitable<void> pause_schedule(apis to, subject what) { co_await to.schedules.pause(what.own); }
asio::awaitable<void> resume_schedule(apis to, subject what) { co_await to.schedules.resume(what.own); }
asio::awaitable<void> trigger_schedule(apis to, subject what) { co_await to.schedules.trigger(what.own); }

wf::deployment_create_request worker(const std::string& name) {
  wf::worker_spec_input spec;
  spec.github_url = "https://github.com/example/worker";
  return wf::deployment_create_request(name, spec);
}

asio::awaitable<std::string> own_deployment(apis to, subject) {
  const wf::deployment_create_request request = worker(new_name("deployment"));
  const wf::managed_deployment made = co_await to.deployments.create(request);
  co_return made.name;
}

asio::awaitable<std::string> own_name(apis, subject) { co_return new_name("deployment"); }

asio::awaitable<void> list_deployments(apis to, subject) {
  wf::deployment_list_request few;
  few.limit = 1;
  co_await to.deployments.list(few);
}

asio::awaitable<void> create_deployment(apis to, subject what) {
  const wf::deployment_create_request request = worker(what.own);
  co_await to.deployments.create(request);
}

asio::awaitable<void> get_deployment(apis to, subject what) { co_await to.deployments.get(what.deployment); }

asio::awaitable<void> update_deployment(apis to, subject what) {
  wf::deployment_update_request changes;
  changes.resources = wf::deployment_resources_patch();
  changes.resources.value().replicas = 2;
  co_await to.deployments.update(what.own, changes);
}

asio::awaitable<void> remove_deployment(apis to, subject what) { co_await to.deployments.remove(what.own); }
asio::awaitable<void> stop_deployment(apis to, subject what) { co_await to.deployments.stop(what.own); }
asio::awaitable<void> start_deployment(apis to, subject what) { co_await to.deployments.start(what.own); }
asio::awaitable<void> restart_deployment(apis to, subject what) { co_await to.deployments.restart(what.own); }
asio::awaitable<void> list_workers(apis to, subject what) {
  co_await to.deployments.workers(what.deployment);
}
asio::awaitable<void> deployment_logs(apis to, subject what) {
  co_await to.deployments.logs(what.deployment);
}

asio::awaitable<void> stream_deployment_logs(apis to, subject what) {
  const wf::deployment_log_stream_request request;
  co_await first_of(to.deployments.stream_logs(what.deployment, request, to.stream_options()));
}

}  // namespace

std::vector<operation> operations_on_schedules_and_deployments() {
  using enum kind;
  return {
      {"schedules.list", read, false, nullptr, list_schedules},
      {"schedules.create", once, false, nullptr, create_schedule, "without an id"},
      {"schedules.create", keyed, false, own_schedule_id, create_schedule_under_own_id, "with an id"},
      {"schedules.get", read, false, nullptr, get_schedule},
      {"schedules.remove", removal, true, own_schedule, remove_schedule},
      {"schedules.update", repeatable, false, own_schedule, update_schedule},
      {"schedules.pause", repeatable, true, own_schedule, pause_schedule},
      {"schedules.resume", repeatable, true, own_schedule, resume_schedule},
      {"schedules.trigger", once, true, own_schedule, trigger_schedule},
      {"deployments.list", read, false, nullptr, list_deployments},
      {"deployments.create", once, false, own_name, create_deployment},
      {"deployments.get", read, false, nullptr, get_deployment},
      {"deployments.update", repeatable, false, own_deployment, update_deployment},
      {"deployments.remove", removal, false, own_deployment, remove_deployment},
      {"deployments.stop", repeatable, false, own_deployment, stop_deployment},
      {"deployments.start", repeatable, false, own_deployment, start_deployment},
      {"deployments.restart", once, false, own_deployment, restart_deployment},
      {"deployments.workers", read, false, nullptr, list_workers},
      {"deployments.logs", read, false, nullptr, deployment_logs},
      {"deployments.stream_logs", kind::stream, false, nullptr, stream_deployment_logs},
  };
}

}  // namespace fault_matrix
