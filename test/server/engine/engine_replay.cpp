// The journal cut at every place, and the server started again from what is left: as if nothing had happened.
#include "server/engine/engine_fixture.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/test/unit_test.hpp>

#include <functional>
#include <optional>
#include <regex>

BOOST_AUTO_TEST_SUITE(engine_replay)

using namespace engine_test;
using boost::asio::awaitable;
using namespace boost::asio::experimental::awaitable_operators;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

awaitable<json::value> child(workflow_context context) {
  context.start_task("child", context.input());
  co_await context.sleep_for(1min);
  co_return context.input();
}

/// Does a little of everything.
awaitable<json::value> everything(workflow_context context) {
  auto notes = std::make_shared<json::array>();
  context.on_query("notes", [notes](const json::value&) -> json::value { return *notes; });
  context.on_update("note", [notes, context](const json::value& input) -> json::value {
    notes->push_back(input);
    context.start_task("noted", input);
    return notes->size();
  });
  auto task = context.start_task("all", parsed(R"({"pi":3.141592653589793,"big":18446744073709551615})"));
  auto raced = co_await (context.wait_signal("early") || context.sleep_for(1h));
  task.progress(raced.index());
  auto child = context.start_child("child", "hello");
  auto work = [](const json::value& input) -> json::value { return input; };
  task.progress(co_await context.activity("work", 7, work));
  task.progress(co_await child.result());
  auto first = co_await context.wait_signal("go");
  auto second = co_await context.wait_signal("go");
  json::array order;
  order.push_back(first);
  order.push_back(second);
  task.progress(order);
  auto enough = [notes] { return notes->size() >= 2; };
  co_await context.wait_until(enough);
  json::array operations;
  json::object operation;
  operation["op"] = "append";
  operation["path"] = "/log";
  operation["value"] = context.new_id();
  operations.push_back(operation);
  task.patch(operations);
  if (context.attempt() == 1) throw std::runtime_error("once more");
  task.complete(*notes);
  co_return *notes;
}

std::vector<workflow_definition> all() {
  std::vector<workflow_definition> all;
  workflow_definition retried("everything", everything);
  retried.retry.maximum_attempts = 2;
  all.push_back(retried);
  all.emplace_back("child", child);
  return all;
}

/// What the outside does, one thing after the other. Each
/// is done once, whatever happens to the server in between:
/// those that the journal still shows are not done again.
const std::vector<std::function<void(server&)>>& outside() {
  static const std::vector<std::function<void(server&)>> steps = [] {
    std::vector<std::function<void(server&)>> made;
    made.push_back([](server& server) { server.start("everything", nullptr, "x"); });
    for (int attempt = 1; attempt <= 2; ++attempt) {
      made.push_back([](server& server) { server.signal("x", "early", 1); });
      made.push_back([](server& server) { server.signal("x", "go", "first"); });
      made.push_back([](server& server) { server.update("x", "note", 2.5); });
      made.push_back([](server& server) { server.signal("x", "go", "second"); });
      made.push_back([](server& server) { server.advance(2min); });
      made.push_back([](server& server) { server.update("x", "note", "two"); });
      made.push_back([](server& server) { server.advance(2min); });
    }
    return made;
  }();
  return steps;
}

std::int64_t done_of(server& server, const char* operation) {
  return server.engine().done().of(operation, "x");
}

/// Brings a server that remembers some of it to the end: by
/// its counters it is known what the outside has done already.
void finish(server& server) {
  std::int64_t signals = done_of(server, "executions.signal");
  std::int64_t updates = done_of(server, "executions.update");
  bool started = done_of(server, "workflows.execute") > 0;
  if (!started) outside()[0](server);
  for (std::size_t index = 1; index < outside().size(); ++index) {
    auto place = (index - 1) % 7;
    auto is_signal = place == 0 || place == 1 || place == 3;
    auto is_update = place == 2 || place == 5;
    if (is_signal && signals-- > 0) continue;
    if (is_update && updates-- > 0) continue;
    // Time has passed if something came after it.
    if (!is_signal && !is_update && (signals > 0 || updates > 0)) continue;
    outside()[index](server);
  }
}

/// Ids that a workflow makes come out the same as long as its run is the same.
strings without_ids(strings story) {
  static const std::regex id("[0-9a-f]{8}-[0-9a-f-]{27}");
  for (auto& line : story) line = std::regex_replace(line, id, "ID");
  return story;
}

/// The numbers of the lines are part of them.
void expect_same_story(const strings& expected, server& server, const std::string& place) {
  auto story = server.story();
  BOOST_TEST_CONTEXT("cut at " << place) { BOOST_TEST(story == expected, boost::test_tools::per_element()); }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_journal_cut_after_any_record_leads_to_the_same_events_once_each_and_in_order) {
  scratch_folder folder;
  strings expected;
  {
    server server(all(), folder.path());
    for (const auto& step : outside()) step(server);
    BOOST_TEST_REQUIRE(server.status("x") == "COMPLETED");
    expected = server.story();
    BOOST_TEST_REQUIRE(expected.size() > 20);
  }
  auto whole = folder.read_journal();
  std::size_t records = 0;
  for (auto end = whole.find('\n'); end != std::string::npos; end = whole.find('\n', end + 1)) {
    folder.write_journal(std::string_view(whole).substr(0, end + 1));
    server server(all(), folder.path());
    finish(server);
    BOOST_TEST_CONTEXT("cut after record " << records) {
      BOOST_TEST(server.status("x") == "COMPLETED");
      BOOST_TEST(done_of(server, "workflows.execute") == 1);
      BOOST_TEST(done_of(server, "executions.signal") == 6);
      BOOST_TEST(done_of(server, "executions.update") == 4);
    }
    BOOST_TEST_CONTEXT("cut after record " << records) {
      auto another_run = records == 0;
      BOOST_TEST((another_run ? without_ids(server.story()) : server.story()) ==
                     (another_run ? without_ids(expected) : expected),
                 boost::test_tools::per_element());
    }
    ++records;
  }
  BOOST_TEST(records > 30U);
}

BOOST_AUTO_TEST_CASE(a_last_record_torn_at_any_byte_is_cut_off_and_written_again) {
  scratch_folder folder;
  {
    server server(all(), folder.path());
    outside()[0](server);
    outside()[1](server);
  }
  auto whole = folder.read_journal();
  auto last = whole.rfind('\n', whole.size() - 2) + 1;
  strings expected;
  for (auto end = last; end <= whole.size(); ++end) {
    folder.write_journal(std::string_view(whole).substr(0, end));
    server server(all(), folder.path());
    if (end == last) expected = server.story();
    expect_same_story(expected, server, "byte " + std::to_string(end - last));
  }
}

BOOST_AUTO_TEST_CASE(what_was_emitted_is_neither_emitted_nor_counted_again_by_a_restart) {
  scratch_folder folder;
  std::int64_t last = 0;
  std::string first_id;
  for (int start = 0; start < 3; ++start) {
    server server(all(), folder.path());
    if (start == 0) {
      server.start("everything", nullptr, "x");
      server.signal("x", "early", 1);
      server.update("x", "note", 1);
      last = server.engine().last_sequence();
      first_id = std::string(server.events("x").front().at("data").at("event_id").as_string());
      continue;
    }
    BOOST_TEST(server.engine().last_sequence() == last);
    BOOST_TEST(server.events("x").front().at("data").at("event_id").as_string() == first_id);
    BOOST_TEST(server.query("x", "notes") == parsed("[1]"));
    BOOST_TEST(done_of(server, "started") == 1);
    BOOST_TEST(done_of(server, "executions.update") == 1);
    BOOST_TEST(done_of(server, "executions.query") == start);
  }
}

BOOST_AUTO_TEST_CASE(sequences_go_on_after_a_restart) {
  scratch_folder folder;
  std::int64_t last = 0;
  {
    server server(all(), folder.path());
    server.start("child", 1, "a");
    last = server.engine().last_sequence();
  }
  server server(all(), folder.path());
  server.start("child", 1, "b");
  BOOST_TEST(server.events("b").front().at("broker_sequence").to_number<std::int64_t>() == last + 1);
}

BOOST_AUTO_TEST_CASE(a_sleep_ends_when_it_would_have_ended_without_the_restart) {
  scratch_folder folder;
  auto begin = wt::clock::time_point();
  {
    server server(all(), folder.path());
    begin = server.clock()->now();
    server.start("child", 1, "a");
    server.advance(30s);
    server.start("child", 2, "b");
  }
  server server(all(), folder.path());
  BOOST_TEST((server.clock()->now() == begin + 30s));
  server.advance(30s);
  BOOST_TEST(server.status("a") == "COMPLETED");
  BOOST_TEST(server.status("b") == "RUNNING");
}

BOOST_AUTO_TEST_CASE(
    an_activity_that_has_failed_goes_on_with_its_next_attempt_and_a_finished_one_is_not_done_again) {
  auto calls = std::make_shared<int>(0);
  auto works = [calls](workflow_context context) -> awaitable<json::value> {
    wt::activity_options twice;
    twice.maximum_attempts = 2;
    auto work = [calls](const json::value& input) -> json::value {
      if (++*calls == 1) throw std::runtime_error("try again");
      return input;
    };
    auto done = co_await context.activity("work", 7, work, twice);
    co_await context.wait_signal("go");
    co_return done;
  };
  std::vector<workflow_definition> workflows;
  workflows.emplace_back("works", works);
  scratch_folder folder;
  {
    server server(workflows, folder.path());
    server.start("works", nullptr, "x");
    BOOST_TEST(server.types("x").back() == "ACTIVITY_TASK_RETRYING");
  }
  {
    server server(workflows, folder.path());
    server.advance(1s);
    BOOST_TEST(server.types("x").back() == "ACTIVITY_TASK_COMPLETED");
  }
  server server(workflows, folder.path());
  server.signal("x", "go");
  BOOST_TEST(server.result("x") == json::value(7));
  BOOST_TEST(*calls == 2);
}

BOOST_AUTO_TEST_CASE(a_workflow_that_does_something_else_when_it_is_repeated_fails_and_says_where) {
  auto emits = [](std::string type) {
    return [type](workflow_context context) -> awaitable<json::value> {
      context.start_task(type);
      co_await context.wait_signal("go");
      co_return nullptr;
    };
  };
  auto sleeps = [](workflow_context context) -> awaitable<json::value> {
    co_await context.sleep_for(1h);
    co_return nullptr;
  };
  auto ends = [](workflow_context) -> awaitable<json::value> { co_return nullptr; };
  auto waits = [](workflow_context context) -> awaitable<json::value> {
    co_return co_await context.wait_signal("go");
  };
  std::vector<wt::workflow_function> others{emits("other"), sleeps, ends, waits};
  for (const auto& other : others) {
    scratch_folder folder;
    {
      std::vector<workflow_definition> before;
      before.emplace_back("changed", emits("one"));
      before.emplace_back("child", child);
      server server(before, folder.path());
      server.start("changed", nullptr, "x");
      server.start("child", nullptr, "y");
    }
    std::vector<workflow_definition> after;
    after.emplace_back("changed", other);
    after.emplace_back("child", child);
    for (int start = 0; start < 2; ++start) {
      server server(after, folder.path());
      BOOST_TEST(server.status("x") == "FAILED");
      auto last = server.events("x").back().at("data").as_object();
      BOOST_TEST(last.at("event_type").as_string() == "WORKFLOW_EXECUTION_FAILED");
      std::string message(last.at("attributes").at("failure").at("message").as_string());
      BOOST_TEST_INFO(message);
      BOOST_TEST(message.find("not deterministic") != std::string::npos);
      BOOST_TEST(server.status("y") == "RUNNING");
      BOOST_TEST(server.types("x").size() == 3U);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_execution_whose_workflow_is_not_known_yet_goes_on_once_it_is) {
  scratch_folder folder;
  {
    server server(all(), folder.path());
    server.start("everything", nullptr, "x");
  }
  server server({}, folder.path());
  BOOST_TEST(server.status("x") == "RUNNING");
  server.signal("x", "early", 5);
  for (auto& workflow : all()) server.engine().define(workflow);
  server.settle();
  BOOST_TEST(server.query("x", "notes") == parsed("[]"));
  BOOST_TEST(server.types("x").size() > 3U);
}

BOOST_AUTO_TEST_CASE(a_folder_is_refused_to_a_second_server) {
  scratch_folder folder;
  server first(all(), folder.path());
  BOOST_CHECK_EXCEPTION(server(all(), folder.path()), boost::system::system_error, [](const auto& error) {
    return error.code() == boost::system::errc::device_or_resource_busy;
  });
}

BOOST_AUTO_TEST_CASE(a_folder_is_free_again_when_its_server_is_gone) {
  scratch_folder folder;
  {
    server first(all(), folder.path());
  }
  BOOST_CHECK_NO_THROW(server(all(), folder.path()));
}

BOOST_AUTO_TEST_CASE(a_journal_damaged_in_its_middle_is_refused_with_the_place) {
  scratch_folder folder;
  {
    server server(all(), folder.path());
    server.start("child", "abc", "x");
  }
  auto bytes = folder.read_journal();
  bytes[bytes.find("abc")] = 'X';
  folder.write_journal(bytes);
  BOOST_CHECK_EXCEPTION(server(all(), folder.path()), std::runtime_error, [](const auto& error) {
    return std::string(error.what()).find("damaged at byte") != std::string::npos;
  });
}

BOOST_AUTO_TEST_CASE(an_event_stands_in_the_journal_before_a_subscriber_sees_it) {
  scratch_folder folder;
  server server(all(), folder.path());
  auto subscription = server.engine().subscribe_all(wt::event_filter());
  server.start("child", 1, "x");
  wt::event_view event;
  while (subscription.try_next(event)) {
    auto id = std::string(parsed(event.payload).at("data").at("event_id").as_string());
    BOOST_TEST(folder.read_journal().find(id) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()
