// What the tests of the public face share: a local server
// with workflows, a client of it, and running a coroutine.
// Nothing of the library's insides: these tests see what a user sees.
#pragma once

#include <mistral/workflows.hpp>
#include <mistral/workflows/testing/local_server.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace test {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wf = mistral::workflows;

/// "echo" returns its input; "gate" waits for the signal "go" (query "state", update
/// "set"); "fails" throws; "sleeps" sleeps for an hour; "again" continues as new until its
/// input is 0 ("elsewhere": under another execution id); "ticks" emits `count` events.
std::vector<wf::testing::workflow_definition> workflows();

/// A server and a client of it with short back-off.
class local {
 public:
  explicit local(wf::testing::local_server_options options = wf::testing::local_server_options());

  wf::client_options options() const;

  wf::testing::local_server server;
  asio::io_context io;
  wf::client client;

  /// Runs the context until nothing is left to do, and throws what
  /// the body threw. `run()` returning proves that nothing hangs.
  void run(std::function<asio::awaitable<void>()> body);

  /// The error that the body ends with.
  template <class Error>
  Error error_of(std::function<asio::awaitable<void>()> body) {
    try {
      run(std::move(body));
    } catch (const Error& e) {
      return e;
    }
    throw std::logic_error("no error came");
  }
};

}  // namespace test
