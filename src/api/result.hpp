// Waiting for the end of an execution.
// Not the events on the way there: those are for who asks for a stream.
#pragma once

#include "session/call/call.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::api {

using instant = std::chrono::steady_clock::time_point;

/// The execution when the waiting was over, ended or not.
struct end_of_execution {
  end_of_execution() = default;

  execution state;
  std::string failure;  ///< what the failure event said, where one was seen
};

/// `part_of`: the operation that this is a part of.
boost::asio::awaitable<execution> get_execution(session::client_handle handle, std::string id,
                                                session::begun_operation part_of);

/// A GET at once, then the execution's events, each end confirmed by a GET. Returns the state at `give_up` if it has not ended
/// by then.
boost::asio::awaitable<end_of_execution> wait_for_end(session::client_handle handle, std::string id,
                                                      result_options options, std::optional<instant> give_up,
                                                      session::begun_operation part_of);

/// The result of a completed execution; throws execution_error for one that ended otherwise.
boost::json::value result_of(execution ended, const std::string& failure, error_context context);

/// executions().result().
boost::asio::awaitable<boost::json::value> result(session::client_handle handle, std::string id,
                                                  result_options options);

}  // namespace mistral::workflows::api
