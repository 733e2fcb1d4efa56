// What a user's program does with the library, at its smallest: a call that fails is caught as its own type.
// Not a test of behaviour: it shows that both libraries link, and
// that types keep their identity across the library boundary.
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>

namespace asio = boost::asio;
namespace wf = mistral::workflows;

namespace {

asio::awaitable<void> ask_for_what_is_not_there(wf::client client, bool& caught) {
  try {
    co_await client.executions().get("no-such-execution");
  } catch (const wf::api_error& error) {
    std::cout << error.what() << '\n';
    caught = error.status() == 404 && error.code() == wf::errc::workflow_not_found;
  }
}

}  // namespace

int main() {
  wf::testing::local_server server;
  wf::client_options options;
  options.api_key = "not-a-key";
  options.server_url = server.url();
  options.tls.ca_pem = server.ca_pem();

  asio::io_context context;
  bool caught = false;
  asio::co_spawn(context, ask_for_what_is_not_there(wf::client(context, options), caught),
                 [](std::exception_ptr failure) {
                   if (failure) std::rethrow_exception(failure);
                 });
  context.run();
  return caught ? 0 : 1;
}
