// A whole client through a proxy on loopback whose every
// byte the tests decide; and names that nobody looks up.
#include "net/client_support.hpp"

#include <chrono>
#include <cstdlib>
#include <future>
#include <mutex>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// Opens a tunnel to `to` for whoever asks, and keeps what was asked.
class tunnelling_proxy {
 public:
  explicit tunnelling_proxy(std::uint16_t to, const std::string& headers = "Proxy-Agent: test\r\n")
      : server_(
            [this, to, headers](peer& client) {
              {
                const std::lock_guard lock(mutex_);
                asked_.push_back(client.read_request());
              }
              client.write("HTTP/1.1 200 Connection established\r\n" + headers + "\r\n");
              client.relay(to);
            },
            plain()) {}

  std::string url(const std::string& credentials = std::string()) const {
    return "http://" + credentials + "localhost:" + std::to_string(server_.port());
  }
  int connections() const { return server_.connections(); }
  std::vector<std::string> asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> asked_;
  raw_server server_;
};

void set_environment(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

struct clean_environment {
  clean_environment() { clear(); }
  ~clean_environment() { clear(); }
  static void clear() {
    for (const char* const name :
         {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"})
      ::unsetenv(name);
  }
};

void get_works(const wf::client_options& options) {
  asio::io_context io;
  const wf::client client(io, options);
  const auto problem = failure_of_get(io, client);
  BOOST_TEST(problem.type == "", problem.what);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(through_proxy, clean_environment)

BOOST_AUTO_TEST_CASE(
    a_call_goes_through_the_tunnel_with_tls_to_the_server_and_basic_credentials_to_the_proxy) {
  raw_server server(always(answer(200, execution_body())));
  tunnelling_proxy proxy(server.port());
  wf::client_options options = options_for(server, true);
  options.proxy.url = proxy.url("Aladdin:open%20sesame@");
  get_works(options);
  const std::string host = "localhost:" + std::to_string(server.port());
  BOOST_TEST(proxy.asked() == std::vector<std::string>{"CONNECT " + host + " HTTP/1.1\r\nHost: " + host +
                                                       "\r\nProxy-Authorization: Basic "
                                                       "QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_proxy_for_a_plain_http_server_is_refused_as_it_would_see_the_key) {
  raw_server server(always(answer(200, execution_body())), plain());
  wf::client_options options = options_for(server, false);
  options.proxy.url = "http://localhost:1";
  options.allow_insecure_http = true;
  asio::io_context io;
  for (const std::string& url : {options.server_url, std::string("http://api.example")}) {
    options.server_url = url;
    BOOST_CHECK_EXCEPTION(wf::client(io, options), wf::invalid_argument, [](const wf::invalid_argument& e) {
      return e.field() == "client_options.proxy.url" &&
             std::string(e.what()).find("API key") != std::string::npos;
    });
  }
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_CASE(what_a_proxy_says_of_a_body_that_an_open_tunnel_cannot_have_is_ignored) {
  raw_server server(always(answer(200, execution_body())));
  for (const char* headers : {"", "Transfer-Encoding: chunked\r\n", "transfer-encoding: identity\r\n",
                              "Content-Length: 0\r\n", "Content-Length: 5\r\nContent-Length: 7\r\n",
                              "Via: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                              "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\nVia: x\r\n"}) {
    tunnelling_proxy proxy(server.port(), headers);
    wf::client_options options = options_for(server, true);
    options.proxy.url = proxy.url();
    get_works(options);
    BOOST_TEST(proxy.connections() == 1);
  }
}

BOOST_AUTO_TEST_CASE(what_a_proxy_says_before_its_answer_is_passed_over_as_long_as_there_is_reason_for_it) {
  raw_server server(always(answer(200, execution_body())));
  const auto saying = [&](const std::string& before, int times) {
    raw_server proxy(
        [&](peer& client) {
          client.read_request();
          for (int i = 0; i < times; ++i) client.write(before);
          client.write("HTTP/1.1 200 Connection established\r\n\r\n");
          client.relay(server.port());
        },
        plain());
    wf::client_options options = options_for(server, true);
    options.proxy.url = "http://localhost:" + std::to_string(proxy.port());
    asio::io_context io;
    return failure_of_get(io, wf::client(io, options));
  };
  const auto few = saying("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\nContent-Length: 3\r\n\r\n", 16);
  BOOST_TEST(few.type == "", few.what);
  const auto many = saying("HTTP/1.1 100 Continue\r\n\r\n", 17);
  BOOST_TEST((many.code == net::error::proxy_refused));
  BOOST_TEST(many.what.find("sent too many 1xx answers") != std::string::npos, many.what);
  const auto switched = saying("HTTP/1.1 101 Switching Protocols\r\n\r\n", 1);
  BOOST_TEST((switched.code == net::error::proxy_refused));
  BOOST_TEST(switched.what.find("with status 101") != std::string::npos, switched.what);
}

BOOST_AUTO_TEST_CASE(the_limit_on_heads_is_the_one_on_a_proxys_too) {
  raw_server server(always(answer(200, execution_body())));
  tunnelling_proxy proxy(server.port(), "X: " + std::string(30'000, 'x') + "\r\n");
  wf::client_options options = options_for(server, true);
  options.proxy.url = proxy.url();
  get_works(options);
  options.max_header = 2'000;
  asio::io_context io;
  const auto problem = failure_of_get(io, wf::client(io, options));
  BOOST_TEST((problem.phase == wf::call_phase::proxy));
  BOOST_TEST(problem.what.find("answered with a head of more than 2000 bytes") != std::string::npos,
             problem.what);
}

BOOST_AUTO_TEST_CASE(the_environment_names_the_proxy_unless_it_is_not_asked) {
  raw_server server(always(answer(200, execution_body())));
  tunnelling_proxy upper(server.port()), lower(server.port());
  wf::client_options options = options_for(server, true);
  set_environment("HTTPS_PROXY", upper.url());
  get_works(options);
  BOOST_TEST(upper.connections() == 0);  // not to be asked

  options.proxy.from_environment = wf::client_options().proxy.from_environment;
  BOOST_TEST(options.proxy.from_environment);
  get_works(options);
  BOOST_TEST(upper.connections() == 1);

  set_environment("https_proxy", lower.url());
  get_works(options);
  BOOST_TEST(lower.connections() == 1);  // the lower-case name counts first

  set_environment("https_proxy", "");
  get_works(options);
  BOOST_TEST(upper.connections() == 2);  // an empty one is none, as for curl
  ::unsetenv("https_proxy");

  options.proxy.url = lower.url();
  get_works(options);
  BOOST_TEST(lower.connections() == 2);  // the option counts before the environment
  BOOST_TEST(upper.connections() == 2);
}

BOOST_AUTO_TEST_CASE(no_proxy_exempts_the_server) {
  raw_server server(always(answer(200, execution_body())));
  tunnelling_proxy proxy(server.port());
  wf::client_options options = options_for(server, true);
  options.proxy.from_environment = true;
  set_environment("HTTPS_PROXY", proxy.url());
  for (const char* exempt : {"localhost", "other.example, LOCALHOST", "*"}) {
    set_environment("NO_PROXY", exempt);
    get_works(options);
  }
  BOOST_TEST(proxy.connections() == 0);
  set_environment("no_proxy", "other.example");  // the lower-case name counts first
  get_works(options);
  BOOST_TEST(proxy.connections() == 1);
  set_environment("NO_PROXY", "localhost");
  set_environment("no_proxy", "");  // an empty one is none
  get_works(options);
  BOOST_TEST(proxy.connections() == 1);
}

BOOST_AUTO_TEST_CASE(the_environments_https_proxy_is_not_for_plain_http) {
  raw_server server(always(answer(200, execution_body())), plain());
  wf::client_options options = options_for(server, false);
  options.proxy.from_environment = true;
  set_environment("HTTPS_PROXY", "http://127.0.0.1:1");
  get_works(options);
}

BOOST_AUTO_TEST_CASE(a_proxy_that_makes_no_sense_is_refused_when_the_client_is_made_and_not_shown) {
  asio::io_context io;
  raw_server server(always(""), plain());
  wf::client_options options = options_for(server, true);
  const auto field = [&] {
    try {
      const wf::client client(io, options);
    } catch (const wf::invalid_argument& problem) {
      BOOST_TEST(std::string(problem.what()).find("hunter2") == std::string::npos);
      return problem.field();
    }
    return std::string("none");
  };
  options.proxy.url = "socks5://user:hunter2@localhost";
  BOOST_TEST(field() == "client_options.proxy.url");
  options.proxy.url.clear();
  options.proxy.from_environment = true;
  set_environment("HTTPS_PROXY", "https://user:hunter2@localhost");
  BOOST_TEST(field() == "HTTPS_PROXY");
}

BOOST_AUTO_TEST_CASE(what_fails_at_the_proxy_is_said_to_be_the_proxys_and_its_credentials_are_not_shown) {
  struct row {
    std::string answer;
    net::error code;
    bool repeated;
    std::string what;
  };
  const std::vector<row> table = {
      {"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\n\r\nno", net::error::proxy_refused,
       false, "with status 407 (it does not take the credentials)"},
      {"HTTP/1.1 403 Forbidden\r\n\r\n", net::error::proxy_refused, false, "with status 403"},
      {"HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\n\r\n", net::error::proxy_refused, false,
       "with status 302"},
      {"HTTP/1.1 502 Bad Gateway\r\n\r\n<html>", net::error::proxy_failed, true, "with status 502"},
      {"HTTP/1.1 504 Gateway Timeout\r\n\r\n", net::error::proxy_failed, true, "with status 504"},
      {"<html>I am a teapot</html>\r\n\r\n", net::error::proxy_refused, false,
       "did not answer as a proxy does"},
      {"SSH-2.0-OpenSSH_9.2\r\n", net::error::proxy_refused, false, "did not answer as a proxy does"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(70'000, 'x'), net::error::proxy_refused, false,
       "answered with a head of more than 65536 bytes"},
      {"HTTP/1.1 200 OK\r\nX: " + std::string(65'530, 'x') + "\r\n\r\n", net::error::proxy_refused, false,
       "answered with a head of more than 65536 bytes"},
      {"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n", net::error::proxy_refused, false, "sent bytes before"},
      {"", net::error::proxy_failed, true, "closed the connection"},
  };
  for (const row& expected : table) {
    BOOST_TEST_CONTEXT(expected.answer.substr(0, 40)) {
      raw_server proxy(
          [&](peer& client) {
            client.read_request();
            client.write(expected.answer);
            if (!expected.answer.empty()) client.wait_for_end();
          },
          plain());
      wf::client_options options = options_for(proxy, true);
      options.server_url = "https://api.example";
      options.proxy.url = "http://user:hunter2@localhost:" + std::to_string(proxy.port());
      options.retry.max_attempts = 2;
      options.retry.initial_backoff = 1ms;
      asio::io_context io;
      const wf::client client(io, options);
      const auto problem = failure_of_get(io, client);
      BOOST_TEST(problem.type == "transport_error");
      BOOST_TEST((problem.code == expected.code), problem.code.message());
      BOOST_TEST((problem.code == wf::errc::transport));
      BOOST_TEST((problem.phase == wf::call_phase::proxy));
      BOOST_TEST(problem.what.find("proxy localhost:" + std::to_string(proxy.port())) != std::string::npos,
                 problem.what);
      BOOST_TEST(problem.what.find(expected.what) != std::string::npos, problem.what);
      for (const char* secret : {"hunter2", "user", "dXNlcjpodW50ZXIy"})
        BOOST_TEST(problem.what.find(secret) == std::string::npos, problem.what);
      BOOST_TEST(proxy.connections() == (expected.repeated ? 2 : 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_proxy_that_cannot_be_reached_or_resolved_is_named) {
  std::uint16_t port = 0;
  {
    raw_server gone(always(""), plain());
    port = gone.port();
  }
  raw_server server(always(""), plain());
  wf::client_options options = options_for(server, true);
  options.proxy.url = "http://proxy.example:" + std::to_string(port);
  asio::io_context io;
  const auto refused = failure_of_get(io, wf::client(io, options));
  BOOST_TEST((refused.code == asio::error::connection_refused));
  BOOST_TEST((refused.phase == wf::call_phase::connecting));
  BOOST_TEST(refused.what.find("cannot connect to proxy proxy.example:") != std::string::npos, refused.what);

  options.resolve = [](std::string, wf::client_options::resolve_done done) {
    done(asio::error::host_not_found, {});
  };
  const auto unknown = failure_of_get(io, wf::client(io, options));
  BOOST_TEST((unknown.phase == wf::call_phase::resolving));
  BOOST_TEST(unknown.what.find("the proxy's name: cannot resolve \"proxy.example\"") != std::string::npos,
             unknown.what);
}

BOOST_AUTO_TEST_CASE(a_certificate_is_checked_through_the_tunnel_too) {
  raw_server_options bad;
  bad.certificate = certificate_kind::wrong_host;
  raw_server server(always(answer(200, execution_body())), bad);
  tunnelling_proxy proxy(server.port());
  wf::client_options options = options_for(server, true);
  options.proxy.url = proxy.url();
  asio::io_context io;
  const auto problem = failure_of_get(io, wf::client(io, options));
  BOOST_TEST((problem.code == net::error::certificate_refused));
  BOOST_TEST((problem.phase == wf::call_phase::tls_handshake));
}

BOOST_AUTO_TEST_CASE(a_dead_name_server_holds_no_call_past_its_deadline) {
  raw_server server(always(""), plain());
  wf::client_options options = options_for(server, false);
  std::promise<wf::client_options::resolve_done> asked;
  options.resolve = [&](std::string, wf::client_options::resolve_done done) {
    asked.set_value(std::move(done));
  };
  options.call_deadline = 50ms;
  options.connect_limit = 1h;
  options.retry.max_attempts = 4;
  asio::io_context io;
  const wf::client client(io, options);
  const auto problem = failure_of_get(io, client);  // and run() returns
  BOOST_TEST(problem.type == "timeout_error");
  BOOST_TEST((problem.phase == wf::call_phase::resolving));
  asked.get_future().get()({}, {asio::ip::make_address("127.0.0.1")});  // far too late, and harmless
  BOOST_TEST(server.connections() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
