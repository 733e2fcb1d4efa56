// The local server's state and all that can be done with it, in the API's terms: JSON in, JSON out, refusals
// as api_failure. Not a server: no HTTP, no thread. It lives on one executor and is called there only.
#pragma once

#include "testing/engine/common/counters.hpp"
#include "testing/engine/common/requests.hpp"
#include "testing/engine/core/deployer.hpp"
#include "testing/engine/core/log_subscription.hpp"
#include "testing/engine/core/scheduler.hpp"
#include "testing/engine/core/subscription.hpp"
#include "testing/engine/store/workflow_settings.hpp"
#include "testing/engine/traces/metrics.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/clock.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::testing {

struct MISTRAL_WORKFLOWS_INTERNAL_EXPORT engine_options {
  engine_options();
  ~engine_options();
  engine_options(const engine_options&);
  engine_options& operator=(const engine_options&);

  std::shared_ptr<testing::clock> clock;  ///< null: the system's
  std::filesystem::path state_folder;     ///< empty: nothing is written
  std::vector<workflow_definition> workflows;
};

class engine_core;

/// Operations answer with JSON of the API's shape and throw api_failure. What they start is
/// carried out later on the executor, so an answer shows an execution as it was when it was asked.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT engine {
 public:
  /// Reads the state folder and runs again what was running.
  /// Errors: boost::system::system_error if the folder cannot be used or another process uses it
  /// (`errc::device_or_resource_busy`); std::runtime_error
  /// if the journal is damaged elsewhere than at its end.
  engine(boost::asio::any_io_executor executor, engine_options options);
  ~engine();
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Makes a workflow known or replaces it; executions of that name that could not run for want of it go on.
  void define(workflow_definition definition);
  testing::clock& clock();
  /// Nothing is left to be done before the clock moves or somebody asks for something.
  bool settled() const;
  scheduler& schedules();   ///< and the operations on them
  deployer& deployments();  ///< and the operations on them
  const counters& done() const;

  // --- workflows
  boost::json::object list_workflows(const workflow_filter& filter) const;  ///< WorkflowListResponse
  boost::json::object get_workflow(const std::string& identifier) const;    ///< WorkflowGetResponse
  /// {"workflow"}: WorkflowUpdateResponse, WorkflowArchiveResponse and
  /// WorkflowUnarchiveResponse. `counted`: the name of the operation.
  boost::json::object change_workflow(const std::string& identifier, const workflow_settings& change,
                                      std::string_view counted);
  /// WorkflowBulkArchiveResponse; with `archived` false WorkflowBulkUnarchiveResponse
  boost::json::object archive_all(const std::vector<std::string>& workflow_ids, bool archived);
  boost::json::object metrics(const std::string& workflow_name,
                              const metrics_range& range) const;  ///< WorkflowMetrics

  // --- registrations: each workflow that is known has one
  boost::json::object list_registrations(const registration_filter& filter) const;
  boost::json::object get_registration(const std::string& id, bool with_workflow, bool include_shared) const;
  boost::json::object execute_registration(const std::string& id, const start_request& request);

  // --- executions
  boost::json::object execute(const std::string& workflow_identifier,
                              const start_request& request);  ///< WorkflowExecutionResponse
  /// Completes with true once the latest run of the execution has ended
  /// for good, with false when `limit` (on the clock) has passed.
  boost::asio::awaitable<bool> wait_for_end(std::string execution_id,
                                            std::optional<std::chrono::nanoseconds> limit);
  /// WorkflowExecutionResponse
  boost::json::object get_execution(const std::string& execution_id, bool with_search_keys = false) const;
  boost::json::value history(const std::string& execution_id) const;
  void signal(const std::string& execution_id, const std::string& name, const boost::json::value& input);
  boost::json::value query(const std::string& execution_id, const std::string& name,
                           const boost::json::value& input);
  boost::json::value update(const std::string& execution_id, const std::string& name,
                            const boost::json::value& input);
  void cancel(const std::string& execution_id);
  void terminate(const std::string& execution_id);
  boost::json::object cancel_all(const std::vector<std::string>& execution_ids);  ///< BatchExecutionResponse
  boost::json::object terminate_all(
      const std::vector<std::string>& execution_ids);  ///< BatchExecutionResponse
  void reset(const std::string& execution_id, const reset_request& request);

  // --- traces: of the latest run and its children
  boost::json::object trace_info(const std::string& execution_id) const;
  boost::json::object trace_otel(const std::string& execution_id) const;
  boost::json::object trace_summary(const std::string& execution_id) const;
  boost::json::object trace_events(const std::string& execution_id, bool merge_same_id,
                                   bool include_internal) const;

  // --- logs: of an execution or of a deployment, as the filter says
  /// ExecutionLogSearchResponse, which is DeploymentLogSearchResponse
  /// too. Errors: 404 - an execution that is not known
  boost::json::object list_logs(const log_page_request& request) const;
  /// From the first line after that sequence. Errors as above.
  log_subscription subscribe_logs(log_filter filter, std::int64_t after = 0);

  // --- runs
  boost::json::object list_runs(const run_filter& filter) const;  ///< WorkflowExecutionListResponse
  boost::json::object get_run(const std::string& run_id) const;   ///< WorkflowExecutionResponse
  boost::json::value run_history(const std::string& run_id) const;

  // --- events
  /// From the first event whose sequence is at least `from`; children's events are among them.
  subscription subscribe(const std::string& execution_id, std::int64_t from = 0);
  subscription subscribe_all(event_filter filter, std::int64_t from = 0);
  boost::json::object list_events(const event_filter& filter, int limit,
                                  const std::optional<std::string>& cursor) const;
  std::int64_t last_sequence() const;

 private:
  std::shared_ptr<engine_core> core_;
};

}  // namespace mistral::workflows::testing
