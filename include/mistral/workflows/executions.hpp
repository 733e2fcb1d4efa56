// Executions: reading them, talking to them, ending them, following them.
// Not starting them (workflows.hpp), and not their single runs (runs.hpp).
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/batch.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/from_json.hpp>
#include <mistral/workflows/log_stream.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/execution_requests.hpp>
#include <mistral/workflows/model/invocation.hpp>
#include <mistral/workflows/model/log.hpp>
#include <mistral/workflows/model/otel_trace.hpp>
#include <mistral/workflows/model/timestamp.hpp>
#include <mistral/workflows/model/trace.hpp>
#include <mistral/workflows/raw_event.hpp>
#include <mistral/workflows/sort_order.hpp>
#include <mistral/workflows/stream_options.hpp>
#include <mistral/workflows/unknown_outcome.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// An execution ended as something else than COMPLETED; `code()` is errc::execution_failed.
class MISTRAL_WORKFLOWS_EXPORT execution_error : public error {
 public:
  /// Made by the library.
  execution_error(workflows::execution ended, const std::string& failure, error_context context);
  ~execution_error() override;
  execution_error(const execution_error&);
  execution_error& operator=(const execution_error&);

  /// FAILED, CANCELED, TERMINATED, TIMED_OUT or CONTINUED_AS_NEW.
  const open_enum<execution_status>& status() const noexcept { return *ended_->status; }
  /// The execution as the GET had it that told of the end.
  const workflows::execution& execution() const noexcept { return *ended_; }
  /// What the workflow's failure says, where an event brought it. Of CONTINUED_AS_NEW that was to be
  /// followed: that the next run, and after which one, did not appear. Else empty.
  const std::string& failure() const noexcept { return failure_; }

 private:
  std::shared_ptr<const workflows::execution> ended_;
  std::string failure_;
};

/// The operations on executions. A cheap handle; made by `client::executions()`.
///
/// `id` is an execution id throughout: 1 to 256 characters, not "." or "..", else invalid_argument before
/// anything is sent. Signal, query, update, cancel and terminate act on the latest run, and end with
/// errc::execution_not_running once it ended.
/// Errors common to all: api_error (errc::not_found for an unknown id), transport_error, timeout_error,
/// cancelled_error, decode_error; see error.hpp.
/// Cancel: as the class `client` says.
class MISTRAL_WORKFLOWS_EXPORT executions_api {
 public:
  /// Made by the library.
  explicit executions_api(std::shared_ptr<const session::client_handle> handle);
  executions_api(const executions_api&);
  executions_api& operator=(const executions_api&);
  ~executions_api();

  /// The execution as its latest run has it.  [`GET /v1/workflows/executions/{execution_id}`]
  /// `include_search_keys`: with `execution::search_keys`.
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<execution> get(std::string id, bool include_search_keys = false) const;

  /// Its history as the API has it, any JSON, up to 50 MB.  [`GET .../{execution_id}/history`]
  /// `decode_payloads`: let the server decode payloads.
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<boost::json::value> history(std::string id, bool decode_payloads = false) const;

  /// Leaves a message to the execution and returns when it is stored, not when it is seen. Sent again only if
  /// the server cannot have stored it.  [`POST .../{execution_id}/signals`]
  /// Errors: invalid_argument - the input is no object; errc::execution_not_running
  /// Repeat: once; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<signal_answer> signal(std::string id, signal_request request) const;

  /// Asks the execution something; changes nothing. The result is what the handler returned.
  /// [`POST .../{execution_id}/queries`]
  /// Errors: as `signal`; errc::invalid_request - the input does not fit what the handler declares
  /// Repeat: read; deadline: 120 s (`handler_deadline`)
  boost::asio::awaitable<query_answer> query(std::string id, query_request request) const;
  /// What the handler returned as a T; see from_json.hpp.
  /// Errors: decode_error - it is no T; `path()` points at what does not fit
  template <class T>
  boost::asio::awaitable<T> query(std::string id, query_request request) const {
    return read_as<T>(query(std::move(id), std::move(request)), "executions.query");
  }

  /// Changes the execution and returns what the handler answers. Sent again only if the server cannot have
  /// acted.
  /// [`POST .../{execution_id}/updates`]
  /// Errors: as `query`
  /// Repeat: once; deadline: 120 s (`handler_deadline`)
  boost::asio::awaitable<update_answer> update(std::string id, update_request request) const;
  /// What the handler answered as a T; see from_json.hpp.
  /// Errors: decode_error - it is no T, and the execution has been changed nevertheless
  template <class T>
  boost::asio::awaitable<T> update(std::string id, update_request request) const {
    return read_as<T>(update(std::move(id), std::move(request)), "executions.update");
  }

  /// Asks the execution to end; it may clean up first and is CANCELED later.
  /// [`POST .../{execution_id}/cancel`]
  /// After a lost answer a GET looks before each repeat, and permits it
  /// 250 ms long, a second after it was sent at most: a run that has ended meanwhile counts as cancelled,
  /// although it may have ended by itself. What is left open: a newer run that begins between that look and
  /// the repeat's arrival, and a request that is so late that it meets a newer run.
  /// Errors: errc::execution_not_running; ending_unknown_error; invalid_argument - `options.run_id` is no
  ///         UUID
  /// Repeat: ending; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> cancel(std::string id, end_options options = end_options()) const;

  /// Ends the execution at once; no event tells of it.  [`POST .../{execution_id}/terminate`]
  /// A repeat is handled as in `cancel`.
  /// Errors: as `cancel`
  /// Repeat: ending; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> terminate(std::string id, end_options options = end_options()) const;

  /// Cancels executions, with a request for each 100 of them, one after the other; an id that stands there
  /// twice is sent once. One deadline covers them all. Once a request may have acted, or was refused for
  /// good, nothing is thrown: what became of each id is in the outcome. A request that fails is not the end,
  /// the others are sent too, unless the client was closed. After a lost answer each id of the request is
  /// looked at by a GET, as in `cancel`: at most eight of a client's are under way, and only ids whose run
  /// still goes on are sent again, within a second of their look; what a look cannot decide is `unknown`.
  /// [`POST .../cancel`]
  /// Errors: invalid_argument - no ids, or one that no execution can have; otherwise only what kept the first
  ///         request from being sent, or from being sent again where it was refused for the time being
  /// Cancel: as the class `client` says for the request under way; then no other is sent, and the outcome is
  ///         returned
  /// Repeat: ending; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<batch_outcome> batch_cancel(std::vector<std::string> ids) const;
  /// The same with the runs that are meant, where they are known.
  /// Errors: also invalid_argument - a run id is no UUID, or an execution stands there with two
  boost::asio::awaitable<batch_outcome> batch_cancel(std::vector<batch_target> targets) const;

  /// Terminates executions in the same way.  [`POST .../terminate`]
  /// Errors, Cancel: as `batch_cancel`
  /// Repeat: ending; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<batch_outcome> batch_terminate(std::vector<std::string> ids) const;
  /// Terminates executions in the same way.
  boost::asio::awaitable<batch_outcome> batch_terminate(std::vector<batch_target> targets) const;

  /// Ends the current run as TERMINATED and starts a new one under the same id from a point of its history.
  /// [`POST .../{execution_id}/reset`]
  /// Errors: errc::invalid_request - that event is no point to reset to; details().body has
  ///         `valid_reset_events`
  /// Repeat: once; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<void> reset(std::string id, reset_request request) const;

  /// The execution's events, live and through disconnects, from the first event on; see event_stream.hpp.
  /// [`GET .../{execution_id}/stream`]
  /// Errors: invalid_argument - thrown here: an id or option that cannot be
  /// Repeat: read; deadline: none
  event_stream stream(std::string id, stream_options options = stream_options()) const;

  /// The same events as text, decoded only where the caller asks for it; see raw_event.hpp.
  /// Errors: as `stream`
  raw_event_stream stream_raw(std::string id, stream_options options = stream_options()) const;

  /// Whether there is a trace.  [`GET .../{execution_id}/trace/info`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<workflows::trace_info> trace_info(std::string id) const;

  /// The execution with its OpenTelemetry trace.  [`GET .../{execution_id}/trace/otel`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<execution_otel_trace> trace_otel(std::string id) const;

  /// The execution with its spans as a tree.  [`GET .../{execution_id}/trace/summary`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<execution_trace_summary> trace_summary(std::string id) const;

  /// The execution with the events of its trace.  [`GET .../{execution_id}/trace/events`]
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<execution_trace_events> trace_events(
      std::string id, trace_events_request request = trace_events_request()) const;

  /// One page of log records.  [`GET .../{execution_id}/logs`]
  /// Errors: invalid_argument - `run_id`, `activity_id` or `limit`
  /// Repeat: read; deadline: 60 s (`call_deadline`)
  boost::asio::awaitable<log_page> logs(std::string id,
                                        execution_logs_request request = execution_logs_request()) const;

  /// All log records that fit the request, page by page as they are asked for, from `cursor` on.
  /// Errors: invalid_argument - thrown here: the id, `run_id`, `activity_id` or `limit`; decode_error - the
  ///         pages lead in a circle
  async_generator<log_record> logs_all(std::string id,
                                       execution_logs_request request = execution_logs_request()) const;

  /// The execution's log, live and through disconnects, from its first record on; see log_stream.hpp. It ends
  /// when the execution has ended and the log is silent; a GET asks for that every
  /// `stream_options::status_check`, as no record tells. `stream_options::source`, `follow_continue_as_new`,
  /// `missing_after` and `on_missing_event` have no meaning here. [`GET .../{execution_id}/logs/stream`]
  /// Errors: invalid_argument - thrown here: an id, a member of the request or an option that cannot be
  /// Repeat: read; deadline: none
  log_stream stream_logs(std::string id, log_stream_request request = log_stream_request(),
                         stream_options options = stream_options()) const;

  /// Waits for the end and returns the result. A GET asks at once; while the execution runs, its events are
  /// followed, and each end is confirmed by a GET. TERMINATED is confirmed by a second one a second later (a
  /// reset ends a run so, too, and goes on); of a FAILED execution the event with its text is waited for, 2 s
  /// at most. GETs and connections that fail for a reason that may pass are made again for 10 min without a
  /// sign of life (`stream_options::reconnect_budget`).
  /// A 404 ends it where it has not been seen yet; behind that one that is not the API's own (JSON with
  /// WF_1100) is such a reason, and the API's own says that the execution has expired.
  /// Errors: execution_error - it ended as something else than COMPLETED, or was continued as new and the
  ///         next run did not appear within 60 s; timeout_error - `result_options::deadline` passed;
  ///         api_error - the GET is refused for good (401, 403, 404, WF_1302, ...); stream_failure - no sign
  ///         of life for too long, or (stream_incomplete, after 60 s) it ran and has then expired
  /// Cancel: any type: waiting changes nothing on the server
  boost::asio::awaitable<boost::json::value> result(std::string id,
                                                    result_options options = result_options()) const;
  /// The result as a T, for example a struct of yours with BOOST_DESCRIBE_STRUCT; see from_json.hpp.
  /// Errors: decode_error - it is no T; `path()` points at what does not fit
  template <class T>
  boost::asio::awaitable<T> result(std::string id, result_options options = result_options()) const {
    return read_as<T>(result(std::move(id), options), "executions.result");
  }

 private:
  std::shared_ptr<const session::client_handle> handle_;
};

}  // namespace mistral::workflows
