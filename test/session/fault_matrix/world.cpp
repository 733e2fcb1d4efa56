#include "session/fault_matrix/world.hpp"

#include "api/support.hpp"

#include <utility>

namespace fault_matrix {
namespace {

using wf::testing::seen_request;

wf::testing::local_server_options options_with(record& seen) {
  wf::testing::local_server_options options;
  options.tls = false;
  options.workflows = test::workflows();
  wf::testing::workflow_definition shelf = options.workflows.front();
  shelf.name = "shelf";
  options.workflows.push_back(std::move(shelf));
  options.on_carried_out = [&seen](const seen_request& request, int status) {
    seen.carried_out(request, status);
  };
  return options;
}

}  // namespace

std::string record::case_of(const seen_request& request) {
  for (const auto& [name, value] : request.headers)
    if (name == "x-case") return value;
  return std::string();
}

void record::asked(const seen_request& request) {
  const std::lock_guard lock(mutex_);
  ++entries_[case_of(request) + ' ' + request.operation].asked;
}

void record::carried_out(const seen_request& request, int status) {
  if (status >= 400) return;
  const std::lock_guard lock(mutex_);
  entry& one = entries_[case_of(request) + ' ' + request.operation];
  ++one.done;
  if (!request.execution_id.empty()) one.ids.insert(request.execution_id);
}

record::entry record::of(const std::string& number, std::string_view operation) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(number + ' ' + std::string(operation));
  return found == entries_.end() ? entry() : found->second;
}

world::world() : server(options_with(seen)) {
  const auto watch = [this](const seen_request& request) {
    seen.asked(request);
    return false;
  };
  server.faults().add(wf::testing::fault().when(watch).times(0));
}

wf::client_options world::options(const std::string& number) const {
  wf::client_options options;
  options.server_url = server.url();
  options.api_key = "key";
  options.headers.emplace_back("X-Case", number);
  options.retry.initial_backoff = std::chrono::milliseconds(1);
  options.retry.max_backoff = std::chrono::milliseconds(2);
  options.retry.look_distance = std::chrono::milliseconds(2);
  return options;
}

asio::awaitable<subject> world::prepare(apis to) {
  subject made;
  const wf::started_execution started = co_await to.workflows.execute("gate");
  made.execution = started.execution_id;
  made.run = started.run_id.value();
  const wf::workflow_with_status shelf = co_await to.workflows.get("shelf");
  made.shelf = shelf.id;
  try {
    co_await to.executions.reset(made.execution, wf::reset_request(999'999));
  } catch (const wf::api_error& e) {
    made.reset_point = e.details().body.at("valid_reset_events").at(0).to_number<std::int64_t>();
  }
  const auto registrations = co_await wf::try_(to.registrations.list());
  if (registrations) made.registration = registrations->workflow_registrations.at(0).id;
  for (const auto& op : operations_on_schedules_and_deployments()) {
    std::string* const shared = op.name == "schedules.create"     ? &made.schedule
                                : op.name == "deployments.create" ? &made.deployment
                                                                  : nullptr;
    if (!shared || op.variant == "without an id") continue;
    subject what = made;
    what.own = "shared";
    const auto created = co_await wf::try_(op.call(to, what));
    if (created) *shared = what.own;
  }
  co_return made;
}

}  // namespace fault_matrix
