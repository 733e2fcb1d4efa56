#include "session/follow/scripted_host.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

namespace {

using namespace scripted;

// A server that resumes after the cursor and is silent at the end.
std::shared_ptr<host> recorded_server(asio::io_context& context) {
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string& target, int) {
    return act(joined(recorded::frames(), static_cast<std::size_t>(cursor_in(target))), finish::open);
  };
  server->look = [](const std::string&, int) { return running(); };
  return server;
}

std::vector<std::int64_t> read_sixty(wf::event_stream& events, asio::io_context& context) {
  std::vector<std::int64_t> got;
  auto story = [&]() -> asio::awaitable<void> {
    while (got.size() < 60) {
      auto event = co_await events.next();
      if (!event) break;
      got.push_back(event->broker_sequence);
    }
  };
  run(context, story());
  return got;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_cut_stream)

BOOST_AUTO_TEST_CASE(the_recording_has_all_types_and_an_unknown_one) {
  asio::io_context context;
  auto server = recorded_server(context);
  auto events = open(server);
  std::set<std::string> types;
  int unknown = 0;
  auto story = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 60; ++i) {
      auto event = co_await events.next();
      BOOST_TEST_REQUIRE(event.has_value());
      types.emplace(event->type());
      const auto* raw = std::get_if<wf::unknown_event>(&event->data.attributes);
      if (!raw) continue;
      ++unknown;
      BOOST_TEST(!raw->error.has_value());
      BOOST_TEST(event->data.type() == "SOMETHING_OF_THE_FUTURE");
    }
  };
  run(context, story());
  BOOST_TEST(types.size() == 18U);
  BOOST_TEST(unknown > 0);
}

BOOST_AUTO_TEST_CASE(gives_each_event_once_from_a_server_that_resumes_before_the_cursor) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string& target, int) {
    const auto cursor = static_cast<std::size_t>(cursor_in(target));
    const std::size_t from = cursor > 5 ? cursor - 5 : 0;
    return act(joined(recorded::frames(), from, cursor + 7), finish::reset);
  };
  std::vector<std::int64_t> dropped;
  auto options = quick();
  options.hooks.duplicate = [&](std::int64_t sequence) { dropped.push_back(sequence); };
  auto events = open(server, options);
  BOOST_TEST((read_sixty(events, context) == numbers(1, 60)));
  BOOST_TEST(dropped.size() >= 30U);
}

BOOST_AUTO_TEST_CASE(keeps_its_cursor_when_resumed_connections_die_before_their_first_event) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string& target, int number) {
    const std::string rest = joined(recorded::frames(), static_cast<std::size_t>(cursor_in(target)));
    if (number == 1) return act(joined(recorded::frames(), 0, 7), finish::reset);
    return number < 5 ? act(rest.substr(0, 100), finish::reset) : act(rest, finish::open);
  };
  auto events = open(server);
  BOOST_TEST((read_sixty(events, context) == numbers(1, 60)));
  for (std::size_t i = 1; i < 5; ++i) BOOST_TEST(cursor_in(server->targets[i]) == 7);
}

BOOST_AUTO_TEST_CASE(drops_nothing_on_an_unbroken_connection_and_reports_what_runs_backwards) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    return act(recorded::progress(3) + recorded::progress(4) + recorded::progress(2) + recorded::progress(2) +
                   recorded::progress(9),
               finish::open);
  };
  std::vector<wf::sequence_step> steps;
  auto options = quick();
  options.hooks.sequence = [&](const wf::sequence_step& seen) { steps.push_back(seen); };
  auto events = open(server, options, all_events());
  std::vector<std::int64_t> got;
  auto story = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 5; ++i) got.push_back((co_await events.next())->broker_sequence);
  };
  run(context, story());
  BOOST_TEST((got == std::vector<std::int64_t>{3, 4, 2, 2, 9}));
  BOOST_TEST_REQUIRE(steps.size() == 3U);
  BOOST_TEST(steps[0].backwards());
  BOOST_TEST(steps[1].backwards());
  BOOST_TEST(!steps[2].backwards());
  BOOST_TEST(!steps[2].filtered);
  BOOST_TEST(!steps[2].after_resume);
}

BOOST_AUTO_TEST_CASE(goes_on_from_a_stored_cursor) {
  asio::io_context context;
  auto server = recorded_server(context);
  auto options = quick();
  options.from = "58";
  auto events = open(server, options);
  auto story = [&]() -> asio::awaitable<void> {
    const auto event = co_await events.next();
    BOOST_TEST(event->broker_sequence == 59);
    BOOST_TEST(event->cursor() == "w1:exec-1:59");
    BOOST_TEST(events.cursor() == "w1:exec-1:59");
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(of_all_events_resumes_by_header_and_never_by_both) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return act(recorded::progress(number), finish::reset);
  };
  auto description = all_events();
  description.start_seq = 1;
  auto events = open(server, quick(), description);
  auto story = [&]() -> asio::awaitable<void> {
    co_await events.next();
    co_await events.next();
  };
  run(context, story());
  BOOST_TEST(server->targets[0].ends_with("start_seq=1"));
  BOOST_TEST(server->last_event_ids[0].empty());
  BOOST_TEST(server->targets[1].find("start_seq") == std::string::npos);
  BOOST_TEST(server->last_event_ids[1] == "1");
}

BOOST_AUTO_TEST_CASE(of_all_events_without_ids_resumes_by_start_seq_inclusive) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    const std::string whole = recorded::progress(number + 40);
    return act(whole.substr(whole.find('\n') + 1), finish::reset);
  };
  auto events = open(server, quick(), all_events());
  auto story = [&]() -> asio::awaitable<void> {
    co_await events.next();
    co_await events.next();
  };
  run(context, story());
  BOOST_TEST(server->targets[1].ends_with("start_seq=42"));
  BOOST_TEST(server->last_event_ids[1].empty());
}

BOOST_AUTO_TEST_CASE(an_event_whose_body_does_not_fit_arrives_as_unknown_with_its_json_and_the_error) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    return act(recorded::frame(1, "CUSTOM_TASK_STARTED", R"({"custom_task_id":17})") +
                   "id: 2\ndata: {\"stream\":7}\n\n" + "id: 3\ndata: no JSON\n\n" + recorded::progress(4),
               finish::open);
  };
  auto events = open(server);
  auto story = [&]() -> asio::awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const auto event = co_await events.next();
      const auto* unknown = std::get_if<wf::unknown_event>(&event->data.attributes);
      BOOST_TEST_REQUIRE(unknown != nullptr);
      BOOST_TEST(unknown->error.has_value());
      BOOST_TEST(!unknown->json.is_null());
    }
    BOOST_TEST(events.cursor() == "w1:exec-1:3");
    BOOST_TEST((co_await events.next())->broker_sequence == 4);
  };
  run(context, story());
}

BOOST_AUTO_TEST_CASE(a_hook_that_throws_costs_no_event) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) {
    act made(recorded::progress(1) + recorded::progress(3) + recorded::progress(4), finish::open);
    made.chunk = made.body.size();
    return made;
  };
  auto options = quick();
  int told = 0;
  options.hooks.sequence = [&](const wf::sequence_step&) {
    if (++told == 1) throw std::runtime_error("the hook's own");
  };
  auto events = open(server, options);
  std::vector<std::int64_t> got;
  auto story = [&]() -> asio::awaitable<void> {
    got.push_back((co_await events.next())->broker_sequence);
    BOOST_CHECK_THROW(events.try_next(), std::runtime_error);
    BOOST_TEST(events.cursor() == "w1:exec-1:1");
    for (int i = 0; i < 2; ++i) got.push_back((co_await events.next())->broker_sequence);
  };
  run(context, story());
  BOOST_TEST((got == std::vector<std::int64_t>{1, 3, 4}));
  BOOST_TEST(told == 1);
}

BOOST_AUTO_TEST_SUITE_END()
