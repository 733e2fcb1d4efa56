// Which variables of the environment name a proxy: as the installed curl has it, and how errors name them.
#include "net/client_support.hpp"

#include "session/client/proxy_choice.hpp"

#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace test;

namespace {

const std::vector<std::string> naming_proxies = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
                                                 "http_proxy"};
const std::vector<std::string> exempting = {"no_proxy", "NO_PROXY"};

/// Hears who comes, and says nothing.
raw_server::script silent() {
  return [](peer&) {};
}

/// Nothing of proxies, key and server in the environment, before and after.
struct clean_environment {
  clean_environment() { clear(); }
  ~clean_environment() { clear(); }
  static void clear() {
    for (const auto* const names : {&naming_proxies, &exempting})
      for (const std::string& name : *names) ::unsetenv(name.c_str());
    for (const char* const name : {"HTTP_PROXY", "MISTRAL_API_KEY", "MISTRAL_SERVER_URL"}) ::unsetenv(name);
  }
};

/// nullopt: unset.
void put(const std::string& name, const std::optional<std::string>& value) {
  if (value)
    ::setenv(name.c_str(), value->c_str(), 1);
  else
    ::unsetenv(name.c_str());
}

/// False: there is no such program.
bool ran(std::vector<std::string> words) {
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t child = 0;
  if (::posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0) return false;
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

/// A server, and a proxy for each variable that can name one; all of them only count who comes.
class listeners {
 public:
  listeners() {
    for (const std::string& name : naming_proxies)
      all_[name] = std::make_unique<raw_server>(silent(), plain());
    all_["nobody in between"] = std::make_unique<raw_server>(silent(), plain());
  }

  std::string proxy(const std::string& name) const {
    return "http://127.0.0.1:" + std::to_string(all_.at(name)->port());
  }
  std::string server(const std::string& scheme) const {
    return scheme + "localhost:" + std::to_string(all_.at("nobody in between")->port());
  }

  std::string asked_by_curl() {
    const auto before = counts();
    ran({"curl", "-q", "-s", "-o", "/dev/null", "--ipv4", "--max-time", "20", server("https://")});
    for (const auto& [name, count] : counts())
      if (count > before.at(name)) return name;
    return "nobody at all";
  }

  std::string asked_by_us(const std::string& scheme) const {
    const auto url = wf::protocol::parse_server_url(server(scheme), false, "server");
    const net::proxy_options chosen = wf::session::choose_proxy(wf::proxy_options(), url);
    if (chosen.host.empty()) return "nobody in between";
    BOOST_TEST(chosen.port == all_.at(chosen.named_by)->port());
    return chosen.named_by;
  }

 private:
  std::map<std::string, std::unique_ptr<raw_server>> all_;

  std::map<std::string, int> counts() const {
    std::map<std::string, int> out;
    for (const auto& [name, one] : all_) out[name] = one->connections();
    return out;
  }
};

void compare(listeners& all) {
  std::string setting;
  for (const auto* const names : {&naming_proxies, &exempting})
    for (const std::string& name : *names)
      if (const char* const value = std::getenv(name.c_str())) setting += name + "=" + value + " ";
  BOOST_TEST_CONTEXT("with " << setting) {
    BOOST_TEST(all.asked_by_us("https://") == all.asked_by_curl());
    BOOST_TEST(all.asked_by_us("http://") == "nobody in between");  // the proxy would see the key
  }
}

bool curl_is_there() {
  if (ran({"curl", "-q", "-s", "-o", "/dev/null", "--max-time", "5", "http://127.0.0.1:1/"})) return true;
  std::cerr << "SKIPPED: no curl is installed to compare the choice of a proxy with\n";
  return false;
}

client_failure failure_from_environment() {
  wf::client_options options;
  options.proxy.from_environment = true;
  options.retry.max_attempts = 1;
  asio::io_context io;
  return failure_of_get(io, wf::client(io, options));
}

std::string refusal_from_environment(const std::string& field) {
  std::string what;
  try {
    failure_from_environment();
  } catch (const wf::invalid_argument& problem) {
    BOOST_TEST(problem.field() == field);
    what = problem.what();
  }
  BOOST_TEST(what.find("client_options") == std::string::npos, what);
  BOOST_TEST(what.find("hunter2") == std::string::npos, what);
  return what;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(proxy_environment, clean_environment)

BOOST_AUTO_TEST_CASE(the_proxy_is_the_one_that_curl_takes_however_the_variables_are_set) {
  if (!curl_is_there()) return;
  listeners all;
  for (int combination = 0; combination < 3 * 3 * 3 * 3; ++combination) {
    int rest = combination;
    for (std::size_t at = 0; at < 4; ++at, rest /= 3) {
      const std::string& name = naming_proxies[at];
      const std::array<std::optional<std::string>, 3> values = {std::nullopt, std::string(), all.proxy(name)};
      put(name, values[static_cast<std::size_t>(rest % 3)]);
    }
    put("http_proxy",
        combination % 2 == 0 ? std::optional<std::string>(all.proxy("http_proxy")) : std::nullopt);
    compare(all);
  }
}

BOOST_AUTO_TEST_CASE(the_exempt_hosts_are_those_that_curl_exempts_however_the_variables_are_set) {
  if (!curl_is_there()) return;
  listeners all;
  const std::array<std::optional<std::string>, 5> values = {std::nullopt, "", "localhost", "other.example",
                                                            "*"};
  for (const std::string named : {"HTTPS_PROXY", "all_proxy"}) {
    clean_environment::clear();
    put(named, all.proxy(named));
    for (const auto& lower : values) {
      for (const auto& upper : values) {
        put("no_proxy", lower);
        put("NO_PROXY", upper);
        compare(all);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_value_from_the_environment_that_cannot_work_is_refused_by_the_name_of_its_variable) {
  put("MISTRAL_API_KEY", "hunter2 \n");
  BOOST_TEST(refusal_from_environment("MISTRAL_API_KEY").find("API key") != std::string::npos);
  put("MISTRAL_API_KEY", "k");
  for (const char* const url :
       {"no url", "http://api.mistral.ai", "https://hunter2@localhost", "https://localhost:0"}) {
    put("MISTRAL_SERVER_URL", url);
    BOOST_TEST(refusal_from_environment("MISTRAL_SERVER_URL").starts_with("MISTRAL_SERVER_URL "));
  }
  put("MISTRAL_SERVER_URL", "https://localhost:1");
  for (const char* const name : {"ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"}) {
    put(name, "socks5://hunter2@localhost");
    BOOST_TEST(refusal_from_environment(name).starts_with(std::string(name) + " "));
  }
}

BOOST_AUTO_TEST_CASE(a_key_from_the_environment_that_is_refused_is_named_with_its_variable) {
  const std::string came_from = "(the API key came from MISTRAL_API_KEY)";
  std::atomic<int> status{401};
  raw_server server(
      [&status](peer& client) {
        client.read_request();
        client.write(answer(status, "{}", "Content-Type: application/json\r\nConnection: close\r\n"));
      },
      plain());
  put("MISTRAL_SERVER_URL", "http://localhost:" + std::to_string(server.port()));
  put("MISTRAL_API_KEY", "secret-of-the-environment");
  const client_failure refused = failure_from_environment();
  BOOST_TEST(refused.what.find(came_from) != std::string::npos, refused.what);
  BOOST_TEST(refused.details.key_variable == "MISTRAL_API_KEY");
  asio::io_context io;
  const wf::client client(io, wf::client_options());
  auto stream = client.executions().stream("e1");
  std::string said;
  run(io, [&]() -> asio::awaitable<void> {
    try {
      co_await stream.next();
    } catch (const wf::api_error& e) {
      said = e.what();
    }
  });
  BOOST_TEST(said.find(came_from) != std::string::npos, said);
  BOOST_TEST(said.find("secret") == std::string::npos, said);
  const client_failure of_options = failure_of_get(io, wf::client(io, options_for(server, false)));
  BOOST_TEST(of_options.status == 401);
  BOOST_TEST(of_options.what.find("MISTRAL_API_KEY") == std::string::npos, of_options.what);
  status = 403;
  BOOST_TEST(failure_from_environment().details.key_variable.empty());
}

BOOST_AUTO_TEST_CASE(a_proxy_from_the_environment_that_fails_is_named_with_its_variable) {
  raw_server proxy(silent(), plain());
  put("MISTRAL_SERVER_URL", "https://api.example");
  put("HTTPS_PROXY", "127.0.0.1:" + std::to_string(proxy.port()));
  const auto problem = failure_from_environment();
  const std::string name = "proxy 127.0.0.1:" + std::to_string(proxy.port()) + " (HTTPS_PROXY)";
  BOOST_TEST(problem.what.find(name) != std::string::npos, problem.what);
}

BOOST_AUTO_TEST_SUITE_END()
