// What a merge of streams does over seconds and minutes.
#include "session/follow/simulation/story.hpp"

#include <mistral/workflows/merge.hpp>

#include <algorithm>

namespace {

using namespace scripted;

// One stream has an event each 100 ms for two minutes, the other never gets an answer.
struct two_streams : story {
  std::shared_ptr<host> stuck = std::make_shared<host>(io);
  wf::event_merge all;
  milliseconds longest{0};

  two_streams() {
    stuck->opening = 24h;
    stuck->answer = [](const std::string&, int) { return act("", finish::open); };
    stuck->look = [](const std::string&, int) { return running(); };
    server->answer = [](const std::string&, int) {
      std::vector<std::string> events;
      for (std::int64_t n = 1; n <= 1200; ++n) events.push_back(recorded::progress(n));
      return act::ticking(std::move(events), 100ms, finish::open);
    };
    all.add(open(stuck, options));
    all.add(stream());
  }

  asio::awaitable<void> follow(milliseconds work_on_each) {
    auto last = simulation::now();
    while (got.size() < 1200) {
      const auto one = co_await all.next();
      note(one->event);
      longest = std::max(longest, since(last));
      last = simulation::now();
      if (work_on_each.count() > 0) co_await pause(work_on_each);
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_merge_of_streams_over_time)

BOOST_AUTO_TEST_CASE(has_no_gap_between_events_each_100_ms_while_another_stream_hangs_in_connecting) {
  two_streams tale;
  tale.run(tale.follow(0ms));
  BOOST_TEST((tale.got == numbers(1, 1200)));
  BOOST_TEST(tale.longest.count() <= 101);
  BOOST_TEST(tale.stuck->targets.size() <= 3U);  // its connect limit is a minute
}

// All waits are stopped after each event.
BOOST_AUTO_TEST_CASE(gives_up_no_attempt_to_connect_for_a_caller_that_works_longer_than_the_grace) {
  two_streams tale;
  tale.run(tale.follow(80ms));
  BOOST_TEST((tale.got == numbers(1, 1200)));
  BOOST_TEST(tale.longest.count() <= 101);
  BOOST_TEST(tale.stuck->targets.size() <= 3U);
}

BOOST_AUTO_TEST_CASE(lets_run_return_50_ms_after_the_last_call) {
  story tale;
  tale.server->answer = [](const std::string&, int number) {
    return act(number == 1 ? recorded::progress(1) : std::string(), finish::open);
  };
  wf::event_merge all;
  for (int i = 0; i < 3; ++i) all.add(tale.stream());
  const auto one_event = [&]() -> asio::awaitable<void> {
    const auto one = co_await all.next();
    tale.note(one->event);
  };
  tale.run(one_event());
  const auto called = tale.passed();
  BOOST_TEST(!simulation::run_until(tale.io, [] { return false; }));
  BOOST_TEST((tale.passed() - called).count() >= 50);
  BOOST_TEST((tale.passed() - called).count() <= 51);
  BOOST_TEST(tale.server->open_connections == 3);
}

BOOST_AUTO_TEST_SUITE_END()
