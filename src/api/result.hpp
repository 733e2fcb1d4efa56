// Waiting for the end of an execution.
// Not the events on the way there: those are for who asks for a stream.
#pragma once

#include "session/call/call.hpp"
#include "session/follow/stream.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows::api {

using instant = std::chrono::steady_clock::time_point;
using end_session = session::stream_session<session::end_news>;

/// The execution when the waiting was over, ended or not.
struct end_of_execution {
  end_of_execution() = default;

  bool over = false;    ///< it has ended, and no other run goes on
  execution state;      ///< as the last GET had it; as new where none was answered
  std::string failure;  ///< what the failure event of that run said, where one was seen; why else the wait
                        ///< was in vain
};

/// `part_of`: the operation that this is a part of.
boost::asio::awaitable<execution> get_execution(session::client_handle handle, std::string id,
                                                session::begun_operation part_of);

/// A stream that is asked for nothing but its end. `lags_until`: of an execution that its caller has begun,
/// before this a GET that does not find it lags.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::shared_ptr<end_session> open_end_stream(
    std::shared_ptr<session::stream_host> host, std::string id, const result_options& options,
    std::chrono::milliseconds idle_limit, session::begun_operation part_of, instant lags_until = instant());

/// Follows it to its end, or until `give_up`: a GET at once, then events, each end confirmed by a GET. Throws
/// what keeps it from going on, as an error of `part_of`.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::asio::awaitable<end_of_execution> wait_for_end(
    std::shared_ptr<end_session> stream, result_options options, std::optional<instant> give_up,
    session::begun_operation part_of);
boost::asio::awaitable<end_of_execution> wait_for_end(session::client_handle handle, std::string id,
                                                      result_options options, std::optional<instant> give_up,
                                                      session::begun_operation part_of,
                                                      instant lags_until = instant());

/// The result of a completed execution; throws execution_error for one that ended otherwise.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT boost::json::value result_of(execution ended, const std::string& failure,
                                                               error_context context);

/// executions().result(). `begun_at`: when the caller's own start was answered.
boost::asio::awaitable<boost::json::value> result(session::client_handle handle, std::string id,
                                                  result_options options,
                                                  std::optional<instant> begun_at = std::nullopt);

}  // namespace mistral::workflows::api
