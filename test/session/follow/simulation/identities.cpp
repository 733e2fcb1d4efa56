// What a stream makes of events without identity, strange ones and those that come again, and what its cursor
// says.
#include "session/follow/simulation/story.hpp"

#include <mistral/workflows/raw_event.hpp>

#include <algorithm>
#include <memory>
#include <optional>

using namespace scripted;

BOOST_FIXTURE_TEST_SUITE(identities_of_events, story)

BOOST_AUTO_TEST_CASE(an_event_without_identity_does_not_end_the_search_for_what_is_new) {
  server->answer = [](const std::string&, int number) {
    if (number == 1) return act(recorded::progress(1) + recorded::progress(2), finish::reset);
    return act(
        "data: {\"hello\":1}\n\n" + recorded::progress(1) + recorded::progress(2) + recorded::completed(3),
        finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 0, 3}));
}

BOOST_AUTO_TEST_CASE(an_event_without_identity_does_not_take_the_cursor_back_to_one_that_came_again) {
  const std::string heartbeat = "data: {}\n\n";
  server->answer = [&](const std::string& target, int number) {
    // Repeats one event from before the cursor; what comes without an id inherits that one's.
    if (number > 1) return act(recorded::progress(1) + heartbeat, finish::clean);
    return act(events_after(target, 2), finish::clean);
  };
  auto events = stream();
  run(read_for(events, 10s));
  BOOST_TEST(std::count(got.begin(), got.end(), 1) == 1);
  BOOST_TEST(events.cursor() == protocol::cursor_text(recorded::execution, "2", protocol::event_facts()));
  for (std::size_t i = 1; i < server->targets.size(); ++i) BOOST_TEST(cursor_in(server->targets[i]) == 2);
  BOOST_TEST(server->targets.size() <= 12U);  // none of that moves the cursor, so each waits for longer
}

BOOST_AUTO_TEST_CASE(an_event_of_another_numbering_does_not_take_the_cursor_back_either) {
  server->answer = [&](const std::string& target, int number) {
    if (number > 1) return act(events_after(target, 2), finish::open);
    return act(recorded::progress(1) + without_id(recorded::progress(2)) + "data: {}\n\n", finish::clean);
  };
  auto events = stream();
  run(read_for(events, 10s));
  BOOST_TEST((got == std::vector<std::int64_t>{1, 2, 0}));
  BOOST_TEST(cursor_in(server->targets.at(1)) == 2);
}

BOOST_AUTO_TEST_CASE(an_event_with_an_unreadable_member_comes_once_from_a_server_without_ids) {
  const std::string strange =
      "data: "
      "{\"stream\":7,\"data\":{\"event_id\":\"e-2\",\"workflow_exec_id\":\"exec-1\"},\"broker_sequence\":2}"
      "\n\n";
  server->answer = [&](const std::string&, int number) {
    const std::string first = without_id(recorded::progress(1)) + strange;
    return number < 4 ? act(first, finish::reset)
                      : act(first + without_id(recorded::completed(3)), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  read_all();
  BOOST_TEST((got == numbers(1, 3)));
}

BOOST_AUTO_TEST_CASE(an_unknown_event_is_no_gap) {
  int gaps = 0;
  options.hooks.sequence = [&](const wf::sequence_step&) { ++gaps; };
  server->answer = [](const std::string&, int) {
    return act(recorded::progress(1) + "data: no JSON\n\n" + recorded::progress(3), finish::open);
  };
  auto events = stream(all_events());
  auto tale = [&]() -> asio::awaitable<void> {
    while (got.size() < 3) note(*co_await events.next());
  };
  run(tale());
  BOOST_TEST(gaps == 0);
}

BOOST_AUTO_TEST_CASE(its_cursor_stays_when_the_stream_is_closed_or_its_context_gone) {
  server->answer = [](const std::string&, int) { return act(recorded::progress(1), finish::open); };
  auto closed = stream();
  auto tale = [&]() -> asio::awaitable<void> { co_await closed.next(); };
  run(tale());
  const std::string cursor = closed.cursor();
  BOOST_TEST(!cursor.empty());
  closed.close();
  BOOST_TEST(closed.cursor() == cursor);

  auto context = std::make_unique<asio::io_context>();
  auto other = std::make_shared<host>(*context);
  other->answer = server->answer;
  other->look = server->look;
  auto orphan = open(other, options);
  bool done = false;
  asio::co_spawn(*context, orphan.next(),
                 [&](std::exception_ptr, std::optional<wf::stream_event>) { done = true; });
  BOOST_REQUIRE(simulation::run_until(*context, [&] { return done; }));
  other.reset();
  context.reset();
  BOOST_TEST(orphan.cursor() == cursor);
  BOOST_TEST(orphan.execution_id() == recorded::execution);
}

BOOST_AUTO_TEST_SUITE_END()
