// The state, and the one function that changes it: applying a record. What was applied once and
// what is read back from the journal go the same way, so a restarted server remembers exactly
// what it had. Not a decision maker: whether a record may be written is decided before.
#pragma once

#include "testing/engine/common/counters.hpp"
#include "testing/engine/store/deployment_state.hpp"
#include "testing/engine/store/schedule_state.hpp"
#include "testing/engine/store/state.hpp"
#include "testing/engine/store/workflow_settings.hpp"

#include <boost/json/object.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace mistral::workflows::testing {

class store {
 public:
  /// Members of a record: "k" its kind, "t" when (nanoseconds), "r" the run, "c"
  /// the operation to count, "e" payloads of events, "next" a new run, "s" what
  /// changes about a schedule, "d" a deployment; all others are the step's own.
  void apply(const boost::json::object& record);

  /// Of all runs that are over; for a store that was read from a journal.
  void pack_finished();

  execution_state* find_execution(std::string_view id);
  const execution_state* find_execution(std::string_view id) const;
  run_state* find_run(std::string_view run_id);
  const run_state* find_run(std::string_view run_id) const;

  const std::vector<std::unique_ptr<run_state>>& runs() const { return runs_; }
  const std::deque<stored_event>& events() const { return events_; }
  /// Requires: 1 <= sequence <= last_sequence()
  const stored_event& event(std::int64_t sequence) const {
    return events_[static_cast<std::size_t>(sequence - 1)];
  }
  std::int64_t last_sequence() const { return static_cast<std::int64_t>(events_.size()); }
  /// Requires: 1 <= sequence <= last_log()
  const stored_log& log(std::int64_t sequence) const { return logs_[static_cast<std::size_t>(sequence - 1)]; }
  std::int64_t last_log() const { return static_cast<std::int64_t>(logs_.size()); }
  /// What somebody changed about workflows, by name.
  const std::map<std::string, workflow_settings>& settings() const { return settings_; }
  /// The execution itself, its parent and so on up to the root: those in whose streams its events stand.
  std::vector<execution_state*> lineage(const run_state& run);
  const schedule_book& schedules() const { return schedules_; }
  const deployment_book& deployments() const { return deployments_; }
  const counters& done() const { return done_; }
  clock::time_point last_time() const { return last_time_; }

 private:
  template <class Value>
  using by_text = std::unordered_map<shared_text, Value, shared_text::hash, shared_text::equal>;
  using texts = std::unordered_set<shared_text, shared_text::hash, shared_text::equal>;

  // By the id of the run.
  struct run_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view run_id) const noexcept { return shared_text::hash()(run_id); }
    std::size_t operator()(const run_state* run) const noexcept {
      return shared_text::hash()(run->identity.run_id);
    }
  };
  struct run_equal {
    using is_transparent = void;
    bool operator()(const run_state* a, const run_state* b) const noexcept { return a == b; }
    bool operator()(std::string_view a, const run_state* b) const noexcept {
      return a == b->identity.run_id.view();
    }
    bool operator()(const run_state* a, std::string_view b) const noexcept {
      return a->identity.run_id.view() == b;
    }
  };

  run_identity shared(run_identity identity);
  run_state& make_run(const new_run& next);
  void repeat_steps(run_state& run, const run_state& from, std::size_t cut);
  void change(run_state& run, record_kind kind, const boost::json::object& record);
  void add_log(const run_state& run, const boost::json::object& record);
  void add_deployment_logs(const boost::json::object& record);
  void add_events(const boost::json::object& record);
  void add_step(run_state& run, record_kind kind, const boost::json::object& record, std::int64_t event);

  std::vector<std::unique_ptr<run_state>> runs_;
  std::unordered_set<run_state*, run_hash, run_equal> by_run_id_;
  by_text<execution_state> executions_;
  texts names_;  // of workflows and deployments
  texts event_types_;
  std::deque<stored_event> events_;
  std::deque<stored_log> logs_;
  std::map<std::string, workflow_settings> settings_;
  schedule_book schedules_;
  deployment_book deployments_;
  counters done_;
  clock::time_point last_time_;
};

}  // namespace mistral::workflows::testing
