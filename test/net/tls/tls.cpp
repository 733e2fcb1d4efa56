// Who is trusted, what a handshake fails with, and how
// bodies and streams end over TLS. Sessions: sessions.cpp.
#include "net/raw_server.hpp"
#include "net/support.hpp"
#include "net/tls/tls_context.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>

#include <unistd.h>

using namespace test;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

net::failure refusal(net::pool_options options, net::progress* out = nullptr) {
  asio::io_context io;
  net::pool pool(io.get_executor(), std::move(options));
  net::progress record;
  const auto problem = failure_of(
      [&] { run(io, [&]() -> asio::awaitable<void> { co_await pool.acquire(net::kind::call, record); }); });
  BOOST_TEST((record.reached == net::phase::tls_handshake));
  BOOST_TEST(!record.request_may_have_left);
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().connect_failures == 1u);
  if (out) *out = record;
  return problem;
}

raw_server_options with(certificate_kind kind) {
  raw_server_options options;
  options.certificate = kind;
  return options;
}

void refused_because(certificate_kind kind, const std::string& reason) {
  raw_server server(always(ok()), with(kind));
  const auto problem = refusal(server.pool_options());
  BOOST_TEST((problem.code() == net::error::certificate_refused));
  BOOST_TEST(contains(problem.reason(), reason), problem.reason());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(tls)

BOOST_AUTO_TEST_CASE(an_expired_certificate_is_refused_and_named) {
  refused_because(certificate_kind::expired, "expired");
}
BOOST_AUTO_TEST_CASE(a_certificate_for_another_host_is_refused_and_named) {
  refused_because(certificate_kind::wrong_host, "another host");
}
BOOST_AUTO_TEST_CASE(a_self_signed_certificate_is_refused_and_named) {
  refused_because(certificate_kind::self_signed, "self-signed");
}
BOOST_AUTO_TEST_CASE(an_unknown_authority_is_refused_and_named) {
  refused_because(certificate_kind::unknown_ca, "unknown CA");
}

BOOST_AUTO_TEST_CASE(the_system_does_not_trust_an_authority_of_the_tests) {
  raw_server server(always(ok()));
  auto options = server.pool_options();
  options.tls.ca_pem.clear();
  BOOST_TEST((refusal(std::move(options)).code() == net::error::certificate_refused));
}

BOOST_AUTO_TEST_CASE(an_address_is_verified_as_an_address) {
  raw_server server(always(ok()));
  auto options = server.pool_options();
  options.server.host = "127.0.0.1";
  asio::io_context io;
  net::pool pool(io.get_executor(), options);
  run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });

  raw_server other(always(ok()), with(certificate_kind::wrong_host));
  options = other.pool_options();
  options.server.host = "127.0.0.1";
  BOOST_TEST(contains(refusal(options).reason(), "another host"));
}

BOOST_AUTO_TEST_CASE(a_host_that_no_certificate_can_be_checked_for_has_no_connection) {
  for (const std::string& host : {std::string("::1%1"), std::string(300, 'x')}) {  // too long for a name
    net::tls_context context(host, net::tls_options());
    const auto problem = failure_of([&] { context.new_connection(); });
    BOOST_TEST((problem.code() == net::error::tls_failed));
    BOOST_TEST(contains(problem.reason(), "cannot be checked for the host"), problem.reason());
  }
  BOOST_TEST((net::tls_context("::1", net::tls_options()).new_connection() != nullptr));
}

BOOST_AUTO_TEST_CASE(tls_1_0_and_tls_1_1_are_refused_and_the_error_names_the_version) {
  for (const int version : {TLS1_VERSION, TLS1_1_VERSION}) {
    raw_server_options options;
    options.lowest_tls = TLS1_VERSION;
    options.highest_tls = version;
    raw_server server(always(ok()), options);
    const auto problem = refusal(server.pool_options());
    BOOST_TEST((problem.code() == net::error::tls_failed));
    BOOST_TEST(contains(problem.reason(), "the server does not speak TLS of version 1.2 or later"),
               problem.reason());
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_speaks_no_tls_is_refused) {
  raw_server server(
      [](peer& client) {
        client.write("HTTP/1.1 400 Bad Request\r\n\r\n");
        client.wait_for_end();
      },
      plain());
  auto over_tls = server.pool_options();
  over_tls.server.tls = true;
  const auto problem = refusal(over_tls);
  BOOST_TEST((problem.code() == net::error::tls_failed));
  BOOST_TEST(contains(problem.reason(), "does not speak TLS"), problem.reason());
}

BOOST_AUTO_TEST_CASE(a_server_that_ends_the_connection_in_the_handshake_may_be_well_at_the_next_attempt) {
  raw_server server(
      [](peer& client) {
        client.goodbye();  // without TLS, and without a reset
        client.wait_for_end();
      },
      plain());
  auto over_tls = server.pool_options();
  over_tls.server.tls = true;
  const auto problem = refusal(over_tls);
  BOOST_TEST((problem.code() == asio::error::connection_reset), problem.code().message());
  BOOST_TEST(problem.reason() == "TLS handshake with localhost failed: the server closed the connection");
}

BOOST_AUTO_TEST_CASE(a_client_certificate_is_shown_when_there_is_one) {
  raw_server_options options;
  options.ask_for_certificate = true;
  raw_server server(always(ok()), options);
  const auto own = mistral::workflows::testing::make_certificates(certificate_kind::good);
  auto with_certificate = server.pool_options();
  with_certificate.tls.client_certificate_pem = own.chain_pem;
  with_certificate.tls.client_key_pem = own.key_pem;
  asio::io_context io;
  net::pool pool(io.get_executor(), with_certificate);
  run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
}

BOOST_AUTO_TEST_CASE(a_server_that_demands_a_client_certificate_refuses_who_has_none) {
  raw_server_options options;
  options.ask_for_certificate = true;
  options.highest_tls = TLS1_2_VERSION;  // 1.3 tells the client only after its side of the handshake
  raw_server server(always(ok()), options);
  const auto problem = refusal(server.pool_options());
  BOOST_TEST((problem.code() == net::error::tls_failed));
  BOOST_TEST(contains(problem.reason(), "handshake"), problem.reason());
}

BOOST_AUTO_TEST_CASE(secrets_are_logged_only_where_a_key_log_file_is_asked_for) {
  const auto folder = std::filesystem::temp_directory_path() / ("key-log-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string asked = (folder / "asked").string(), unasked = (folder / "unasked").string();
  ::setenv("SSLKEYLOGFILE", unasked.c_str(), 1);
  raw_server server(always(ok()));
  for (const bool ask : {false, true}) {
    asio::io_context io;
    net::pool_options options = server.pool_options();
    if (ask) options.tls.key_log_file = asked;
    net::pool pool(io.get_executor(), options);
    run(io, [&]() -> asio::awaitable<void> { co_await fetch(pool); });
    BOOST_TEST(std::filesystem::exists(asked) == ask);
  }
  ::unsetenv("SSLKEYLOGFILE");
  BOOST_TEST(!std::filesystem::exists(unasked));
  std::ifstream in(asked);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  BOOST_TEST(contains(text, "CLIENT_TRAFFIC_SECRET_0 "), text);
  std::filesystem::remove_all(folder);
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_named) {
  asio::io_context io;
  const auto field_of = [&](auto change) {
    net::pool_options options(net::origin(true, "localhost", 443));
    change(options);
    try {
      net::pool pool(io.get_executor(), options);
    } catch (const net::option_error& problem) {
      return problem.field();
    }
    return std::string("none");
  };
  BOOST_TEST(field_of([](auto& o) { o.tls.ca_file = "/nonexistent.pem"; }) == "tls.ca_file");
  BOOST_TEST(field_of([](auto& o) { o.tls.ca_pem = "not a certificate"; }) == "tls.ca_pem");
  BOOST_TEST(field_of([](auto& o) { o.tls.client_key_pem = "x"; }) == "tls.client_certificate_file");
  BOOST_TEST(field_of([](auto& o) { o.call_connections = 0; }) == "call_connections");
  BOOST_TEST(field_of([](auto&) {}) == "none");
}

BOOST_AUTO_TEST_CASE(a_missing_close_notify_matters_only_where_the_end_of_the_connection_ends_the_body) {
  const auto answered_with = [](std::string answer, bool goodbye) {
    raw_server server([&](peer& client) {
      client.read_request();
      client.write(answer);
      if (goodbye) client.goodbye();
    });
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    std::string body;
    run(io, [&]() -> asio::awaitable<void> { body = co_await fetch(pool); });
    return body;
  };
  const std::string until_end = "HTTP/1.1 200 OK\r\n\r\nhello";
  BOOST_TEST(answered_with(until_end, true) == "hello");
  BOOST_TEST((failure_of([&] { answered_with(until_end, false); }).code() == net::error::truncated));
  BOOST_TEST(answered_with(ok(), false) == "hello");
  BOOST_TEST(answered_with("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
                           false) == "hello");
}

BOOST_AUTO_TEST_CASE(a_stream_that_ends_without_close_notify_was_cut) {
  for (const bool goodbye : {true, false}) {
    raw_server server([&](peer& client) {
      client.read_request();
      client.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n");
      if (goodbye) client.goodbye();
    });
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    std::string events;
    const auto follow = [&]() -> asio::awaitable<void> {
      net::progress record;
      net::lease lease = co_await pool.acquire(net::kind::stream, record);
      co_await lease.send(get);
      co_await lease.read_head();
      while (co_await lease.read_some(events) != 0) {
      }
    };
    if (goodbye) {
      run(io, follow);
    } else {
      const auto problem = failure_of([&] { run(io, follow); });
      BOOST_TEST((problem.code() == net::error::truncated));
      BOOST_TEST(contains(problem.reason(), "close_notify"), problem.reason());
    }
    BOOST_TEST(events == "data: 1\n\n");
    BOOST_TEST(pool.stats().idle == 0);
  }
}

BOOST_AUTO_TEST_CASE(large_bodies_go_both_ways) {
  const std::string large(3'000'000, 'x');
  raw_server server([&](peer& client) {
    const std::string request = client.read_request();
    client.write(ok(request.substr(request.find("\r\n\r\n") + 4)));
    client.wait_for_end();
  });
  asio::io_context io;
  net::pool pool(io.get_executor(), server.pool_options());
  run(io, [&]() -> asio::awaitable<void> {
    net::progress record;
    net::lease lease = co_await pool.acquire(net::kind::call, record);
    const std::string request =
        "POST / HTTP/1.1\r\nContent-Length: " + std::to_string(large.size()) + "\r\n\r\n" + large;
    co_await lease.send(request);
    co_await lease.read_head();
    std::string body;
    co_await lease.read_body(body);
    BOOST_TEST((body == large));
    BOOST_TEST(record.bytes_sent == request.size());
  });
}

BOOST_AUTO_TEST_SUITE_END()
