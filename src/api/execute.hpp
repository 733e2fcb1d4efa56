// Starting an execution, and starting it with the server waiting for its end.
// Not how a lost answer is dealt with (session/doubt/start.hpp).
#pragma once

#include "protocol/http/operation.hpp"
#include "session/client/client_state.hpp"

#include <mistral/workflows/workflows.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace mistral::workflows::api {

/// What is to be started: a workflow, by name or UUID, or one registration of it.
class start_target {
 public:
  static start_target workflow(std::string name_or_id) {
    return start_target(protocol::operation::workflows_execute, std::move(name_or_id));
  }
  static start_target registration(std::string id) {
    return start_target(protocol::operation::registrations_execute, std::move(id));
  }

  protocol::operation op;
  std::string id;

 private:
  start_target(protocol::operation operation, std::string what) : op(operation), id(std::move(what)) {}
};

boost::asio::awaitable<started_execution> execute(session::client_handle handle, start_target target,
                                                  execute_request request);

boost::asio::awaitable<execute_outcome> execute_and_wait(session::client_handle handle, start_target target,
                                                         execute_request request,
                                                         std::chrono::milliseconds timeout);

}  // namespace mistral::workflows::api
