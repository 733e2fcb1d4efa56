// Streams that end with an error which the caller may answer
// with another next(), and a limit that strikes too late.
#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/test/unit_test.hpp>

#include <thread>

namespace {

using namespace scripted;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

asio::awaitable<void> one(wf::event_stream* events) { co_await events->next(); }

const std::string lasting_error =
    "event: error\ndata: {\"error\":\"WF_1302\",\"reason\":\"lost the broker\"}\n\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stream_that_throws)

BOOST_AUTO_TEST_CASE(has_given_its_connection_back_and_paces_who_asks_again_at_once) {
  auto refusal = act::status_only(403);
  const act reported(lasting_error, finish::open);
  const act too_large("data: " + std::string(5'000, 'x') + "\n\n", finish::open);
  for (const act& script : {refusal, reported, too_large}) {
    asio::io_context context;
    auto server = std::make_shared<host>(context);
    server->answer = [&](const std::string&, int) { return script; };
    auto options = quick();
    options.max_event = 1'000;
    options.initial_backoff = options.max_backoff = 20ms;
    auto events = open(server, options);
    const auto began = steady::now();
    for (int i = 0; i < 4; ++i) {
      BOOST_CHECK_THROW(run(context, one(&events)), wf::error);
      BOOST_TEST(server->open_connections == 0);
    }
    BOOST_TEST(server->targets.size() == 4u);
    BOOST_TEST((steady::now() - began >= 36ms));  // the first wait is none, then twice 0.999 of 20 ms
  }
}

BOOST_AUTO_TEST_CASE(may_renew_its_key_again_after_an_answer_and_not_before) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->renewable = true;
  server->answer = [](const std::string&, int number) {
    if (number == 1 || number == 3) return act::status_only(401);
    return act(recorded::progress(number), finish::reset);
  };
  auto events = open(server);
  run(context, one(&events));
  run(context, one(&events));
  BOOST_TEST(server->renewals == 2);
  BOOST_TEST(server->targets.size() == 4u);
}

BOOST_AUTO_TEST_CASE(may_renew_its_key_again_after_each_error_that_it_has_told) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->renewable = true;
  server->answer = [](const std::string&, int number) {
    return number < 6 ? act::status_only(401) : act(recorded::progress(1), finish::open);
  };
  auto events = open(server);
  for (int told = 1; told <= 2; ++told) {
    BOOST_CHECK_THROW(run(context, one(&events)), wf::api_error);
    BOOST_TEST(server->renewals == told);
  }
  run(context, one(&events));
  BOOST_TEST(server->renewals == 3);
  BOOST_TEST(server->targets.size() == 6u);
}

BOOST_AUTO_TEST_CASE(may_renew_its_key_again_after_it_has_given_up) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->renewable = true;
  server->answer = [](const std::string&, int number) {
    if (number == 1 || number == 4) return act::status_only(401);
    return number < 4 ? act::no_connection() : act(recorded::progress(1), finish::open);
  };
  auto options = quick();
  options.max_attempts = 1;
  auto events = open(server, options);
  BOOST_CHECK_THROW(run(context, one(&events)), wf::stream_failure);
  BOOST_TEST(server->renewals == 1);
  BOOST_TEST(server->targets.size() == 3u);
  run(context, one(&events));
  BOOST_TEST(server->renewals == 2);
  BOOST_TEST(server->targets.size() == 5u);
}

BOOST_AUTO_TEST_CASE(does_not_lose_an_attempt_to_a_limit_that_struck_as_the_last_connection_broke) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number > 1) return act(recorded::progress(1), finish::open);
    act breaks(std::string(), finish::reset_later);
    breaks.comment_interval = 10ms;
    return breaks;
  };
  std::vector<wf::disconnect_reason> why;
  auto options = quick();
  options.idle_limit = 15ms;
  options.status_check = 1h;
  options.hooks.disconnected = [&](const wf::stream_disconnect& left) {
    why.push_back(left.reason);
    server->opening = 2ms;
  };
  auto events = open(server, options);
  asio::co_spawn(context, one(&events), [](std::exception_ptr problem) { BOOST_TEST(!problem); });
  context.poll();
  // Both are over when the context runs again. Only time brings that: an event would have to run in it.
  std::this_thread::sleep_for(20ms);
  context.restart();
  context.run();
  BOOST_TEST((why == std::vector<wf::disconnect_reason>{wf::disconnect_reason::cut}));
  BOOST_TEST(server->targets.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
