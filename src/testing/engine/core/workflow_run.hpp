// One run's coroutine and what it waits for: started at a run's beginning,
// brought to where its journal ends, then live. Not the run's record (state.hpp):
// this is made anew at each start of the server and dropped when the run is over.
#pragma once

#include "testing/engine/core/pending.hpp"
#include "testing/engine/store/record.hpp"
#include "testing/engine/store/state.hpp"

#include <mistral/workflows/testing/workflow_context.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mistral::workflows::testing {

class engine_core;

/// How a run works. Its coroutine has an io_context of its own, which `drive` polls until nothing
/// is ready: then the workflow waits for the outside, and everything it does between two things
/// from outside is fixed by those alone. So its history is one list of steps, and to repeat it is
/// to hand over the outside's steps in their order and to compare the workflow's own with the list.
class workflow_run : public std::enable_shared_from_this<workflow_run> {
 public:
  workflow_run(engine_core& core, run_state& state, std::shared_ptr<const workflow_definition> definition);

  using activity_work = std::variant<workflow_context::handler, workflow_context::async_work>;

  // --- what a context offers (run_*.cpp, one file each)
  const run_state& state() const { return state_; }
  /// As contexts hand them out.
  struct names {
    explicit names(const run_identity& identity)
        : execution_id(identity.execution_id.str()),
          run_id(identity.run_id.str()),
          workflow_name(identity.workflow_name.str()) {}
    std::string execution_id, run_id, workflow_name;
  };
  const names& called() const { return called_; }
  const boost::json::value& input();
  clock::time_point now() const { return now_; }
  std::string new_id();
  int attempt() const { return state_.attempt; }
  bool cancel_requested() const { return cancel_requested_; }
  void emit(new_event event);
  void log(std::string_view severity, std::string_view message,
           const std::map<std::string, std::string>& attributes);
  void set_search_key(std::string_view key, std::string_view value);
  using run_pointer = std::shared_ptr<workflow_run>;
  static boost::asio::awaitable<boost::json::value> wait_signal(run_pointer run, std::string name);
  static boost::asio::awaitable<void> wait_until(run_pointer run, std::function<bool()> condition);
  static boost::asio::awaitable<void> sleep_for(run_pointer run, std::chrono::nanoseconds time);
  void set_query(std::string name, workflow_context::handler answer) {
    queries_[std::move(name)] = std::move(answer);
  }
  void set_update(std::string name, workflow_context::handler change) {
    updates_[std::move(name)] = std::move(change);
  }
  static boost::asio::awaitable<boost::json::value> run_activity(run_pointer run, std::string name,
                                                                 boost::json::value input, activity_work work,
                                                                 activity_options options);
  child_execution start_child(const std::string& workflow, boost::json::value input,
                              const child_options& options);
  static boost::asio::awaitable<boost::json::value> child_result(run_pointer run, int number);
  void continue_as_new(boost::json::value input, const continue_options& options);

  // --- what the engine does with it
  /// Brings the run as far as it gets without the outside, and ends it
  /// if the workflow is done. Does nothing when called from within.
  void drive();
  /// Drops the coroutine where it stands.
  void close();
  bool closed() const { return closed_; }
  /// Writes a step from outside and hands it over. Requires: driven just now, and not closed.
  void receive(record_kind kind, boost::json::object own, std::vector<new_event> events = {},
               std::string_view counted = {});
  bool answers(const std::string& query) const { return queries_.contains(query); }
  bool updates(const std::string& update) const { return updates_.contains(update); }
  boost::json::value answer_query(const std::string& name, const boost::json::value& input);
  /// Writes and carries out an update. Errors: what the handler throws.
  boost::json::value carry_out_update(const std::string& name, const boost::json::value& input);

 private:
  friend class engine_core;

  /// How the workflow function ended.
  struct outcome {
    outcome(std::exception_ptr thrown, boost::json::value returned)
        : error(std::move(thrown)), result(std::move(returned)) {}
    std::exception_ptr error;
    boost::json::value result;
  };
  struct sleeping {
    sleeping() = default;
    std::shared_ptr<pending> wait;
    clock::time_point due;
    std::optional<clock::timer_id> timer;
    bool at_once = false;  ///< its end is on its way without a timer
  };
  struct active {
    active() = default;
    std::shared_ptr<pending> wait;
    std::string name;
    std::string task_id;
    boost::json::value input;
    activity_work work;
    activity_options options;
    int attempt = 1;
    clock::time_point due;  ///< of the next attempt
    bool begun = false;
    bool done = false;
    std::optional<clock::timer_id> timer;
  };
  struct started_child {
    started_child() = default;
    std::string execution_id;
    bool done = false;
    boost::json::object outcome;
    std::vector<std::shared_ptr<pending>> waits;
  };

  // run_replay.cpp
  bool replaying() const { return cursor_ < state_.work().steps.size(); }
  const step& command(record_kind kind, const boost::json::object& fixed, boost::json::object free,
                      std::vector<new_event> events, std::optional<new_run> next = std::nullopt,
                      std::vector<new_event> next_events = {});
  void compare(const step& recorded, record_kind kind, const boost::json::object& fixed,
               const std::vector<new_event>& events);
  [[noreturn]] void mismatch(const std::string& did);
  bool deliver_recorded();
  void deliver(const step& what);
  void hand_over(const step& what);
  bool deliver_backlog();
  void spawn();
  void run_until_idle();

  // run_signals.cpp, run_timers.cpp, run_activities.cpp, run_children.cpp, run_updates.cpp
  void signal_came(const boost::json::object& own);
  void update_came(const boost::json::object& own);
  void cancel_came();
  void sleep_is_over(const boost::json::object& own);
  void activity_is_over(const boost::json::object& own);
  void child_is_over(const boost::json::object& own);
  bool check_conditions();
  void arm();
  void arm_sleeps();
  void arm_activities();
  void arm_attempt();
  void arm_timeout();
  void timer_called(int number);
  bool do_plain_work();
  void begin_activity(int number);
  void activity_ended(int number, std::exception_ptr error, boost::json::value result);
  bool take_ended_child();
  std::optional<new_run> plan_child(const std::string& workflow, boost::json::value input,
                                    const child_options& options, boost::json::object& free);
  /// On the executor, unless the run is gone by then.
  void call_later(void (workflow_run::*member)(int), int number);
  std::shared_ptr<pending> add_wait();

  std::unique_ptr<boost::asio::io_context>
      context_;  // first: what the others hold may still post to it when they go
  engine_core& core_;
  run_state& state_;
  const names called_;
  std::shared_ptr<const workflow_definition> definition_;

  std::size_t cursor_;  ///< the next step to be repeated; at the end: live
  clock::time_point now_;
  std::optional<boost::json::value> input_;
  std::uint64_t ids_made_ = 0;
  bool driving_ = false;
  bool closed_ = false;
  bool cancel_requested_ = false;  ///< as far as the workflow has been told
  bool asking_ = false;            ///< a query's handler is at work
  bool delivering_ = false;        ///< a step from outside is handed over, perhaps to a handler
  std::optional<int> working_on_;  ///< the activity whose plain work is done now
  std::string mismatch_;
  std::optional<outcome> outcome_;
  std::optional<std::pair<boost::json::value, continue_options>> continue_;

  std::vector<std::weak_ptr<pending>> waits_;
  std::deque<std::pair<std::string, boost::json::value>> mailbox_;
  std::deque<std::pair<std::string, std::shared_ptr<pending>>> signal_waits_;
  std::deque<std::pair<std::function<bool()>, std::shared_ptr<pending>>> conditions_;
  std::map<int, sleeping> sleeps_;
  int sleeps_begun_ = 0;
  std::map<int, active> activities_;
  int activities_begun_ = 0;
  std::vector<started_child> children_;
  std::map<std::string, workflow_context::handler> queries_;
  std::map<std::string, workflow_context::handler> updates_;
  std::exception_ptr update_error_;
  boost::json::value update_result_;
  std::optional<clock::timer_id> attempt_timer_;
  std::optional<clock::timer_id> timeout_timer_;
};

}  // namespace mistral::workflows::testing
