// What operations that answer nothing to read take for their answer, and what not.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/schedules.hpp>

#include <boost/test/unit_test.hpp>

#include <functional>
#include <string>
#include <utility>
#include <vector>

using namespace mistral::workflows;
using boost::asio::awaitable;

namespace {

struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  std::shared_ptr<const session::client_handle> shared = server.client();
  executions_api executions{shared};
  schedules_api schedules{shared};

  std::vector<std::function<awaitable<void>()>> commands() {
    return {[this] { return executions.cancel("e1"); },
            [this] { return executions.terminate("e1"); },
            [this] { return executions.reset("e1", reset_request(3)); },
            [this] { return schedules.pause("s1"); },
            [this] { return schedules.resume("s1"); },
            [this] { return schedules.trigger("s1"); },
            [this] { return schedules.remove("s1"); }};
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(an_answer_without_content, fixture)

BOOST_AUTO_TEST_CASE(is_no_page_of_something_in_front_of_the_api) {
  const std::string head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 20\r\n";
  for (const std::string type : {"Content-Type: text/html\r\n", "Content-Type: application/json\r\n", ""}) {
    for (const auto& command : commands()) {
      server.requests.clear();
      server.bytes(head + type + "\r\n<html>Welcome</html>");
      const auto e = test::error_of<decode_error>(io, [&]() -> awaitable<void> { co_await command(); });
      BOOST_TEST(e.status() == 200);
      BOOST_TEST(e.excerpt() == "<html>Welcome</html>");
      BOOST_TEST((e.server_may_have_acted() == server_action::yes));
      BOOST_TEST(server.requests.size() == 1u);
    }
  }
}

BOOST_AUTO_TEST_CASE(is_not_coded_either) {
  server.bytes(
      "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx");
  const auto e =
      test::error_of<decode_error>(io, [&]() -> awaitable<void> { co_await executions.cancel("e1"); });
  BOOST_TEST(std::string(e.what()).find("gzip") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(is_no_content_an_empty_body_or_any_json) {
  const std::pair<int, const char*> answers[] = {
      {204, ""}, {200, ""}, {202, "{}"}, {200, "null"}, {200, R"({"message":"done"})"}};
  for (const auto& [status, body] : answers) {
    for (const auto& command : commands()) {
      server.answer(status, body);
      test::run(io, [&]() -> awaitable<void> { co_await command(); });
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
