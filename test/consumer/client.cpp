// What a program does with the client alone, at its smallest: nobody listens, and it is told so.
// Not a test of behaviour: it shows that the client links without the local server.
#include <mistral/workflows.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <iostream>

namespace asio = boost::asio;
namespace wf = mistral::workflows;

namespace {

asio::awaitable<void> ask_where_nobody_listens(wf::client client, bool& caught) {
  try {
    co_await client.executions().get("no-such-execution");
  } catch (const wf::transport_error& error) {
    std::cout << error.what() << '\n';
    caught = true;
  }
}

}  // namespace

int main() {
  wf::client_options options;
  options.api_key = "not-a-key";
  options.server_url = "https://127.0.0.1:1";
  options.retry.max_attempts = 1;

  asio::io_context context;
  bool caught = false;
  asio::co_spawn(context, ask_where_nobody_listens(wf::client(context, options), caught),
                 [](std::exception_ptr failure) {
                   if (failure) std::rethrow_exception(failure);
                 });
  context.run();
  return caught ? 0 : 1;
}
