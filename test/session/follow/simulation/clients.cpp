// What many streams of one client ask of its server, over connections in memory.
#include "session/follow/simulation/story.hpp"
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/detached.hpp>

#include <deque>
#include <set>

using namespace scripted;

namespace {

struct many_streams {
  asio::io_context io;
  test::script server{io};
  const simulation::time_point began = simulation::now();
  std::chrono::milliseconds status_takes = 3s;
  std::function<test::script::said(std::size_t number)> stream_answer = [](std::size_t) {
    return test::script::said(clean_end(), 0us, false);
  };
  std::size_t streams_asked = 0;
  std::vector<simulation::time_point> status_gets;
  std::set<std::string> asked;
  std::deque<simulation::time_point> under_way;  // when they will be answered
  std::size_t most_at_once = 0;

  many_streams() {
    server.otherwise = [this](const std::string& request) { return answer(request); };
  }
  ~many_streams() {
    const auto at = simulation::now();
    simulation::run_until(io, [&] { return simulation::now() > at + 10min; });
  }

  static std::string clean_end() {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 0\r\n\r\n";
  }

  test::script::said answer(const std::string& request) {
    if (request.find("/stream") != std::string::npos) return stream_answer(++streams_asked);
    const auto now = simulation::now();
    status_gets.push_back(now);
    while (!under_way.empty() && under_way.front() <= now) under_way.pop_front();
    under_way.push_back(now + status_takes);
    most_at_once = std::max(most_at_once, under_way.size());
    const std::string id = test::id_of(request);
    asked.insert(id);
    const std::string state = test::execution_json(id, "RUNNING", "2026-11-22T12:00:00Z");
    return test::script::said(test::answer_bytes(200, "", state), status_takes, false);
  }

  /// So many streams of one client, each read for that long; all callers hear of it at that moment.
  void follow(int count, std::chrono::seconds time) {
    const wf::executions_api executions(server.client());
    std::vector<wf::event_stream> streams;
    for (int n = 0; n < count; ++n) streams.push_back(executions.stream("e" + std::to_string(n)));
    int ended = 0;
    auto read = [&](wf::event_stream* events) -> asio::awaitable<void> {
      co_await events->next_for(time);
      ++ended;
    };
    for (auto& one : streams) asio::co_spawn(io, read(&one), asio::detached);
    BOOST_REQUIRE(simulation::run_until(io, [&] { return ended == count; }));
    BOOST_TEST((simulation::now() - began == time));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(the_streams_of_a_client, many_streams)

BOOST_AUTO_TEST_CASE(that_end_cleanly_together_ask_four_at_a_time_how_their_executions_stand) {
  follow(40, 30s);
  BOOST_TEST(most_at_once == 4U);
  BOOST_TEST(status_gets.size() >= 30U);
}

BOOST_AUTO_TEST_CASE(ask_four_at_a_time_also_where_ten_thousand_are_cut_together) {
  constexpr std::size_t count = 10'000;
  status_takes = 10ms;
  stream_answer = [](std::size_t number) {
    if (number <= count) return test::script::said(clean_end(), 10s, false);
    return test::script::said("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n", 0us, false);
  };
  follow(static_cast<int>(count), 40s);
  BOOST_TEST(most_at_once == 4U);
  BOOST_TEST(streams_asked == 2 * count);
  BOOST_TEST(asked.size() == count);  // none is forgotten
}

BOOST_AUTO_TEST_CASE(wait_with_their_gets_at_a_closed_gate_and_not_with_their_callers) {
  const auto client = server.client();
  const wf::executions_api executions(client);
  auto events = executions.stream("e1");
  bool ended = false;
  auto follow = [&]() -> asio::awaitable<void> {
    co_await events.next_for(1s);
    client->state->admission()->refused(simulation::now() + 10s);
    status_gets.clear();
    const auto before = simulation::now();
    for (int i = 0; i < 8; ++i) co_await events.next_for(1s);
    BOOST_TEST((simulation::now() - before == 8s));
    BOOST_TEST(status_gets.empty());
    co_await events.next_for(10s);
    BOOST_TEST(!status_gets.empty());
    ended = true;
  };
  asio::co_spawn(io, follow(), asio::detached);
  BOOST_REQUIRE(simulation::run_until(io, [&] { return ended; }));
}

BOOST_AUTO_TEST_CASE(take_a_page_in_front_of_the_service_for_no_word_about_a_run) {
  const auto ends = recorded::frame(2, "WORKFLOW_EXECUTION_COMPLETED",
                                    R"({"task_id":"t","result":{"type":"json","value":1}})", "e2", "r2");
  const auto events_of = [](const std::string& frames) {
    return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: " +
           std::to_string(frames.size()) + "\r\n\r\n" + frames;
  };
  const auto state = [](const std::string& id, const std::string& status, const std::string& run) {
    return test::answer_bytes(200, "", test::execution_json(id, status, "2026-11-22T12:00:00Z", run));
  };
  server.otherwise = [&](const std::string& request) -> test::script::said {
    const auto asks = [&](const char* path) { return request.find(path) != std::string::npos; };
    if (asks("/runs/r2")) {
      if (simulation::now() - began > 1min) return state("e2", "COMPLETED", "r2");
      return std::string("HTTP/1.1 404 X\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>");
    }
    if (asks("/e2/stream")) return events_of(ends);
    if (asks("/stream")) return events_of(asks("last_event_id=1") ? "" : continued_as(1, "r2", "r1", "e1"));
    return asks("/e2") ? state("e2", "COMPLETED", "r2") : state("e1", "CONTINUED_AS_NEW", "r1");
  };
  auto events = wf::executions_api(server.client()).stream("e1");
  std::vector<std::int64_t> got;
  bool ended = false;
  auto follow = [&]() -> asio::awaitable<void> {
    while (const auto event = co_await events.next()) got.push_back(event->broker_sequence);
    ended = true;
  };
  asio::co_spawn(io, follow(), asio::detached);
  BOOST_REQUIRE(simulation::run_until(io, [&] { return ended; }));
  BOOST_TEST((got == numbers(1, 2)));
  BOOST_TEST(events.execution_id() == "e2");
}

BOOST_AUTO_TEST_SUITE_END()
