// The records of the journal: everything that changes the
// server's state is one of these, written before it is applied.
// Not how they are stored (journal.hpp) nor what they change (store.hpp).
#pragma once

#include "testing/engine/common/shared_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// What a record says. Those that belong to a run are also the steps of its
/// history, in the order in which they happened, but for side_log, reset and did.
enum class record_kind {
  start,           ///< a run was made: always its first step
  emit,            ///< the workflow emitted an event
  sleep,           ///< the workflow began to sleep: number, length, due
  fired,           ///< that sleep is over: number
  signal,          ///< a signal came in: name, input
  update,          ///< an update came in and its handler is called: name, input
  cancel,          ///< somebody asked the run to cancel
  activity,        ///< the workflow began an activity: number, name, input
  activity_retry,  ///< its attempt failed, another follows: number, attempt, due
  activity_done,   ///< its outcome: number, and result or error
  child,       ///< the workflow started a child, which is the `next` of the record: number, workflow, input
  child_done,  ///< the child's outcome: number, status, and result or error
  retry,       ///< an attempt failed, another follows at `due`
  attempt,     ///< that other attempt begins: attempt
  end,         ///< the run is over: status, and result or error
  continued,   ///< the run is over and goes on in `next`
  reset,       ///< the run is over and another, `next`, repeats its first `cut` steps
  log,         ///< the workflow wrote a line to its log: severity, message, attributes
  side_log,    ///< the same by the work of an activity (activity, task) or by a query: no step, as it is not
               ///< repeated
  search_key,  ///< the workflow set a search key: key, value
  workflow,    ///< of no run: somebody changed a workflow: workflow, and what workflow_settings.hpp says
  schedule,    ///< of no run: a schedule changed, as "s" says
  deployment,  ///< of no run: a deployment changed, as "d" says: lines (of its log)
  did,         ///< nothing changed, but something was done that is counted
};

std::string_view to_text(record_kind kind);
/// Errors: std::runtime_error for a kind that this version does not know.
record_kind record_kind_from(std::string_view text);

/// Whether the step was caused by the world outside the workflow; the others are the workflow's own doing.
bool comes_from_outside(record_kind kind);

/// Who a run is; the same members stand in each of its events.
struct run_identity {
  run_identity() = default;

  shared_text run_id;
  shared_text execution_id;
  shared_text workflow_name;
  shared_text root_execution_id;
  shared_text first_run_id;  ///< of a chain of continue-as-new
  optional_shared_text parent_execution_id;
  optional_shared_text continued_run_id;
  optional_shared_text schedule_id;
  optional_shared_text deployment_name;
};

/// A run that is about to be: the `next` of a record.
struct new_run {
  new_run() = default;

  run_identity identity;
  boost::json::value input;
  shared_text
      id_seed;  ///< of the ids that the workflow makes; a reset keeps it, so that repeated steps match
  bool outlives_parent = true;
  boost::json::object search_keys;  ///< key to value, from the run before
  boost::json::object tracing;      ///< attributes that the caller wants in the trace: name to text
  boost::json::array backlog;       ///< signals and updates to hand over first: {"kind", "name", "input"}
};

boost::json::object to_json(const new_run& run);
new_run new_run_from(const boost::json::object& json);

/// An event that goes with a record; the store's payload around it is made in event_payload.hpp.
struct new_event {
  new_event() = default;
  new_event(std::string event_type, boost::json::object event_attributes)
      : type(std::move(event_type)), attributes(std::move(event_attributes)) {}

  std::string type;
  boost::json::object attributes;
  boost::json::object metadata;  ///< beside the event in its payload
};

/// {"type": "json", "value": ...}, the form in which events carry values.
boost::json::object json_payload(boost::json::value value);

}  // namespace mistral::workflows::testing
