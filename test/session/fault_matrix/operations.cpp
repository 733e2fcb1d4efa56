#include "session/fault_matrix/operations.hpp"

namespace fault_matrix {

apis::apis(std::shared_ptr<const wf::session::client_handle> handle)
    : workflows(handle),
      executions(handle),
      runs(handle),
      schedules(handle),
      events(handle),
      deployments(handle),
      registrations(handle),
      metrics(handle),
      workers(handle) {}

wf::stream_options apis::stream_options() const {
  wf::stream_options options;
  options.idle_limit = stream_idle_limit;
  options.max_attempts = 3;  // further attempts after the first
  options.initial_backoff = std::chrono::milliseconds(1);
  options.max_backoff = std::chrono::milliseconds(2);
  return options;
}

std::vector<operation> all_operations() {
  std::vector<operation> all;
  for (const auto& some :
       {operations_on_workflows(), operations_on_executions(), operations_on_schedules_and_deployments()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

}  // namespace fault_matrix
