// Schedules: when the API starts a workflow by itself.
// Not the executions that they start: see executions.hpp and runs.hpp.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/schedule.hpp>
#include <mistral/workflows/unknown_outcome.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// Whether a schedule starts anything.
enum class schedule_status { active, paused };

/// Which schedules to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT schedule_list_request {
 public:
  schedule_list_request();
  schedule_list_request(const schedule_list_request&);
  schedule_list_request(schedule_list_request&&) noexcept;
  schedule_list_request& operator=(const schedule_list_request&);
  schedule_list_request& operator=(schedule_list_request&&) noexcept;
  ~schedule_list_request();

  std::optional<std::string> workflow_name;    ///< exactly this
  std::optional<std::string> user_id;          ///< "current": the user of the API key
  std::optional<schedule_status> status;       ///< unset: both
  std::optional<std::string> search;           ///< what the workflow's name begins with
  std::optional<int> page_size;                ///< 1 to 1000; unset: all at once, which the API deprecates
  std::optional<std::string> next_page_token;  ///< `schedule_page::next_page_token` of the page before
};

/// The schedule to create, and what it starts: a workflow or one registration of it.
class MISTRAL_WORKFLOWS_EXPORT schedule_create_request {
 public:
  /// Starts `workflow` (a name or a UUID).
  schedule_create_request(std::string workflow, schedule_definition definition);
  /// What it starts is said by one of the members below.
  explicit schedule_create_request(schedule_definition definition);
  schedule_create_request(const schedule_create_request&);
  schedule_create_request(schedule_create_request&&) noexcept;
  schedule_create_request& operator=(const schedule_create_request&);
  schedule_create_request& operator=(schedule_create_request&&) noexcept;
  ~schedule_create_request();

  schedule_definition schedule;                         ///< when to start what
  std::optional<std::string> workflow_identifier;       ///< a name or a UUID
  std::optional<std::string> workflow_registration_id;  ///< a UUID; excludes `workflow_identifier`

  /// A UUID.
  [[deprecated("the API deprecates this member: use workflow_registration_id")]] std::optional<std::string>
      workflow_version_id;
  /// Of the deployment.
  [[deprecated(
      "the API deprecates this member: use deployment_name")]] std::optional<std::string> workflow_task_queue;
  std::optional<std::string> schedule_id;  ///< unset: the server makes one

  /// Of the deployment that is to run it; unset: the server's choice.
  std::optional<std::string> deployment_name;
};

/// The operations on schedules. A cheap handle; made by `client::schedules()`.
///
/// `id` is a schedule id throughout: not empty, not "." or "..", else invalid_argument before anything is
/// sent.
/// Errors common to all: api_error (errc::schedule_not_found), transport_error, timeout_error,
/// cancelled_error, decode_error.
/// Cancel: as the class `client` says.
class MISTRAL_WORKFLOWS_EXPORT schedules_api {
 public:
  /// Made by the library.
  explicit schedules_api(std::shared_ptr<const session::client_handle> handle);
  schedules_api(const schedules_api&);
  schedules_api& operator=(const schedules_api&);
  ~schedules_api();

  /// One page of schedules.  [`GET /v1/workflows/schedules`]
  /// Errors: invalid_argument - `page_size` out of range
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<schedule_page> list(schedule_list_request request = schedule_list_request()) const;

  /// All schedules that fit the request, page by page as they are asked for, from `next_page_token` on.
  /// Without a `page_size` the pages have 100: the API deprecates the list in one piece.
  /// Errors: invalid_argument - thrown here: a member out of its range; decode_error - the pages lead in a
  ///         circle
  async_generator<schedule> list_all(schedule_list_request request = schedule_list_request()) const;

  /// Creates a schedule and returns its id.  [`POST /v1/workflows/schedules`]
  ///
  /// With a `schedule_id` it is created once: after a lost answer the library looks for it before it sends
  /// again. What it finds is this call's own if its definition, its workflow (where that was given by name)
  /// and its deployment (where given) equal what was sent; in place of `max_executions` what is left of them
  /// counts, where that is not more than was sent. Nobody can tell it from an equal schedule that somebody
  /// else created meanwhile. Without a `schedule_id` a request is sent again only if the server cannot have
  /// acted: after an error whose `server_may_have_acted()` is not `no`, `list` tells whether it is there.
  /// Errors: invalid_argument - a field of the definition that cannot be (an empty cron expression, a length
  ///         of time below 0), an id that is no UUID, members that exclude each other; api_error with status
  ///         409 - the id is taken; schedule_unknown_error - after a lost answer another definition was found
  ///         under the id
  /// Repeat: keyed with a `schedule_id`, else once; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<schedule_answer> create(schedule_create_request request) const;

  /// A schedule, with the starts to come and the latest ones.  [`GET /v1/workflows/schedules/{schedule_id}`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<schedule> get(std::string id) const;

  /// Deletes a schedule. A repeat after a lost answer may find it gone: errc::schedule_not_found with
  /// `server_may_have_acted()` not `no` then means that it is deleted.
  /// [`DELETE /v1/workflows/schedules/{schedule_id}`]
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> remove(std::string id) const;

  /// Changes a schedule: an absent member stays as it is, null is a value where the API has one.
  /// [`PATCH /v1/workflows/schedules/{schedule_id}`]
  /// Errors: invalid_argument - null for a list or for `policy`; otherwise as `create`
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<schedule_answer> update(std::string id, schedule_patch changes) const;

  /// Stops a schedule from starting anything.  [`POST /v1/workflows/schedules/{schedule_id}/pause`]
  /// `note`: why, for people to read.
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> pause(std::string id, std::optional<std::string> note = std::nullopt) const;

  /// Lets a paused schedule go on.  [`POST /v1/workflows/schedules/{schedule_id}/resume`]
  /// Repeat: repeatable; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> resume(std::string id, std::optional<std::string> note = std::nullopt) const;

  /// Starts the workflow now, besides the schedule. Sent again only if the server cannot have acted.
  /// [`POST /v1/workflows/schedules/{schedule_id}/trigger`]
  /// `overlap`: instead of the schedule's own policy.
  /// Repeat: once; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> trigger(std::string id,
                                       std::optional<schedule_overlap> overlap = std::nullopt) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
