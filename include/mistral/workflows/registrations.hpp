// Registrations: the versions of workflows that workers have registered.
// Not the workflows themselves (workflows.hpp), which is what to execute.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/registration.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows {

/// Which registrations to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT registration_list_request {
 public:
  registration_list_request();
  registration_list_request(const registration_list_request&);
  registration_list_request(registration_list_request&&) noexcept;
  registration_list_request& operator=(const registration_list_request&);
  registration_list_request& operator=(registration_list_request&&) noexcept;
  ~registration_list_request();

  std::optional<std::string> workflow_id;           ///< a UUID
  std::optional<std::string> task_queue;            ///< deprecated by the API
  std::optional<bool> active_only;                  ///< server's default: false
  std::optional<bool> include_shared;               ///< server's default: true
  std::optional<std::string> workflow_search;       ///< by the workflow's name
  std::optional<bool> archived;                     ///< unset: both
  std::optional<bool> with_workflow;                ///< with the workflow of each; server's default: false
  std::optional<bool> available_in_chat_assistant;  ///< unset: both
  std::optional<int> limit;                         ///< 1 to 1000; server's default: 50
  std::optional<std::string> cursor;                ///< `registration_page::next_cursor` of the page before
};

/// How much of a registration to return. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT registration_get_request {
 public:
  registration_get_request();

  std::optional<bool> with_workflow;   ///< server's default: false
  std::optional<bool> include_shared;  ///< server's default: true
};

/// The operations on registrations. A cheap handle; made by `client::registrations()`.
///
/// `registration_id` is a UUID, else invalid_argument before anything is sent. Errors and cancellation as in
/// workflows_api.
class MISTRAL_WORKFLOWS_EXPORT registrations_api {
 public:
  /// Made by the library.
  explicit registrations_api(std::shared_ptr<const session::client_handle> handle);
  registrations_api(const registrations_api&);
  registrations_api& operator=(const registrations_api&);
  ~registrations_api();

  /// One page of registrations.  [`GET /v1/workflows/registrations`]
  /// Errors: invalid_argument - `workflow_id` or `limit`
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<registration_page> list(
      registration_list_request request = registration_list_request()) const;

  /// All registrations that fit the request, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: `workflow_id` or `limit`; decode_error - the pages lead in a
  ///         circle
  async_generator<workflow_registration> list_all(
      registration_list_request request = registration_list_request()) const;

  /// A registration.  [`GET /v1/workflows/registrations/{workflow_registration_id}`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflow_registration_with_status> get(
      std::string registration_id, registration_get_request request = registration_get_request()) const;

  /// Starts an execution of exactly this version and returns at once; started once, as by
  /// `workflows_api::execute`.
  /// [`POST /v1/workflows/registrations/{workflow_registration_id}/execute`]
  /// With an id of the caller's, an execution found after a lost answer counts as this call's own by its
  /// start time alone: the answer does not name the registration.
  /// Repeat: keyed; deadline: 60 s (`call_deadline`)
  [[deprecated("the API deprecates this operation: use workflows().execute")]]
  boost::asio::awaitable<started_execution> execute(std::string registration_id,
                                                    execute_request request = execute_request()) const;

  /// The same, waiting on the server for the result as `workflows_api::execute_and_wait` does.
  [[deprecated("the API deprecates this operation: use workflows().execute_and_wait")]]
  boost::asio::awaitable<execute_outcome> execute_and_wait(
      std::string registration_id, execute_request request = execute_request(),
      std::chrono::milliseconds timeout = std::chrono::minutes(5)) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
