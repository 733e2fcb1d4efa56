// Events across executions: live with filters, or page by page.
// Not the events of one execution as it goes: `executions().stream` knows when that ends.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/raw_event.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// Whose events a stream shows.
enum class event_scope {
  any,       ///< both; the default
  activity,  ///< events of activities
  workflow,  ///< events of workflows
};

/// Which events to stream: those that fit every member. Unset members, and "*", fit all and are not sent.
class MISTRAL_WORKFLOWS_EXPORT event_stream_request {
 public:
  event_stream_request();
  event_stream_request(const event_stream_request&);
  event_stream_request(event_stream_request&&) noexcept;
  event_stream_request& operator=(const event_stream_request&);
  event_stream_request& operator=(event_stream_request&&) noexcept;
  ~event_stream_request();

  event_scope scope = event_scope::any;                ///< of activities, of workflows, or of both
  std::optional<std::string> activity_name;            ///< unset: any
  std::optional<std::string> activity_id;              ///< unset: any
  std::optional<std::string> workflow_name;            ///< unset: any
  std::optional<std::string> workflow_exec_id;         ///< an execution id
  std::optional<std::string> root_workflow_exec_id;    ///< the execution at the root, for all that it started
  std::optional<std::string> parent_workflow_exec_id;  ///< the execution that started it
  std::optional<std::string> stream;                   ///< `stream_event::stream`
  std::vector<open_enum<workflow_event_type>> workflow_event_types;  ///< one of these; empty: any
  boost::json::object metadata_filters;  ///< values that `stream_event::metadata` must have; empty: any

  /// Begin with this `stream_event::broker_sequence`, inclusive, 0 or more; 0 or unset: as the server has it.
  /// Used until an event was handed over. Not together with `stream_options::from`.
  std::optional<std::int64_t> start_seq;
};

/// Which events to list. Unset members are not sent: the server's defaults hold.
class MISTRAL_WORKFLOWS_EXPORT event_list_request {
 public:
  event_list_request();
  event_list_request(const event_list_request&);
  event_list_request(event_list_request&&) noexcept;
  event_list_request& operator=(const event_list_request&);
  event_list_request& operator=(event_list_request&&) noexcept;
  ~event_list_request();

  std::optional<std::string> root_workflow_exec_id;  ///< the execution at the root of the chain
  std::optional<std::string> workflow_exec_id;       ///< an execution id; unset: any
  std::optional<std::string> workflow_run_id;        ///< a run id; unset: any
  std::optional<int> limit;                          ///< events of a page, 1 to 1000; server's default: 100
  std::optional<std::string> cursor;                 ///< `event_page::next_cursor` of the page before
};

/// The operations on events. A cheap handle; made by `client::events()`. Errors and cancellation as in
/// executions_api.
class MISTRAL_WORKFLOWS_EXPORT events_api {
 public:
  /// Made by the library.
  explicit events_api(std::shared_ptr<const session::client_handle> handle);
  events_api(const events_api&);
  events_api& operator=(const events_api&);
  ~events_api();

  /// Events of all executions that fit the request, live and through disconnects; see event_stream.hpp. Does
  /// not end by itself, whatever ends on the server, but for a 204: close it, or stop asking.
  /// `stream_options::source`, `status_check`, `drain_time`, `missing_after`, `on_missing_event` and
  /// `follow_continue_as_new` have no meaning here.  [`GET /v1/workflows/events/stream`]
  /// Errors: invalid_argument - thrown here: a negative `start_seq`, or `start_seq` and `from` together;
  ///         options that cannot be
  /// Repeat: read; deadline: none
  event_stream stream(event_stream_request request = event_stream_request(),
                      stream_options options = stream_options()) const;

  /// The same with the events left as they came, for those who use a few of many: an event costs a small part
  /// of what decoding it would; see raw_event.hpp.  [`GET /v1/workflows/events/stream`]
  /// Errors, Repeat: as `stream`
  raw_event_stream stream_raw(event_stream_request request = event_stream_request(),
                              stream_options options = stream_options()) const;

  /// One page of stored events.  [`GET /v1/workflows/events/list`]
  /// Errors: invalid_argument - a member out of its range
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<event_page> list(event_list_request request = event_list_request()) const;

  /// All stored events that fit the request, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: a member out of its range; decode_error - the pages lead in a
  ///         circle
  async_generator<workflow_event> list_all(event_list_request request = event_list_request()) const;

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
