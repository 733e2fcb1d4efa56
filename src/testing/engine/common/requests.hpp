// What can be asked of the engine: one struct for each operation that takes more than an id.
// Not HTTP: the front has decoded parameters and bodies, and checked their types.
#pragma once

#include <mistral/workflows/testing/clock.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

/// POST /v1/workflows/{workflow_identifier}/execute
struct start_request {
  start_request() = default;

  std::optional<std::string> execution_id;  ///< unset: one is made
  boost::json::value input;
  std::optional<std::string> deployment_name;
  boost::json::object tracing;             ///< attributes for the trace: name to text
  std::optional<std::string> schedule_id;  ///< set by schedules alone
  boost::json::object schedule_change;     ///< goes with it, see schedule_book; empty: none
};

/// GET /v1/workflows
struct workflow_filter {
  workflow_filter() = default;

  std::optional<std::string> search;  ///< part of name, display name, description or id, any case
  std::vector<std::string> tags;      ///< all of them
  std::optional<bool> archived;
  std::optional<bool> available_in_chat_assistant;
  std::vector<std::string> deployment_names;  ///< any of them
  std::vector<std::string> statuses;          ///< has an execution with one of them
  bool include_shared = true;
  std::optional<bool> active;
  bool sort_by_display_name = false;
  bool descending = false;
  std::optional<std::string> cursor;
  int limit = 50;
};

/// GET /v1/workflows/runs
struct run_filter {
  run_filter() = default;

  std::optional<std::string> workflow_identifier;  ///< name or UUID
  std::optional<std::string> root_execution_id;
  std::optional<std::string> search;  ///< part of an id, workflow name or display name, any case
  std::vector<std::string> statuses;
  std::optional<std::string> deployment_name;
  std::vector<std::string> workflow_tags;  ///< all of them
  bool sort_by_end_time = false;           ///< else by start time
  bool descending = true;
  std::optional<clock::time_point> start_time_after, start_time_before;
  std::optional<clock::time_point> end_time_after, end_time_before;
  std::optional<std::string> user_id;  ///< "current": whoever asks
  bool include_internal = true;        ///< runs of technical workflows
  std::vector<std::pair<std::string, std::string>>
      search_keys;  ///< all of them: the key itself, part of the value in any case
  int page_size = 50;
  std::optional<std::string> next_page_token;
};

/// GET /v1/workflows/registrations
struct registration_filter {
  registration_filter() = default;

  std::optional<std::string> workflow_id;
  std::optional<std::string> task_queue;
  bool active_only = false;
  bool include_shared = true;
  std::optional<std::string> workflow_search;  ///< part of the workflow's name or display name, any case
  std::optional<bool> archived;
  bool with_workflow = false;
  std::optional<bool> available_in_chat_assistant;
  int limit = 50;
  std::optional<std::string> cursor;
};

/// Which log lines: GET /v1/workflows/executions/{execution_id}/logs,
/// .../deployments/{name}/logs and the streams of both. All members that are set must fit.
struct log_filter {
  log_filter() = default;

  std::optional<std::string> execution_id;
  std::optional<std::string> deployment_name;
  std::optional<std::string> run_id;
  std::optional<std::string> activity_id;  ///< the number of the activity, as text
  std::optional<std::string> workflow_name;
  std::optional<std::string> worker_name;
  std::optional<clock::time_point> after;   ///< inclusive
  std::optional<clock::time_point> before;  ///< exclusive
};

/// A page of log lines.
struct log_page_request {
  log_page_request() = default;

  log_filter filter;
  bool descending = false;
  std::optional<std::string> cursor;  ///< goes before `after`, `before` and `descending`
  int limit = 50;
};

/// POST /v1/workflows/executions/{execution_id}/reset
struct reset_request {
  reset_request() = default;

  std::int64_t event_id = 0;
  std::optional<std::string> reason;
  bool exclude_signals = false;
  bool exclude_updates = false;
};

/// GET /v1/workflows/events/list and /events/stream; an unset member stands for "*".
struct event_filter {
  event_filter() = default;

  std::optional<std::string> scope;  ///< "activity" or "workflow"
  std::optional<std::string> activity_name;
  std::optional<std::string> activity_id;
  std::optional<std::string> workflow_name;
  std::optional<std::string> workflow_exec_id;
  std::optional<std::string> root_workflow_exec_id;
  std::optional<std::string> parent_workflow_exec_id;
  std::optional<std::string> workflow_run_id;
  std::optional<std::string> stream;
  std::vector<std::string> event_types;
};

}  // namespace mistral::workflows::testing
