// One call against the scripted server: what it sends, and what becomes of the answer.
// Not retries and deadlines: those are in calls.cpp and call_ends.cpp.
#pragma once

#include "session/script.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace test {

struct operations {
  asio::io_context io;
  script server{io};

  /// What the call returns when it is answered like this.
  template <class Make>
  auto answered(std::string answer, Make make, int status = 200) {
    using value = typename std::invoke_result_t<Make>::value_type;
    server.answer(status, std::move(answer));
    std::optional<value> out;
    run(io, [&]() -> asio::awaitable<void> {
      value got = co_await make();
      out.emplace(std::move(got));
    });
    return std::move(*out);
  }

  /// A call that is answered with 204.
  template <class Make>
  void done(Make make) {
    server.answer(204);
    run(io, [&]() -> asio::awaitable<void> { co_await make(); });
  }

  /// The field that the call is refused for; nothing may be sent.
  template <class Make>
  std::string refused(Make make) {
    const std::size_t before = server.requests.size();
    std::string field = "(not refused)";
    try {
      run(io, [&]() -> asio::awaitable<void> { co_await make(); });
    } catch (const wf::invalid_argument& e) {
      field = e.field();
    }
    BOOST_TEST(server.requests.size() == before);
    return field;
  }

  /// "GET /v1/workflows" of the latest request.
  std::string line() const { return server.line(server.requests.size() - 1); }

  std::string body() const {
    const std::string& text = server.requests.back();
    return text.substr(text.find("\r\n\r\n") + 4);
  }

  /// Whether the latest request's body is this document; the order of members is free.
  void sent(std::string_view expected) const {
    BOOST_TEST_CONTEXT("sent: " << body())
    BOOST_TEST((boost::json::parse(body()) == boost::json::parse(expected)));
  }

  /// No body, and headers that say so.
  void sent_nothing() const {
    const std::string& text = server.requests.back();
    BOOST_TEST(body().empty());
    BOOST_TEST(text.find("Content-Length: 0\r\n") != std::string::npos);
    BOOST_TEST(text.find("Content-Type") == std::string::npos);
  }
};

/// 2026-01-02T03:04:05.000006Z
inline wf::timestamp some_time() {
  return wf::timestamp(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2)) + std::chrono::hours(3) +
         std::chrono::minutes(4) + std::chrono::seconds(5) + std::chrono::microseconds(6);
}

inline const std::string some_uuid = "01934c6e-7a3b-7def-8abc-000000000001";

}  // namespace test
