// What a task does with an exception that it ran into: whether it ends the task, and what it says to people.
// Not whose fault it is: bulk/blame.hpp.
#pragma once

#include <boost/asio/cancellation_state.hpp>
#include <boost/system/error_code.hpp>

#include <exception>
#include <string>

namespace mistral::workflows::bulk_run {

/// Whether it is of no single job or request: the client is closed, or the task was cancelled (`own`: its
/// state). An operation_aborted that comes otherwise, from a key supplier for example, is a failure like any
/// other.
bool ends_the_task(const std::exception_ptr& failure, const boost::asio::cancellation_state& own);

/// Also of what is no error of this library: what a key supplier throws comes as it is.
std::string text_of(const std::exception_ptr& failure);

/// permission_denied, as of a call whose key supplier failed, where the exception has no code.
boost::system::error_code code_of(const std::exception_ptr& failure);

}  // namespace mistral::workflows::bulk_run
