// One execution: what `client::execution` gives and what `execute` returns.
// Nothing that `executions()` cannot do: the same operations without the id.
#pragma once

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/from_json.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows {

namespace session {
class client_handle;
}

/// Operations on one execution. A cheap handle; making one sends nothing, and destroying it leaves the
/// execution alone.
///
/// Errors and cancellation as in executions_api: an id that cannot be is refused when it is used. The handle
/// may be gone before an operation is awaited.
class MISTRAL_WORKFLOWS_EXPORT execution_handle {
 public:
  /// Of no execution: every operation is refused with invalid_argument.
  execution_handle();
  /// `run_id`: of the run that `cancel` and `terminate` mean; empty where it is not known. `begun_at`: when
  /// the start of the execution was answered, where the handle is of a start.
  execution_handle(std::shared_ptr<const session::client_handle> handle, std::string execution_id,
                   std::string run_id = std::string(),
                   std::optional<std::chrono::steady_clock::time_point> begun_at = std::nullopt);
  execution_handle(const execution_handle&);
  execution_handle(execution_handle&&) noexcept;
  execution_handle& operator=(const execution_handle&);
  execution_handle& operator=(execution_handle&&) noexcept;
  ~execution_handle();

  /// The execution id; empty for a handle of no execution.
  const std::string& id() const noexcept { return id_; }

  /// See executions_api::get.
  boost::asio::awaitable<execution> get(bool include_search_keys = false) const;

  /// See executions_api::history.
  boost::asio::awaitable<boost::json::value> history(bool decode_payloads = false) const;

  /// See executions_api::signal.
  boost::asio::awaitable<signal_answer> signal(signal_request request) const;

  /// See executions_api::query.
  boost::asio::awaitable<query_answer> query(query_request request) const;
  /// What the handler returned as a T; see executions_api::query.
  template <class T>
  boost::asio::awaitable<T> query(query_request request) const {
    return api().query<T>(id_, std::move(request));
  }

  /// See executions_api::update.
  boost::asio::awaitable<update_answer> update(update_request request) const;
  /// What the handler answered as a T; see executions_api::update.
  template <class T>
  boost::asio::awaitable<T> update(update_request request) const {
    return api().update<T>(id_, std::move(request));
  }

  /// See executions_api::cancel. A handle that `execute` returned means the run that it started.
  boost::asio::awaitable<void> cancel() const;

  /// See executions_api::terminate. As for `cancel`.
  boost::asio::awaitable<void> terminate() const;

  /// See executions_api::reset.
  boost::asio::awaitable<void> reset(reset_request request) const;

  /// The execution's events; see executions_api::stream.
  event_stream events(stream_options options = stream_options()) const;

  /// Waits for the end; see executions_api::result. On a handle that `execute` returned, a 404 is no error in
  /// the first 10 s behind that: GETs may lag behind the start.
  boost::asio::awaitable<boost::json::value> result(result_options options = result_options()) const;
  /// The result as a T; see from_json.hpp.
  template <class T>
  boost::asio::awaitable<T> result(result_options options = result_options()) const {
    return read_as<T>(result(options), "executions.result");
  }

 private:
  /// Throws invalid_argument where there is no execution.
  executions_api api() const;
  end_options run() const;

  std::shared_ptr<const session::client_handle> handle_;
  std::string id_;
  std::string run_id_;
  std::optional<std::chrono::steady_clock::time_point> begun_at_;
};

}  // namespace mistral::workflows
