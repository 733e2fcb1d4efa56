// Runs the local Workflows server in the foreground, with a few
// sample workflows, so that any client can be tried against it.
#include "sample_workflows.hpp"

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <charconv>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>

namespace wft = mistral::workflows::testing;

namespace {

constexpr std::string_view usage =
    "usage: dev_server [--port N] [--state DIR] [--ca FILE] [--key KEY] [--http]\n"
    "  --port N     the port on localhost; 0, the default, takes any that is free\n"
    "  --state DIR  keeps executions and events there, also across a kill\n"
    "  --ca FILE    where to write the certificate to trust; default ./dev_server_ca.pem\n"
    "  --key KEY    the API key to ask for; default: any, or none\n"
    "  --http       without TLS\n"
    "Ends on SIGINT and SIGTERM.\n";

struct command_line {
  command_line() = default;

  wft::local_server_options options;
  bool help = false;
  std::string wrong;  ///< empty: all was understood
};

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size();
}

command_line read(int count, char** arguments) {
  command_line made;
  made.options.ca_file = "dev_server_ca.pem";
  for (int i = 1; i < count && made.wrong.empty(); ++i) {
    const std::string_view flag = arguments[i];
    const char* value = i + 1 < count ? arguments[i + 1] : nullptr;
    if (flag == "--help") {
      made.help = true;
    } else if (flag == "--http") {
      made.options.tls = false;
    } else if (!value) {
      made.wrong = flag;
    } else {
      ++i;
      if (flag == "--state")
        made.options.state_folder = value;
      else if (flag == "--ca")
        made.options.ca_file = value;
      else if (flag == "--key")
        made.options.api_key = value;
      else if (flag != "--port" || !read_port(value, made.options.port))
        made.wrong = std::string(flag) + ' ' + value;
    }
  }
  return made;
}

void print_how_to(const wft::local_server& server, const wft::local_server_options& options) {
  std::string curl = "curl";
  if (options.tls) curl += " --cacert " + options.ca_file.string();
  if (options.api_key) curl += " -H \"Authorization: Bearer $MISTRAL_API_KEY\"";
  const std::string api = server.url() + "/v1/workflows";
  const std::string post = " -H 'Content-Type: application/json' -d ";
  std::cout << "url " << server.url() << '\n';
  if (options.tls) std::cout << "ca " << std::filesystem::absolute(options.ca_file).string() << '\n';
  if (!options.state_folder.empty())
    std::cout << "state " << std::filesystem::absolute(options.state_folder).string() << '\n';
  std::cout << "\nTry:\n"
            << "  " << curl << ' ' << api << '\n'
            << "  " << curl << ' ' << api << "/support-workflow/execute" << post
            << "'{\"execution_id\": \"demo\", \"input\": {\"ticket\": \"T-1\", \"pace_ms\": 300}}'\n"
            << "  " << curl << " -N " << api << "/executions/demo/stream\n"
            << "  " << curl << ' ' << api << "/executions/demo/queries" << post
            << "'{\"name\": \"status\"}'\n"
            << "  " << curl << ' ' << api << "/executions/demo/updates" << post
            << "'{\"name\": \"set_priority\", \"input\": {\"priority\": \"high\"}}'\n"
            << "  " << curl << ' ' << api << "/executions/demo/signals" << post
            << "'{\"name\": \"approve\", \"input\": {\"by\": \"Grace\"}}'\n"
            << "  " << curl << ' ' << api << "/executions/demo\n"
            << "\nAlso: echo, ticker, failing, sleeper.\nready\n"
            << std::flush;
}

}  // namespace

int main(int count, char** arguments) {
  command_line wanted = read(count, arguments);
  if (wanted.help) {
    std::cout << usage;
    return 0;
  }
  if (!wanted.wrong.empty()) {
    std::cerr << "dev_server: not understood: " << wanted.wrong << '\n' << usage;
    return 2;
  }
  try {
    wanted.options.workflows = sample::workflows();
    boost::asio::io_context io;
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    const wft::local_server server(wanted.options);
    print_how_to(server, wanted.options);
    signals.async_wait([](boost::system::error_code, int) {});
    io.run();
    return 0;
  } catch (const std::exception& failure) {
    std::cerr << "dev_server: " << failure.what() << '\n';
    return 1;
  }
}
