#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/test/unit_test.hpp>

namespace {

using namespace scripted;
using reasons = std::vector<wf::disconnect_reason>;

// What the hooks of a stream were told.
struct record {
  int connected = 0;
  std::vector<std::string> resumed;
  std::vector<wf::stream_disconnect> left;

  wf::stream_options options() {
    auto made = quick();
    made.hooks.connected = [this] { ++connected; };
    made.hooks.resumed = [this](const std::string& cursor) { resumed.push_back(cursor); };
    made.hooks.disconnected = [this](const wf::stream_disconnect& why) { left.push_back(why); };
    return made;
  }
  reasons why() const {
    reasons out;
    for (const auto& one : left) out.push_back(one.reason);
    return out;
  }
};

std::int64_t next_of(wf::event_stream& events, asio::io_context& context) {
  std::int64_t got = 0;
  auto story = [&]() -> asio::awaitable<void> {
    const auto event = co_await events.next();
    if (event) got = event->broker_sequence;
  };
  run(context, story());
  return got;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stream_that_loses_its_connection)

BOOST_AUTO_TEST_CASE(reconnects_at_once_after_the_first_cut_and_tells_its_hooks) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return act(recorded::progress(number), finish::reset);
  };
  record seen;
  auto events = open(server, seen.options());
  BOOST_TEST(next_of(events, context) == 1);
  BOOST_TEST(next_of(events, context) == 2);
  BOOST_TEST(seen.connected == 1);
  BOOST_TEST((seen.resumed == std::vector<std::string>{"w1:exec-1:1"}));
  BOOST_TEST((seen.why() == reasons{wf::disconnect_reason::cut}));
  BOOST_TEST((seen.left[0].code == asio::error::connection_reset));
  BOOST_TEST(seen.left[0].retry_in.count() == 0);
}

BOOST_AUTO_TEST_CASE(backs_off_while_nothing_comes_and_starts_over_after_progress) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number <= 4) return act::no_connection();
    return act(recorded::progress(number), finish::reset);
  };
  record seen;
  auto options = seen.options();
  options.max_backoff = std::chrono::milliseconds(4);
  auto events = open(server, options);
  BOOST_TEST(next_of(events, context) == 5);
  BOOST_TEST(next_of(events, context) == 6);
  std::vector<long> waits;
  for (const auto& one : seen.left) waits.push_back(static_cast<long>(one.retry_in.count()));
  BOOST_TEST((waits == std::vector<long>{0, 1, 2, 4, 0}));
}

BOOST_AUTO_TEST_CASE(respects_the_servers_retry_and_retry_after) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number == 1) return act("retry: 2\n" + recorded::progress(1), finish::reset);
    if (number > 2) return act(recorded::progress(2), finish::reset);
    auto busy = act::status_only(503);
    busy.retry_after = std::chrono::milliseconds(15);
    return busy;
  };
  record seen;
  auto events = open(server, seen.options());
  next_of(events, context);
  BOOST_TEST(next_of(events, context) == 2);
  BOOST_TEST_REQUIRE(seen.left.size() == 2U);
  BOOST_TEST(seen.left[0].retry_in.count() == 2);
  BOOST_TEST(seen.left[1].retry_in.count() == 15);
  BOOST_TEST((seen.left[1].reason == wf::disconnect_reason::refused));
  BOOST_TEST(seen.left[1].status == 503);
}

BOOST_AUTO_TEST_CASE(reconnects_when_nothing_comes_for_the_idle_limit_not_even_a_comment) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return number == 1 ? act(recorded::progress(1), finish::open) : act(recorded::progress(2), finish::open);
  };
  server->look = [](const std::string&, int) { return running(); };
  record seen;
  auto events = open(server, seen.options());
  next_of(events, context);
  BOOST_TEST(next_of(events, context) == 2);
  BOOST_TEST((seen.why() == reasons{wf::disconnect_reason::idle}));
}

BOOST_AUTO_TEST_CASE(counts_idle_time_from_the_last_comment_on) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    act made(recorded::progress(1), finish::comments);
    made.comment_interval = std::chrono::milliseconds(700);
    return made;
  };
  record seen;
  auto options = seen.options();
  options.idle_limit = std::chrono::milliseconds(1200);
  options.status_check = std::chrono::hours(1);
  auto events = open(server, options);
  auto story = [&]() -> asio::awaitable<void> {
    co_await events.next();
    const auto nothing = co_await events.next_for(std::chrono::milliseconds(2200));  // three comments
    BOOST_TEST(!nothing.has_value());
  };
  run(context, story());
  BOOST_TEST(seen.left.empty());
}

BOOST_AUTO_TEST_CASE(does_not_count_idle_time_while_nobody_waits) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    act slow(recorded::progress(1) + recorded::progress(2), finish::open);
    slow.chunk = recorded::progress(1).size();
    return slow;
  };
  record seen;
  auto options = seen.options();
  options.idle_limit = std::chrono::milliseconds(5);
  auto events = open(server, options);
  auto story = [&]() -> asio::awaitable<void> {
    co_await events.next();
    // Longer than the idle limit, with nobody waiting for the stream.
    asio::steady_timer work(context, std::chrono::milliseconds(15));
    co_await work.async_wait(asio::use_awaitable);
    BOOST_TEST((co_await events.next())->broker_sequence == 2);
  };
  run(context, story());
  BOOST_TEST(seen.left.empty());
}

BOOST_AUTO_TEST_CASE(throws_with_its_cursor_when_the_budget_is_spent_and_can_be_asked_again) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number == 1) return act(recorded::progress(7), finish::reset);
    return number < 6 ? act::no_connection() : act(recorded::progress(8), finish::open);
  };
  auto options = quick();
  options.max_attempts = 3;
  auto events = open(server, options);
  next_of(events, context);
  BOOST_CHECK_EXCEPTION(next_of(events, context), wf::stream_failure, [](const wf::stream_failure& e) {
    return e.cursor() == "w1:exec-1:7" && e.code() == asio::error::connection_refused &&
           e.operation() == "executions.stream";
  });
  BOOST_TEST(next_of(events, context) == 8);
}

BOOST_AUTO_TEST_CASE(renews_the_key_once_after_401_and_throws_after_the_second) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->renewable = true;
  server->answer = [](const std::string&, int number) {
    return number == 1 ? act::status_only(401) : act(recorded::progress(1), finish::open);
  };
  record seen;
  auto events = open(server, seen.options());
  BOOST_TEST(next_of(events, context) == 1);
  BOOST_TEST(server->renewals == 1);
  BOOST_TEST((seen.why() == reasons{wf::disconnect_reason::key_rejected}));

  server->answer = [](const std::string&, int) { return act::status_only(403); };
  auto refused = open(server);
  BOOST_CHECK_EXCEPTION(next_of(refused, context), wf::api_error,
                        [](const wf::api_error& e) { return e.status() == 403; });
  BOOST_TEST(server->renewals == 2);
}

BOOST_AUTO_TEST_CASE(throws_what_the_server_reports_inside_the_stream) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number > 1) return act(recorded::progress(2), finish::open);
    return act(recorded::progress(1) +
                   "event: error\ndata: {\"error\":\"WF_1302\",\"reason\":\"lost the broker\"}\n\n",
               finish::clean);
  };
  auto events = open(server);
  next_of(events, context);
  BOOST_CHECK_EXCEPTION(next_of(events, context), wf::stream_failure, [](const wf::stream_failure& e) {
    return e.code() == wf::errc::stream_failed && e.cursor() == "w1:exec-1:1" &&
           std::string(e.what()).find("lost the broker") != std::string::npos;
  });
  BOOST_TEST(next_of(events, context) == 2);
}

BOOST_AUTO_TEST_CASE(reconnects_after_an_error_event_whatever_it_says) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number > 1) return act(recorded::progress(1), finish::open);
    return act("data: {\"error\":\"overload\",\"reason\":\"Gone for good\"}\n\n", finish::clean);
  };
  record seen;
  auto events = open(server, seen.options());
  BOOST_TEST(next_of(events, context) == 1);
  BOOST_TEST((seen.why() == reasons{wf::disconnect_reason::stream_error}));
}

BOOST_AUTO_TEST_CASE(takes_an_answer_that_is_no_event_stream_for_a_failed_attempt) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    if (number > 1) return act(recorded::progress(1), finish::open);
    auto page = act("<html>Welcome to the airport</html>", finish::clean);
    page.content_type = "text/html";
    return page;
  };
  record seen;
  auto events = open(server, seen.options());
  BOOST_TEST(next_of(events, context) == 1);
  BOOST_TEST((seen.why() == reasons{wf::disconnect_reason::refused}));
}

BOOST_AUTO_TEST_CASE(ends_an_event_beyond_the_limit_with_a_clear_error) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    return act("data: " + std::string(5000, 'x') + "\n\n", finish::open);
  };
  auto options = quick();
  options.max_event = 1000;
  auto events = open(server, options);
  BOOST_CHECK_EXCEPTION(next_of(events, context), wf::stream_failure, [](const wf::stream_failure& e) {
    return e.code() == wf::errc::decode && std::string(e.what()).find("max_event") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(refuses_options_that_cannot_work) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  auto options = quick();
  options.idle_limit = std::chrono::milliseconds(0);
  BOOST_CHECK_EXCEPTION(open(server, options), wf::invalid_argument, [](const wf::invalid_argument& e) {
    return e.field() == "stream_options.idle_limit";
  });
  options = quick();
  options.from = "a\r\nb";
  BOOST_CHECK_THROW(open(server, options), wf::invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
