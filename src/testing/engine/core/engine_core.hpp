// The engine's inside: the state, the journal, the runs at work and those who wait for them.
// Not what the front sees (engine.hpp). Its member functions stand in one file a topic: core_*.cpp.
#pragma once

#include "testing/engine/common/requests.hpp"
#include "testing/engine/core/log_subscription.hpp"
#include "testing/engine/core/subscription.hpp"
#include "testing/engine/core/workflow_run.hpp"
#include "testing/engine/store/journal.hpp"
#include "testing/engine/store/record.hpp"
#include "testing/engine/store/store.hpp"

#include <mistral/workflows/testing/clock.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

/// All that one record is to say.
struct record_draft {
  explicit record_draft(record_kind what) : kind(what) {}

  record_kind kind;
  run_state* run = nullptr;
  boost::json::object own;
  std::vector<new_event> events;  ///< of `run`
  std::optional<new_run> next;
  std::vector<new_event> next_events;  ///< of `next`
  boost::json::object schedule;        ///< what changes about a schedule, see schedule_book; empty: nothing
  boost::json::object deployment;      ///< a deployment from now on, see deployment_book; empty: none changes
  std::string_view counted;            ///< the operation, if it is one that is counted
};

/// Somebody who waits for an execution's end.
class end_waiter;
class scheduler;
class deployer;

class engine_core : public std::enable_shared_from_this<engine_core> {
 public:
  engine_core(boost::asio::any_io_executor on, std::shared_ptr<testing::clock> time,
              const std::filesystem::path& folder);
  ~engine_core();
  /// Drops all runs and wakes all who wait; nothing works after it.
  void shut_down();

  // --- core_records.cpp: the one way to change the state
  void write(record_draft draft);
  void read_journal();

  // --- core_definitions.cpp
  void define(workflow_definition definition);
  /// By name or UUID; null if there is none.
  std::shared_ptr<const workflow_definition> find_definition(const std::string& identifier) const;

  /// Whether a worker for it is at work.
  bool active(const workflow_definition& definition) const;
  /// Errors: 404.
  const workflow_definition& known_workflow(const std::string& identifier) const;
  const workflow_definition& change_workflow(const std::string& identifier, const workflow_settings& change,
                                             std::string_view counted);
  /// Null if there is none.
  std::shared_ptr<const workflow_definition> find_registration(const std::string& id) const;

  // --- core_runs.cpp: from a start to the coroutine
  run_state& start(const std::string& workflow_identifier, const start_request& request,
                   std::string_view counted = "workflows.execute");
  new_run plan_run(const workflow_definition& definition, const std::string& execution_id,
                   boost::json::value input) const;
  std::vector<new_event> started_event(const new_run& run, int attempt) const;
  void bring_to_life(run_state& run);
  workflow_run* live(const run_state& run) const;
  void drive_later(const run_state& run);

  // --- core_endings.cpp: from the coroutine's end to a status
  void finish(workflow_run& run);
  void end(run_state& run, run_status status, boost::json::object own, std::vector<new_event> events,
           std::string_view counted = {});
  void cancelled(run_state& run);
  void fail(run_state& run, const std::string& message, bool is_final);
  void continue_run(workflow_run& run);
  void after_end(run_state& run);
  void drop(run_state& run);
  bool has_parent(const run_state& child);
  void end_if_orphan(run_state& child);
  void end_children(const std::vector<std::string>& run_ids);
  void end_orphans();

  // --- core_operations.cpp
  execution_state& execution(const std::string& id);
  const run_state& run(const std::string& run_id);
  /// The latest run, driven to where it waits. Errors: 404; WF_1102 if it is over.
  run_state& running(const std::string& execution_id);
  void signal(const std::string& execution_id, const std::string& name, const boost::json::value& input);
  boost::json::value query(const std::string& execution_id, const std::string& name,
                           const boost::json::value& input);
  boost::json::value update(const std::string& execution_id, const std::string& name,
                            const boost::json::value& input);
  void step_from_outside(run_state& run, record_kind kind, boost::json::object own, std::string_view counted);
  void count(run_state& run, std::string_view operation);
  void cancel(const std::string& execution_id);
  void terminate(const std::string& execution_id);

  // --- core_reset.cpp
  void reset(const std::string& execution_id, const reset_request& request);

  // --- core_waiting.cpp: callers that wait for events or an end
  static boost::asio::awaitable<bool> wait_for_end(std::shared_ptr<engine_core> core,
                                                   std::string execution_id,
                                                   std::optional<std::chrono::nanoseconds> limit);
  void add_subscription(const std::shared_ptr<subscription::state>& made);
  void tell(const stored_event& event);
  void add_log_reader(const std::shared_ptr<log_subscription::state>& made);
  void tell(const stored_log& line);
  void tell_ended(const run_state& run);
  void wake_all();

  /// Does the work later, on the executor, if there still is an engine then.
  template <class Work>
  void post(Work work) {
    ++posted_;
    boost::asio::post(executor, [weak = weak_from_this(), work = std::move(work)]() mutable {
      const auto core = weak.lock();
      if (!core) return;
      --core->posted_;
      work();
    });
  }
  /// Nothing that was posted is left to be done.
  bool settled() const { return posted_ == 0; }

  scheduler& schedules() { return *schedules_; }
  deployer& deployments() { return *deployments_; }

  boost::asio::any_io_executor executor;
  std::shared_ptr<testing::clock> time;
  testing::store store;
  std::map<std::string, std::shared_ptr<const workflow_definition>> definitions;

 private:
  std::unique_ptr<journal> journal_;
  std::unique_ptr<scheduler> schedules_;
  std::unique_ptr<deployer> deployments_;
  std::unordered_map<const run_state*, std::shared_ptr<workflow_run>> live_;
  std::unordered_multimap<std::string, std::weak_ptr<subscription::state>> by_execution_;
  std::vector<std::weak_ptr<subscription::state>> to_all_;
  std::vector<std::weak_ptr<log_subscription::state>> log_readers_;
  std::unordered_multimap<std::string, std::weak_ptr<end_waiter>> end_waiters_;
  std::size_t sweep_by_execution_at_ = 0;  // who has gone is dropped when there are so many
  std::size_t sweep_end_waiters_at_ = 0;
  int posted_ = 0;
  bool shut_down_ = false;
};

/// The UUID of a workflow, which its name alone decides, so that it is the same after a restart.
std::string workflow_uuid(const std::string& name);
/// The UUID of a workflow's registration, which the names of workflow and deployment decide.
std::string registration_uuid(const workflow_definition& workflow);

}  // namespace mistral::workflows::testing
