// The schedules at work: the operations on them, and their starts on the engine's clock.
// Not when they are due (schedule_times.hpp), nor what they remember (schedule_state.hpp).
#pragma once

#include "testing/engine/store/schedule_state.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>
#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

class engine_core;

/// GET /v1/workflows/schedules
struct schedule_filter {
  schedule_filter() = default;

  std::optional<std::string> workflow_name;
  std::optional<std::string> user_id;  ///< "current": whoever asks
  std::optional<bool> paused;
  std::optional<std::string> search;  ///< what the workflow's name begins with, any case
  std::optional<int> page_size;       ///< unset: all
  std::optional<std::string> next_page_token;
};

/// Operations answer with JSON of the API's shape and throw api_failure.
///
/// A start is made when it is due, late ones (the server was not there) up to the policy's catch-up
/// window, but always those of the last 10 s. What falls due while a schedule is paused is not made
/// up for. Each start and what it changes about the schedule are one record of the journal, so that
/// none is made twice. A schedule whose workflow is not known waits for `workflow_known`.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT scheduler {
 public:
  explicit scheduler(engine_core& core) : core_(core) {}
  scheduler(const scheduler&) = delete;
  scheduler& operator=(const scheduler&) = delete;

  boost::json::object create(schedule_create_body body);                    ///< WorkflowScheduleResponse
  boost::json::object list(const schedule_filter& filter) const;            ///< WorkflowScheduleListResponse
  boost::json::object get(const std::string& id) const;                     ///< ScheduleDefinitionOutput
  boost::json::object update(const std::string& id, schedule_patch patch);  ///< WorkflowScheduleResponse
  void remove(const std::string& id);
  void pause(const std::string& id, const std::optional<std::string>& note);
  void resume(const std::string& id, const std::optional<std::string>& note);
  void trigger(const std::string& id, std::optional<schedule_overlap> overlap);

  // --- told by the engine
  /// The journal has been read and workflows are known: makes up for what was missed.
  void begin();
  void workflow_known(const std::string& name);
  void run_ended(const std::string& id);
  void shut_down();

 private:
  const schedule_state& known(const std::string& id) const;
  void check(const std::string& workflow_name, const schedule_definition& definition) const;
  void write(const std::string& id, boost::json::object change, std::string_view counted = {});
  timestamp now() const;

  /// Makes the starts that are due, and sets the timer for the next.
  void go_on(const std::string& id);
  void forget_timer(const std::string& id);
  bool may_start(const schedule_state& schedule) const;
  std::optional<planned_start> next_start(const schedule_state& schedule) const;
  void note_ends(const std::string& id);
  void make_starts(const std::string& id, std::vector<due_start> due, std::optional<timestamp> handled);
  void start(const std::string& id, const due_start& one, bool beside, boost::json::object change);
  void cancel(const schedule_state& schedule);
  void terminate(const schedule_state& schedule);

  engine_core& core_;
  std::map<std::string, clock::timer_id> timers_;
  bool at_work_ = false;
};

}  // namespace mistral::workflows::testing
