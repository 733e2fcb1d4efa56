// A server that breaks the rules on purpose, seen from a whole client: each time a clear error,
// a bounded amount of memory, and no second request on a connection that cannot be trusted.
#include "net/client_support.hpp"

#include <atomic>
#include <vector>

using namespace test;
using namespace std::chrono_literals;

namespace {

const std::string ok_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
const std::string chunked_head = ok_head + "Transfer-Encoding: chunked\r\n\r\n";

/// The first connection is answered with `bytes`, later ones properly. Then: what the
/// first call fails with, and that the next one gets its own answer on another connection.
client_failure first_failure(const raw_server::script& hostile, wf::client_options* change = nullptr) {
  raw_server server(
      [&](peer& client) {
        if (client.number() > 0) return always(answer(200, execution_body()))(client);
        if (!client.read_request().empty()) hostile(client);
        client.wait_for_end();
      },
      plain());
  wf::client_options options = options_for(server, false);
  if (change) {
    options.max_body = change->max_body;
    options.max_header = change->max_header;
  }
  asio::io_context io;
  const wf::client client(io, options);
  const client_failure out = failure_of_get(io, client);
  BOOST_TEST(client.stats().connections_idle == 0u);
  const client_failure next = failure_of_get(io, client);
  BOOST_TEST(next.type == "", next.what);
  BOOST_TEST(server.connections() == 2);
  return out;
}

client_failure failure_with(const std::string& bytes) {
  return first_failure([&](peer& client) { client.write(bytes); });
}

void check(const client_failure& got, const std::string& type, boost::system::error_code code,
           const std::string& what) {
  BOOST_TEST(got.type == type, got.type << ": " << got.what);
  if (code) BOOST_TEST((got.code == code), got.code.message());
  BOOST_TEST(got.what.find(what) != std::string::npos, got.what);
}

/// Answers every request with `bytes`; the failure of the first.
client_failure failure_with_whole(const std::string& bytes) {
  raw_server server(always(bytes), plain());
  asio::io_context io;
  const wf::client client(io, options_for(server, false));
  return failure_of_get(io, client);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hostile)

BOOST_AUTO_TEST_CASE(
    a_head_that_is_not_valid_http_is_a_transport_error_and_its_connection_is_not_used_again) {
  const std::string body = "\r\n" + execution_body();
  const std::string length = "Content-Length: " + std::to_string(execution_body().size()) + "\r\n";
  for (const std::string& bytes : {
           ok_head + length + length + body,                             // duplicate, even if equal
           ok_head + length + "Content-Length: 3\r\n" + body,            // conflicting
           ok_head + "Content-Length: 3, 3\r\n" + body,                  // both in one field
           ok_head + length + "Transfer-Encoding: chunked\r\n" + body,   // both framings
           ok_head + "Transfer-Encoding: chunked\r\n" + length + body,   // in the other order
           ok_head + "Transfer-Encoding: gzip, chunked\r\n" + body,      // a coding nobody asked for
           ok_head + "Transfer-Encoding: identity\r\n" + length + body,  // an unknown coding and a length
           ok_head + "Content-Length: -1\r\n" + body,                    //
           ok_head + "Content-Length: 18446744073709551616\r\n" + body,  // 2^64
           ok_head + "X-Folded: a\r\n b\r\n" + length + body,            // obs-fold
           ok_head + "Transfer-Encoding:\r\n chunked\r\n" + body,        // obs-fold around the framing
           ok_head + "Content-Length : 3\r\n" + body,                    // white space before the colon
           ok_head + "no colon\r\n" + length + body,                     //
           std::string("HTTP/2.0 200 OK\r\n") + length + body,           //
           std::string("HTTP/1.1 200 OK\n") + length + body,             // a bare line feed
           std::string("ICY 200 OK\r\n") + length + body,                //
           std::string("HTTP/1.1 101 Switching Protocols\r\n\r\n"),      //
       }) {
    BOOST_TEST_CONTEXT(bytes.substr(0, 120)) {
      const auto got = failure_with(bytes);
      check(got, "transport_error", net::error::malformed, "");
      BOOST_TEST((got.code == wf::errc::transport));
      BOOST_TEST((got.phase == wf::call_phase::waiting_for_answer));
    }
  }
  check(failure_with(ok_head + "X-Folded: a\r\n b\r\n" + length + body), "transport_error",
        net::error::malformed, "a header is folded");
}

BOOST_AUTO_TEST_CASE(chunks_that_are_not_valid_end_the_call_and_the_connection) {
  for (const std::string& chunks :
       {std::string("zz\r\n{}\r\n0\r\n\r\n"), std::string("0x2\r\n{}\r\n0\r\n\r\n"),
        std::string("-2\r\n{}\r\n0\r\n\r\n"), std::string("11111111111111111\r\n{}"),
        std::string("2\r\n{}}\r\n0\r\n\r\n"), std::string("2\n{}\r\n0\r\n\r\n"), std::string("\r\n\r\n"),
        "2;" + std::string(100'000, 'x')}) {
    BOOST_TEST_CONTEXT(chunks.substr(0, 40)) {
      const auto got = failure_with(chunked_head + chunks);
      BOOST_TEST((got.type == "decode_error" || got.type == "transport_error"), got.type);
      BOOST_TEST(got.what != "");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_header_of_1_mb_is_refused_and_not_read_to_its_end) {
  std::atomic<std::size_t> taken{0};
  const auto got = first_failure([&](peer& client) {
    const std::string part(16 * 1024, 'x');
    client.write(ok_head + "X-Long: ");
    while (taken < 64 * 1024 * 1024 && client.write(part)) taken += part.size();
  });
  check(got, "transport_error", net::error::header_too_large,
        "the head of the answer is larger than allowed");
  BOOST_TEST(taken < 16u * 1024 * 1024);  // what the system buffers, and no more

  const auto exactly =
      failure_with(ok_head + "X-Long: " + std::string(1'000'000, 'x') + "\r\nContent-Length: 0\r\n\r\n");
  check(exactly, "transport_error", net::error::header_too_large, "");
  std::string many = ok_head;
  while (many.size() < 1'000'000) many += "X-Filler: abc\r\n";
  check(failure_with(many + "\r\n"), "transport_error", net::error::header_too_large, "");
}

BOOST_AUTO_TEST_CASE(endless_chunks_end_at_the_limit_of_the_body) {
  wf::client_options small;
  small.max_body = 100'000;
  for (const std::size_t size : {std::size_t(1), std::size_t(4096)}) {
    std::atomic<std::size_t> taken{0};
    const std::string chunk = (size == 1 ? "1" : "1000") + ("\r\n" + std::string(size, ' ')) + "\r\n";
    std::string batch;
    while (batch.size() < 16 * 1024) batch += chunk;
    const auto got = first_failure(
        [&](peer& client) {
          client.write(chunked_head);
          while (taken < 64 * 1024 * 1024 && client.write(batch)) taken += batch.size();
        },
        &small);
    BOOST_TEST((got.type == "decode_error" || got.type == "transport_error"), got.type);
    BOOST_TEST(got.what.find("the body of the answer is larger than allowed") != std::string::npos, got.what);
    BOOST_TEST(taken < 16u * 1024 * 1024);
  }
}

BOOST_AUTO_TEST_CASE(chunks_with_more_around_them_than_in_them_end_the_call) {
  const std::string chunk = "1;" + std::string(1000, 'x') + "\r\n \r\n";
  std::atomic<std::size_t> taken{0};
  const auto got = first_failure([&](peer& client) {
    client.write(chunked_head);
    while (taken < 64 * 1024 * 1024 && client.write(chunk)) taken += chunk.size();
  });
  BOOST_TEST(got.what.find("framing") != std::string::npos, got.what);
  BOOST_TEST(taken < 16u * 1024 * 1024);

  std::string padded = chunked_head;
  for (const char c : execution_body() + std::string(20'000, ' '))
    padded += "00000001\r\n" + std::string(1, c) + "\r\n";
  const auto usual = failure_with_whole(padded + "0\r\n\r\n");
  BOOST_TEST(usual.type == "", usual.what);
}

BOOST_AUTO_TEST_CASE(a_body_announced_over_the_limit_is_not_read) {
  const auto got = failure_with(ok_head + "Content-Length: 99999999999\r\n\r\n{");
  check(got, "transport_error", net::error::body_too_large, "the body of the answer is larger than allowed");
}

BOOST_AUTO_TEST_CASE(a_body_that_ends_with_the_connection_is_held_to_the_limit_too) {
  wf::client_options small;
  small.max_body = 1000;
  const auto got =
      first_failure([&](peer& client) { client.write(ok_head + "\r\n" + std::string(2000, ' ')); }, &small);
  BOOST_TEST(got.what.find("the body of the answer is larger than allowed") != std::string::npos, got.what);
}

BOOST_AUTO_TEST_CASE(a_flood_of_interim_answers_ends_the_call) {
  std::atomic<std::size_t> sent{0};
  const auto got = first_failure([&](peer& client) {
    while (sent < 1'000'000 && client.write("HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n")) ++sent;
  });
  check(got, "transport_error", net::error::too_many_interim, "too many 1xx answers");
}

BOOST_AUTO_TEST_CASE(json_100_000_levels_deep_is_a_decode_error) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& body : {deep, R"({"result":)" + deep + "}", R"({"unknown":)" + deep + "}"}) {
    const auto got = failure_with_whole(answer(200, body, "Content-Type: application/json\r\n"));
    check(got, "decode_error", wf::make_error_code(wf::errc::decode), "");
    BOOST_TEST(got.status == 200);
    BOOST_TEST(got.what.size() < 2000u);
  }
  const auto error_body = failure_with_whole(answer(400, deep, "Content-Type: application/json\r\n"));
  BOOST_TEST(error_body.type == "api_error");
  BOOST_TEST(error_body.status == 400);
  BOOST_TEST(error_body.details.detail.size() <= 600u);
}

BOOST_AUTO_TEST_CASE(an_answer_of_another_content_type_is_a_decode_error_that_names_it) {
  const std::string html = "<html><body>Sign in to the guest network</body></html>";
  check(failure_with_whole(answer(200, html, "Content-Type: text/html\r\n")), "decode_error",
        wf::make_error_code(wf::errc::decode), "content type is text/html");
  check(failure_with_whole(answer(200, execution_body(), "Content-Type: text/plain\r\n")), "decode_error",
        wf::make_error_code(wf::errc::decode),
        "the answer is not JSON (the answer's content type is text/plain)");
  check(failure_with_whole(answer(200, html)), "decode_error", wf::make_error_code(wf::errc::decode), "");
  for (const std::string type :
       {"application/json; charset=utf-8", "Application/JSON", "application/problem+json"})
    BOOST_TEST(failure_with_whole(answer(200, execution_body(), "Content-Type: " + type + "\r\n")).type ==
               "");
}

BOOST_AUTO_TEST_CASE(an_html_page_with_an_error_status_is_an_api_error_that_shows_its_beginning) {
  const auto got =
      failure_with_whole(answer(403, "<html>blocked by the firewall" + std::string(5000, '.') + "</html>",
                                "Content-Type: text/html\r\n"));
  check(got, "api_error", wf::make_error_code(wf::errc::forbidden), "blocked by the firewall");
  BOOST_TEST(got.details.detail.size() <= 600u);
  BOOST_TEST((failure_with_whole(answer(502, "<html>bad gateway</html>")).code == wf::errc::unavailable));
}

BOOST_AUTO_TEST_CASE(a_redirect_is_not_followed_and_its_location_is_named) {
  raw_server elsewhere(always(answer(200, execution_body())), plain());
  const std::string location =
      "http://localhost:" + std::to_string(elsewhere.port()) + "/v1/workflows/executions/e1";
  for (const int status : {301, 302, 303, 307, 308}) {
    const auto got = failure_with_whole(answer(status, "", "Location: " + location + "\r\n"));
    check(got, "api_error", {}, "redirected to " + location + ", which is not followed");
    BOOST_TEST(got.status == status);
  }
  BOOST_TEST(elsewhere.connections() == 0);
}

BOOST_AUTO_TEST_CASE(an_answer_smuggled_behind_another_reaches_nobody) {
  // The second answer lies ready before the second request
  // is sent: whoever took it would have somebody else's.
  const std::string smuggled = answer(200, execution_body("not-yours"));
  raw_server server(
      [&](peer& client) {
        while (!client.read_request().empty()) {
          client.write(answer(200, execution_body()) + (client.number() == 0 ? smuggled : ""));
        }
      },
      plain());
  asio::io_context io;
  const wf::client client(io, options_for(server, false));
  run(io, [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const wf::execution got = co_await client.executions().get("e1");
      BOOST_TEST(got.execution_id == "e1");
    }
  });
  BOOST_TEST(server.connections() == 2);
}

BOOST_AUTO_TEST_SUITE_END()
