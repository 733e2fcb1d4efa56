// API keys: where they come from, when another is asked for, and that no error shows one.
#include "session/script.hpp"

#include "protocol/json/decode.hpp"
#include "session/client/api_key.hpp"
#include "session/client/closing.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace mistral::workflows;
using namespace std::chrono_literals;

namespace {

const std::string running = test::execution_json(test::asked_id, "RUNNING", "2026-01-01T00:00:00Z");

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keys, test::with_script)

BOOST_AUTO_TEST_CASE(a_rejected_key_is_asked_for_once_more_when_a_coroutine_supplies_it) {
  server.answer(401).answer(200, running).answer(401).answer(401, R"({"detail":"Unauthorized"})");
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    co_return "secret-" + std::to_string(++asked);
  };
  const executions_api executions(server.client(options));
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST(asked == 2);
  BOOST_TEST(server.requests[1].find("Bearer secret-2\r\n") != std::string::npos);
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.code() == errc::unauthorized));
  BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_CASE(a_key_that_cannot_be_one_names_the_option_that_supplied_it) {
  for (const std::string key : {"", "torn in\ntwo"}) {
    client_options options;
    options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> { co_return key; };
    const executions_api executions(server.client(options));
    const auto e = test::error_of<invalid_argument>(
        io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
    BOOST_TEST(e.field() == "client_options.api_key_supplier");
    BOOST_TEST(std::string(e.what()).find("gave a key that ") != std::string::npos);
    BOOST_TEST(std::string(e.what()).find("torn") == std::string::npos);
  }
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_CASE(a_renewed_key_counts_against_the_same_deadline) {
  server.answer(401);
  int asked = 0;
  client_options options;
  options.call_deadline = 40ms;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    if (++asked > 1) {
      boost::asio::steady_timer never(io, std::chrono::steady_clock::time_point::max());
      co_await never.async_wait(boost::asio::use_awaitable);
    }
    co_return std::string("secret-1");
  };
  const executions_api executions(server.client(options));
  const auto e = test::error_of<timeout_error>(
      io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.server_may_have_acted() == server_action::no));
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_CASE(calls_whose_key_was_rejected_together_ask_for_one_new_key) {
  for (int i = 0; i < 4; ++i) server.answer(401);
  for (int i = 0; i < 4; ++i) server.answer(200, running);
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    ++asked;
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    co_return "secret-" + std::to_string(asked);
  };
  const executions_api executions(server.client(options));
  int done = 0;
  bool all = false;
  for (int i = 0; i < 4; ++i)
    boost::asio::co_spawn(io, executions.get("e1"), [&](std::exception_ptr thrown, const execution&) {
      BOOST_TEST(!thrown);
      all = ++done == 4;
    });
  test::run_until(io, all);
  BOOST_TEST(asked == 2);
  for (std::size_t i = 4; i < 8; ++i)
    BOOST_TEST(server.requests[i].find("Bearer secret-2\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_that_the_server_sends_back_stands_in_no_error) {
  const executions_api executions(server.client());
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  server.answer(403, R"({"detail":"secret-key may not"})", "X-Request-Id: secret-key\r\n");
  const auto refused = test::error_of<api_error>(io, get);
  BOOST_TEST(refused.details().detail == "[redacted] may not");
  BOOST_TEST(refused.details().request_id == "[redacted]");
  BOOST_TEST(boost::json::serialize(refused.details().body).find("secret") == std::string::npos);
  server.answer(307, "", "Location: https://elsewhere.example/?key=secret-key\r\n");
  test::error_of<api_error>(io, get);
  server.answer(200, "secret-key");
  BOOST_TEST(test::error_of<decode_error>(io, get).excerpt() == "[redacted]");
}

BOOST_AUTO_TEST_CASE(a_key_stands_in_no_error_however_the_server_writes_it) {
  const executions_api executions(server.client());
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  const auto hidden = [](const error& e) {
    BOOST_TEST(std::string_view(e.what()).find("[redacted]") != std::string_view::npos, e.what());
    for (const char* part : {"ecret", "2dkey", "2Dkey"})
      BOOST_TEST(std::string_view(e.what()).find(part) == std::string_view::npos, e.what());
  };
  server.answer(403, R"({"detail":"\u0073ecret\u002dkey may not"})");
  hidden(test::error_of<api_error>(io, get));
  server.answer(200, R"({"execution_id":"s\u0065cret-key"})");
  hidden(test::error_of<decode_error>(io, get));
  server.bytes("HTTP/1.1 200 X\r\nContent-Type: text/secret-key\r\nContent-Length: 2\r\n\r\n{}");
  hidden(test::error_of<decode_error>(io, get));
  server.bytes("HTTP/1.1 200 X\r\nContent-Encoding: secret-key\r\nContent-Length: 2\r\n\r\n{}");
  hidden(test::error_of<decode_error>(io, get));
  server.answer(307, "", "Location: https://elsewhere.example/?key=secret%2Dkey\r\n");
  hidden(test::error_of<api_error>(io, get));
  server.bytes("HTTP/1.1 200 X\r\nContent-Length: 200\r\n\r\n{\"secret-key");
  for (int i = 0; i < 3; ++i) server.bytes("HTTP/1.1 200 X\r\nContent-Length: 200\r\n\r\n{\"secret-key");
  hidden(test::error_of<decode_error>(io, get));
}

BOOST_AUTO_TEST_CASE(a_key_stands_in_no_error_of_a_stream) {
  const auto head = [](const std::string& type) {
    return "HTTP/1.1 200 X\r\nContent-Type: " + type + "\r\nTransfer-Encoding: chunked\r\n\r\n";
  };
  const auto chunk = [](const std::string& text) {
    std::ostringstream size;
    size << std::hex << text.size();
    return size.str() + "\r\n" + text + "\r\n";
  };
  const std::string answers[] = {
      head("text/event-stream") +
          chunk("event: error\ndata: {\"error\":\"no\",\"reason\":\"s\\u0065cret-key\"}\n\n"),
      head("text/event-stream") + chunk("event: error\ndata: " + std::string(508, ' ') + "secret-key\n\n"),
      head("text/event-stream") + chunk("event: error\ndata: secret-key\n\n"),
      head("text/secret-key") + "0\r\n\r\n",
      "HTTP/1.1 403 X\r\nContent-Length: 43\r\nX-Request-Id: secret-key\r\n\r\n"
      R"({"detail":"\u0073ecret-key is not allowed"})",
  };
  for (const std::string& answer : answers) {
    const executions_api executions(server.client());
    stream_options options;
    options.max_attempts = 1;
    options.initial_backoff = options.max_backoff = 1ms;
    for (int i = 0; i < 2; ++i) server.bytes(answer);
    auto stream = executions.stream("e1", options);
    const auto e =
        test::error_of<error>(io, [&]() -> boost::asio::awaitable<void> { co_await stream.next(); });
    for (const char* part : {"ecret", "sec"})
      BOOST_TEST(std::string_view(e.what()).find(part) == std::string_view::npos, e.what());
    server.forget_rest();
  }
}

BOOST_AUTO_TEST_CASE(a_key_in_a_request_id_reaches_no_hook) {
  client_options options;
  std::vector<std::string> told;
  options.hooks.attempt = [&](const attempt_report& r) {
    told.emplace_back(r.request_id);
    told.emplace_back(r.header("x-request-id"));
    for (const auto& [name, value] : r.headers) told.push_back(value);
  };
  const auto handle = server.client(options);
  server.answer(200, running, "X-Request-Id: r-secret-key\r\n")
      .answer(404, "{}", "X-Request-Id: r-secret-key\r\n");
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions_api(handle).get("e1"); });
  auto stream = executions_api(handle).stream("e1");
  BOOST_CHECK_THROW(test::run(io, [&]() -> boost::asio::awaitable<void> { co_await stream.next(); }),
                    api_error);
  BOOST_TEST(told.size() == 6u);
  for (const std::string& id : told) BOOST_TEST(id == "r-[redacted]");
}

BOOST_AUTO_TEST_CASE(a_key_that_was_renewed_is_hidden_as_the_one_before_it_is) {
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    co_return "secret-key-" + std::to_string(++asked);
  };
  const auto handle = server.client(options);
  server.answer(401).answer(200, running);
  test::run(io, [&]() -> boost::asio::awaitable<void> { co_await executions_api(handle).get("e1"); });
  BOOST_TEST(handle->state->shown("secret-key-1 and secret-key-2") == "[redacted] and [redacted]");
}

BOOST_AUTO_TEST_CASE(both_keys_of_a_call_stand_in_no_error_and_reach_no_hook) {
  const std::string keys[] = {"first-key-of-all", "first-key"};  // the second within the first
  std::string told;
  client_options options;
  int asked = 0;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> { co_return keys[asked++ % 2]; };
  options.hooks.attempt = [&told](const attempt_report& r) {
    told += r.request_id;
    for (const auto& [name, value] : r.headers) told += value;
  };
  const std::string both = "first-key-of-all and first-key";
  const std::string head = "X-Request-Id: " + both + "\r\n";
  const auto hidden = [](const std::string& text) {
    BOOST_TEST(text.find("[redacted] and [redacted]") != std::string::npos, text);
    BOOST_TEST(text.find("first") == std::string::npos, text);
    BOOST_TEST(text.find("-of-all") == std::string::npos, text);
  };
  const executions_api executions(server.client(options));
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  server.answer(401).answer(403, R"({"detail":")" + both + R"("})", head);
  const auto refused = test::error_of<api_error>(io, get);
  hidden(refused.what());
  hidden(refused.details().detail);
  hidden(refused.details().request_id);
  hidden(boost::json::serialize(refused.details().body));
  hidden(told);
  server.answer(200, both);
  hidden(test::error_of<decode_error>(io, get).excerpt());
  server.answer(401).answer(403, R"({"detail":")" + both + R"("})", head);
  auto stream = executions.stream("e1");
  told.clear();
  hidden(test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> {
           co_await stream.next();
         }).what());
  hidden(told);
  BOOST_TEST(asked == 3);
}

BOOST_AUTO_TEST_CASE(keys_of_longer_ago_are_hidden_for_seven_renewals) {
  session::api_key_source source(std::string(), [asked = 0]() mutable -> boost::asio::awaitable<std::string> {
    return [](int number) -> boost::asio::awaitable<std::string> {
      co_return "secret-key-" + std::to_string(number);
    }(++asked);
  });
  const std::size_t renewals = session::api_key_source::most_before;
  for (std::size_t i = 0; i <= renewals; ++i) {
    session::versioned_key key;
    test::run(io, [&]() -> boost::asio::awaitable<void> { key = co_await source.current(); });
    source.reject(key.generation);
  }
  std::string text = "secret-key-1, secret-key-8";
  source.hide(text);
  BOOST_TEST(text == "[redacted], [redacted]");
}

BOOST_AUTO_TEST_CASE(a_binary_error_body_leaves_an_error_text_that_is_utf_8) {
  const executions_api executions(server.client());
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  std::string cut(511, 'x');
  server.answer(403, "a\xff\xfe" + std::string(1, '\0'), "X-Request-Id: \xe9\r\n");
  server.answer(403, cut + "\xE2\x82\xAC");
  server.answer(403, R"({"detail":")"
                     "\xc3\"}");
  for (int i = 0; i < 3; ++i) {
    const std::string text = test::error_of<api_error>(io, get).what();
    boost::json::value read;
    BOOST_TEST(!protocol::decode(boost::json::serialize(boost::json::string(text)), read), text);
    BOOST_TEST((i != 0 || text.find("a\xEF\xBF\xBD\xEF\xBF\xBD ") != std::string::npos), text);
    BOOST_TEST((i != 1 || text.find("x\xEF") == std::string::npos), text);
  }
}

BOOST_AUTO_TEST_CASE(a_rejected_fixed_key_is_final) {
  server.answer(401);
  const executions_api executions(server.client());
  const auto e =
      test::error_of<api_error>(io, [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); });
  BOOST_TEST((e.code() == errc::unauthorized));
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_supplier_that_takes_no_cancellation_is_left_behind_at_the_deadline_and_in_close) {
  boost::asio::steady_timer later(io, std::chrono::steady_clock::time_point::max());
  int asked = 0;
  client_options options;
  options.call_deadline = 30ms;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    ++asked;
    co_await boost::asio::this_coro::reset_cancellation_state(boost::asio::disable_cancellation());
    co_await later.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    co_return std::string("secret-late");
  };
  const auto handle = server.client(options);
  const executions_api executions(handle);
  const auto get = [&]() -> boost::asio::awaitable<void> { co_await executions.get("e1"); };
  BOOST_TEST((test::error_of<timeout_error>(io, get).server_may_have_acted() == server_action::no));
  const auto closing = [&]() -> boost::asio::awaitable<void> {
    bool ended = false;
    boost::asio::co_spawn(io, get(), [&](std::exception_ptr thrown) { ended = static_cast<bool>(thrown); });
    co_await boost::asio::post(io, boost::asio::use_awaitable);
    co_await session::close(handle->state, 0ms);
    BOOST_TEST(ended);
  };
  test::run(io, closing);
  BOOST_TEST(asked == 2);
  later.cancel();
  io.restart();
  io.poll();
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_CASE(calls_that_wait_for_a_key_at_the_same_time_share_one_question) {
  int asked = 0;
  client_options options;
  options.api_key_supplier = [&]() -> boost::asio::awaitable<std::string> {
    ++asked;
    const auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    co_return std::string("k");
  };
  for (int i = 0; i < 8; ++i) server.answer(200, running);
  const executions_api executions(server.client(options));
  int done = 0;
  bool all = false;
  for (int i = 0; i < 8; ++i)
    boost::asio::co_spawn(io, executions.get("e1"), [&](std::exception_ptr thrown, const execution&) {
      BOOST_TEST(!thrown);
      all = ++done == 8;
    });
  test::run_until(io, all);
  BOOST_TEST(asked == 1);
}

BOOST_AUTO_TEST_SUITE_END()
