// What the tests of starts in doubt share: a scripted server, starts under an id or without one, what they
// end with. Not which starts are in doubt: whole_calls.cpp, after_a_start.cpp.
#pragma once

#include "session/script.hpp"

#include <mistral/workflows/workflows.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>
#include <utility>

namespace test {

inline constexpr const char* noon = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n";

struct doubtful_starts : with_script {
  wf::started_execution start(wf::client_options options = wf::client_options(),
                              wf::execute_request request = wf::execute_request()) {
    wf::started_execution out;
    const wf::workflows_api workflows(server.client(std::move(options)));
    run(io, [&]() -> asio::awaitable<void> { out = co_await workflows.execute("ticket", request); });
    return out;
  }
  template <class Error>
  Error start_fails(wf::client_options options = wf::client_options(),
                    wf::execute_request request = wf::execute_request()) {
    const wf::workflows_api workflows(server.client(std::move(options)));
    return error_of<Error>(
        io, [&]() -> asio::awaitable<void> { co_await workflows.execute("ticket", std::move(request)); });
  }
  int posts() const {
    int out = 0;
    for (const std::string& request : server.requests) out += request.starts_with("POST");
    return out;
  }
};

inline wf::execute_request under(const std::string& id, wf::if_exists existing = wf::if_exists::fail) {
  wf::execute_request out;
  out.execution_id = id;
  out.if_exists = existing;
  return out;
}

}  // namespace test
