// Every cursor that a stream hands out, stored and begun
// from again: the rest comes, all of it and nothing else.
#include "session/follow/simulation/story.hpp"

#include <mistral/workflows/raw_event.hpp>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>

#include <algorithm>

using namespace scripted;

namespace {

// Three runs, the last of them under another id; children go through ends of their own in between.
const std::vector<std::string>& events_of(const std::string& execution) {
  static const std::string canceled = R"({"task_id":"t","reason":null})";
  static const std::vector<std::string> first = {
      recorded::started(1, "r1"),
      recorded::frame(2, "WORKFLOW_EXECUTION_CANCELED", canceled, "child-1", "rc1"),
      continued_as(3, "rc9", "rc2", "child-2"),
      continued_as(4, "r2", "r1"),
      recorded::frame(5, "WORKFLOW_EXECUTION_CANCELED", canceled, "child-3", "rc3"),
      recorded::started(6, "r2"),
      recorded::progress(7, "r2"),
      recorded::frame(8, "WORKFLOW_EXECUTION_CANCELED", canceled, "child-4", "rc4"),
      continued_as(9, "r3", "r2"),
      recorded::frame(10, "WORKFLOW_EXECUTION_CANCELED", canceled, "child-5", "rc5"),
  };
  static const std::vector<std::string> second = {
      recorded::frame(1, "WORKFLOW_EXECUTION_CANCELED", canceled, "child-6", "rc6"),
      recorded::frame(2, "SOMETHING_OF_THE_FUTURE", "{}", "exec-2", "r3"),
      recorded::frame(3, "WORKFLOW_EXECUTION_CANCELED", canceled, "child-7", "rc7"),
      recorded::frame(4, "WORKFLOW_EXECUTION_CANCELED", canceled, "exec-2", "r3"),
  };
  return execution == "exec-2" ? second : first;
}

enum class manner { open, cut_behind_each, ended_behind_each };
std::ostream& operator<<(std::ostream& out, manner how) {
  static constexpr const char* names[] = {"keeps open", "cuts behind each event", "ends behind each event"};
  return out << names[static_cast<int>(how)];
}

void serve(story& at, manner how) {
  at.server->answer = [how](const std::string& target, int) {
    const std::string id = target.find("exec-2") == std::string::npos ? "exec-1" : "exec-2";
    const auto& all = events_of(id);
    const auto from = static_cast<std::size_t>(cursor_in(target));
    if (how == manner::open || from + 1 >= all.size()) return act(joined(all, from), finish::open);
    return act(all[from], how == manner::ended_behind_each ? finish::clean : finish::reset);
  };
  at.server->look = [](const std::string& id, int) {
    return id == "exec-2" ? ended("r3", protocol::terminal_kind::canceled)
                          : ended("r2", protocol::terminal_kind::continued_as_new);
  };
  at.server->find = [](const std::string& run, int) {
    protocol::run_facts out;
    out.said = protocol::run_facts::answer::missing;
    if (run == "r2" || run == "r3") out.said = protocol::run_facts::answer::found;
    out.execution_id = run == "r3" ? "exec-2" : "exec-1";
    return out;
  };
}

struct stored {
  std::string cursor;
  std::size_t behind = 0;  // so many events
};

// All cursors of a stream that is read to its end: its own, its events' and those that its hooks are told.
std::vector<stored> cursors_of_one(manner how) {
  story at;
  serve(at, how);
  std::vector<stored> out;
  at.options.hooks.resumed = [&](const std::string& cursor) { out.push_back({cursor, at.got.size()}); };
  auto events = at.stream();
  out.push_back({events.cursor(), 0});
  auto tale = [&]() -> asio::awaitable<void> {
    while (auto event = co_await events.next()) {
      at.note(*event);
      out.push_back({event->cursor(), at.got.size()});
      out.push_back({events.cursor(), at.got.size()});
    }
  };
  at.run(tale());
  out.push_back({events.cursor(), at.got.size()});
  BOOST_TEST(at.got.size() == 14U);
  return out;
}

// Of all executions, without an id: goes on at `start_seq` and knows no other cursor.
void serve_numbers(story& at, std::int64_t last) {
  at.server->answer = [last](const std::string& target, int) {
    const std::string name = "start_seq=";
    const auto found = target.find(name);
    const auto first = found == std::string::npos ? 1 : std::stoll(target.substr(found + name.size()));
    if (first > last) return act(std::string(), finish::open);
    return act(without_id(recorded::progress(first)), finish::reset);
  };
}

const auto manners =
    boost::unit_test::data::make({manner::open, manner::cut_behind_each, manner::ended_behind_each});

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stored_cursor)

BOOST_DATA_TEST_CASE(is_followed_by_exactly_the_rest_wherever_it_was_taken, manners* manners, before, after) {
  std::vector<std::int64_t> all = numbers(1, 10);
  for (const auto n : numbers(1, 4)) all.push_back(n);
  for (const auto& [cursor, behind] : cursors_of_one(before)) {
    BOOST_TEST_INFO_SCOPE("from " << cursor);
    story at;
    serve(at, after);
    at.options.from = cursor;
    at.read_all();
    const std::vector<std::int64_t> rest(all.begin() + static_cast<std::ptrdiff_t>(behind), all.end());
    BOOST_TEST(at.got == rest, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(of_all_events_without_ids_asks_a_new_stream_for_the_number_behind_it) {
  std::vector<stored> cursors;
  story first;
  serve_numbers(first, 5);
  auto events = first.stream(all_events());
  auto tale = [&]() -> asio::awaitable<void> {
    while (first.got.size() < 5) {
      const auto event = co_await events.next();
      first.note(*event);
      cursors.push_back({event->cursor(), first.got.size()});
      cursors.push_back({events.cursor(), first.got.size()});
    }
  };
  first.run(tale());
  for (const auto& [cursor, behind] : cursors) {
    BOOST_TEST_INFO_SCOPE("from " << cursor);
    story at;
    serve_numbers(at, 5);
    at.options.from = cursor;
    auto rest = at.stream(all_events());
    at.run(at.read_for(rest, 10s));
    BOOST_TEST(at.got == numbers(static_cast<std::int64_t>(behind) + 1, 5), boost::test_tools::per_element());
    for (const auto& id : at.server->last_event_ids) BOOST_TEST(id.empty());
  }
}

BOOST_DATA_TEST_CASE(names_the_execution_that_goes_on_and_is_the_same_for_an_event_and_its_text, manners,
                     how) {
  story at;
  serve(at, how);
  wf::raw_event_stream events(
      std::make_shared<session::stream_session<wf::raw_event>>(at.server, execution_stream(), at.options));
  std::vector<std::string> of_text;
  auto tale = [&]() -> asio::awaitable<void> {
    while (auto event = co_await events.next()) of_text.push_back(event->decode().cursor());
  };
  at.run(tale());
  BOOST_TEST(of_text.size() == 14U);
  std::size_t found = 0;
  for (const auto& [cursor, behind] : cursors_of_one(how)) {
    BOOST_TEST(protocol::read_cursor(cursor, "exec-1").execution_id == (behind > 10 ? "exec-2" : "exec-1"));
    if (found < of_text.size() && behind == found + 1 && cursor == of_text[found]) ++found;
  }
  BOOST_TEST(found == 14U);
}

BOOST_DATA_TEST_CASE(that_is_the_end_itself_brings_nothing_and_takes_no_longer_than_the_drain, manners, how) {
  story at;
  serve(at, how);
  at.options.from = cursors_of_one(how).back().cursor;
  at.began = simulation::now();
  at.read_all();
  BOOST_TEST(at.got.empty());
  BOOST_TEST((at.passed() <= at.options.drain_time));
}

// A run that is to be looked for may take that time besides; one that a caller does not follow takes none.
BOOST_AUTO_TEST_CASE(that_is_the_end_of_a_continued_run_is_the_end_for_who_does_not_follow) {
  for (const auto& [cursor, behind] : cursors_of_one(manner::open)) {
    if (behind != 4 && behind != 9) continue;
    story at;
    serve(at, manner::open);
    at.options.from = cursor;
    at.options.follow_continue_as_new = false;
    at.read_all();
    BOOST_TEST(at.got.empty());
    BOOST_TEST((at.passed() <= at.options.drain_time));
  }
}

BOOST_AUTO_TEST_SUITE_END()
