// What the tests of a whole client against a raw server share.
#pragma once

#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <mistral/workflows.hpp>

#include <optional>
#include <string>

namespace test {

namespace wf = mistral::workflows;

/// The answer to executions().get() as the API gives it.
inline std::string execution_body(const std::string& id = "e1") {
  return R"({"workflow_name":"ticket","execution_id":")" + id + R"(","root_execution_id":")" + id +
         R"(","status":"RUNNING","start_time":"2026-01-01T00:00:00Z","end_time":null,"result":null})";
}

inline std::string answer(int status, const std::string& body, const std::string& headers = std::string()) {
  return "HTTP/1.1 " + std::to_string(status) + " X\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// A client of `server` that has one attempt for each call.
inline wf::client_options options_for(const raw_server& server, bool tls) {
  wf::client_options options;
  options.api_key = "secret-key";
  options.server_url = (tls ? "https://localhost:" : "http://localhost:") + std::to_string(server.port());
  options.tls.ca_pem = server.ca_pem();
  options.proxy.from_environment = false;
  options.retry.max_attempts = 1;
  options.resolve = [](std::string, wf::client_options::resolve_done done) {
    done({}, {asio::ip::make_address("127.0.0.1")});
  };
  return options;
}

/// What a failed executions().get() threw, as far as its tests ask.
struct client_failure {
  client_failure() = default;
  std::string type;  // empty: it did not fail
  std::string what;
  boost::system::error_code code;
  std::optional<wf::call_phase> phase;
  int status = 0;
  wf::api_error_details details;
};

inline client_failure failure_of_get(asio::io_context& io, const wf::client& client) {
  client_failure out;
  const auto note = [&out](const char* type, const wf::error& e) {
    out.type = type;
    out.what = e.what();
    out.code = e.code();
    BOOST_TEST(out.what.find("secret") == std::string::npos, out.what);
  };
  try {
    run(io, [&]() -> asio::awaitable<void> { co_await client.executions().get("e1"); });
  } catch (const wf::api_error& e) {
    note("api_error", e);
    out.status = e.status();
    out.details = e.details();
  } catch (const wf::transport_error& e) {
    note("transport_error", e);
    out.phase = e.phase();
  } catch (const wf::timeout_error& e) {
    note("timeout_error", e);
    out.phase = e.phase();
  } catch (const wf::decode_error& e) {
    note("decode_error", e);
    out.status = e.status();
  }
  return out;
}

}  // namespace test
