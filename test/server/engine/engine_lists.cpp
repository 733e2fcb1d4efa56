// Lists with filters and pages, histories, resets, and those who follow events.
#include "server/engine/engine_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <set>

BOOST_AUTO_TEST_SUITE(engine_lists)

using namespace engine_test;
using boost::asio::awaitable;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

awaitable<json::value> echo(workflow_context context) { co_return context.input(); }
awaitable<json::value> forever(workflow_context context) { co_return co_await context.wait_signal("never"); }

/// Takes three letters, by signal or update, and shows each.
awaitable<json::value> letters(workflow_context context) {
  auto word = std::make_shared<std::string>();
  auto add = [word, context](const json::value& letter) -> json::value {
    *word += letter.as_string().c_str();
    context.start_task("letter", letter);
    return json::string(*word);
  };
  context.on_update("letter", add);
  co_await context.wait_signal("begin");
  for (int turn = 0; turn < 2; ++turn) {
    auto letter = co_await context.wait_signal("letter");
    add(letter);
  }
  auto complete = [word] { return word->size() >= 3; };
  co_await context.wait_until(complete);
  co_return json::string(*word);
}

std::vector<workflow_definition> all() {
  std::vector<workflow_definition> all;
  workflow_definition first("echo", echo);
  first.tags = {"small", "quick"};
  first.display_name = "Zebra";
  all.push_back(first);
  workflow_definition second("forever", forever);
  second.tags = {"small"};
  second.display_name = "Ape";
  second.archived = true;
  second.deployment_name = "prod";
  all.push_back(second);
  all.emplace_back("letters", letters);
  return all;
}

strings names(const json::object& page, const char* list, const char* member) {
  strings names;
  for (const auto& item : page.at(list).as_array()) names.emplace_back(item.at(member).as_string());
  return names;
}

std::int64_t reset_point(server& server, const std::string& id, std::size_t number) {
  std::vector<std::int64_t> points;
  auto history = server.engine().history(id);
  for (const auto& event : history.at("events").as_array())
    if (event.at("event_type") == json::value("WORKFLOW_TASK_COMPLETED"))
      points.push_back(event.at("event_id").as_int64());
  return points.at(number);
}

}  // namespace

BOOST_AUTO_TEST_CASE(workflows_are_listed_by_name_filtered_and_paged) {
  server server(all());
  auto list = [&](const wt::workflow_filter& filter) {
    return names(server.engine().list_workflows(filter), "workflows", "name");
  };
  wt::workflow_filter filter;
  BOOST_TEST(list(filter) == (strings{"echo", "forever", "letters"}), boost::test_tools::per_element());
  filter.sort_by_display_name = true;
  BOOST_TEST(list(filter) == (strings{"forever", "echo", "letters"}), boost::test_tools::per_element());
  filter = wt::workflow_filter();
  filter.tags = {"small", "quick"};
  BOOST_TEST(list(filter) == strings{"echo"}, boost::test_tools::per_element());
  filter = wt::workflow_filter();
  filter.archived = true;
  BOOST_TEST(list(filter) == strings{"forever"}, boost::test_tools::per_element());
  filter = wt::workflow_filter();
  filter.search = "APE";
  BOOST_TEST(list(filter) == strings{"forever"}, boost::test_tools::per_element());
  filter = wt::workflow_filter();
  filter.deployment_names = {"prod"};
  BOOST_TEST(list(filter) == strings{"forever"}, boost::test_tools::per_element());

  for (bool descending : {false, true}) {
    filter = wt::workflow_filter();
    filter.limit = 1;
    filter.descending = descending;
    strings seen;
    for (int page = 0; page < 3; ++page) {
      auto answer = server.engine().list_workflows(filter);
      for (auto& name : names(answer, "workflows", "name")) seen.push_back(name);
      BOOST_TEST(answer.at("next_cursor").is_null() == (page == 2));
      if (page < 2) filter.cursor = std::string(answer.at("next_cursor").as_string());
    }
    BOOST_TEST(seen.size() == 3U);
    BOOST_TEST(std::set<std::string>(seen.begin(), seen.end()).size() == 3U);
  }
}

BOOST_AUTO_TEST_CASE(runs_are_listed_newest_first_and_pages_neither_skip_nor_repeat) {
  server server(all());
  for (int number = 0; number < 7; ++number) {
    server.start("echo", nullptr, "e" + std::to_string(number));
    if (number % 3 == 0) server.advance(1s);
  }
  for (bool descending : {true, false}) {
    wt::run_filter filter;
    filter.page_size = 3;
    filter.descending = descending;
    filter.search = "e";
    strings seen;
    for (;;) {
      auto page = server.engine().list_runs(filter);
      for (auto& id : names(page, "executions", "execution_id")) seen.push_back(id);
      if (page.at("next_page_token").is_null()) break;
      filter.next_page_token = std::string(page.at("next_page_token").as_string());
      if (descending) server.start("letters", nullptr, "z" + std::to_string(seen.size()));
    }
    strings expected{"e0", "e1", "e2", "e3", "e4", "e5", "e6"};
    if (descending) std::reverse(expected.begin(), expected.end());
    std::erase_if(seen, [](const auto& id) { return id.front() == 'z'; });
    BOOST_TEST(seen == expected, boost::test_tools::per_element());
  }
  wt::run_filter broken;
  broken.next_page_token = "nonsense";
  BOOST_TEST(refusal_of([&] { server.engine().list_runs(broken); }).status() == 422);
}

BOOST_AUTO_TEST_CASE(runs_are_filtered_by_status_workflow_tags_and_times) {
  server server(all());
  server.start("echo", nullptr, "a");
  server.advance(1h);
  auto middle = server.clock()->now();
  server.start("forever", nullptr, "b");
  auto list = [&](const wt::run_filter& filter) {
    return names(server.engine().list_runs(filter), "executions", "execution_id");
  };
  wt::run_filter filter;
  filter.statuses = {"RUNNING", "FAILED"};
  BOOST_TEST(list(filter) == strings{"b"}, boost::test_tools::per_element());
  filter = wt::run_filter();
  filter.workflow_identifier = "echo";
  BOOST_TEST(list(filter) == strings{"a"}, boost::test_tools::per_element());
  filter = wt::run_filter();
  filter.workflow_tags = {"quick"};
  BOOST_TEST(list(filter) == strings{"a"}, boost::test_tools::per_element());
  filter = wt::run_filter();
  filter.deployment_name = "prod";
  BOOST_TEST(list(filter) == strings{"b"}, boost::test_tools::per_element());
  filter = wt::run_filter();
  filter.start_time_before = middle - 1s;
  BOOST_TEST(list(filter) == strings{"a"}, boost::test_tools::per_element());
  filter = wt::run_filter();
  filter.end_time_before = middle;
  BOOST_TEST(list(filter) == strings{"a"}, boost::test_tools::per_element());
  BOOST_TEST(!server.engine().list_runs(filter).at("executions").at(0).as_object().contains("result"));
}

BOOST_AUTO_TEST_CASE(a_subscription_starts_where_it_is_told_to_and_neither_skips_nor_repeats) {
  server server(all());
  server.start("letters", nullptr, "x");
  server.signal("x", "begin");
  server.signal("x", "letter", "a");
  auto subscription = server.engine().subscribe("x", 2);
  wt::event_view event;
  BOOST_TEST(subscription.try_next(event));
  BOOST_TEST(event.sequence == 2);
  BOOST_TEST(!subscription.try_next(event));
  BOOST_TEST(!subscription.ended());
  server.start("echo", nullptr, "y");
  BOOST_TEST(!subscription.try_next(event));
  server.engine().terminate("x");
  BOOST_TEST(subscription.ended());
  BOOST_TEST(refusal_of([&] { server.engine().subscribe("nobody"); }).status() == 404);
}

BOOST_AUTO_TEST_CASE(a_subscription_to_all_events_takes_only_what_its_filter_wants) {
  server server(all());
  wt::event_filter filter;
  filter.event_types = {"WORKFLOW_EXECUTION_COMPLETED"};
  filter.workflow_name = "echo";
  auto subscription = server.engine().subscribe_all(filter);
  server.start("forever", nullptr, "a");
  server.start("echo", nullptr, "b");
  wt::event_view event;
  BOOST_TEST(subscription.try_next(event));
  BOOST_TEST(event.execution_id == "b");
  BOOST_TEST(event.type == "WORKFLOW_EXECUTION_COMPLETED");
  BOOST_TEST(!subscription.try_next(event));
}

BOOST_AUTO_TEST_CASE(waiting_for_an_event_ends_with_the_event_with_a_cancellation_or_with_the_engine) {
  using namespace boost::asio::experimental::awaitable_operators;
  auto server = std::make_unique<engine_test::server>(all());
  server->start("letters", nullptr, "x");
  server->signal("x", "begin");
  auto subscription = server->engine().subscribe("x", 2);
  asio::steady_timer never(server->io(), asio::steady_timer::time_point::max());
  std::string story;
  auto follow = [&]() -> awaitable<void> {
    wt::event_view event;
    co_await (subscription.wait() || never.async_wait(asio::use_awaitable));
    story += subscription.try_next(event) ? "event " : "nothing ";
    asio::steady_timer now(co_await asio::this_coro::executor, 0s);
    co_await (subscription.wait() || now.async_wait(asio::use_awaitable));
    story += subscription.try_next(event) ? "event " : "nothing ";
    co_await subscription.wait();
    story += subscription.closed() ? "closed" : "open";
  };
  asio::co_spawn(server->io(), follow(), asio::detached);
  server->settle();
  BOOST_TEST(story == "");
  server->signal("x", "letter", "a");
  for (int turn = 0; turn < 1000 && story != "event nothing "; ++turn) server->settle();
  BOOST_TEST(story == "event nothing ");
}

BOOST_AUTO_TEST_CASE(events_are_listed_across_executions_with_a_cursor) {
  server server(all());
  for (int number = 0; number < 3; ++number) server.start("echo", nullptr, "e" + std::to_string(number));
  std::optional<std::string> cursor;
  strings seen;
  for (int page = 0; page < 3; ++page) {
    auto answer = server.engine().list_events(wt::event_filter(), 2, cursor);
    for (auto& id : names(answer, "events", "workflow_exec_id")) seen.push_back(id);
    BOOST_TEST(answer.at("next_cursor").is_null() == (page == 2));
    if (page < 2) cursor = std::string(answer.at("next_cursor").as_string());
  }
  BOOST_TEST(seen == (strings{"e0", "e0", "e1", "e1", "e2", "e2"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_history_numbers_what_happened_and_marks_where_a_reset_can_go) {
  server server(all());
  server.start("letters", nullptr, "x");
  server.signal("x", "begin");
  server.signal("x", "letter", "a");
  auto history = server.engine().history("x");
  strings types;
  std::int64_t number = 0;
  for (const auto& event : history.at("events").as_array()) {
    BOOST_TEST(event.at("event_id").as_int64() == ++number);
    types.emplace_back(event.at("event_type").as_string());
  }
  BOOST_TEST(
      types == (strings{"WORKFLOW_EXECUTION_STARTED", "WORKFLOW_TASK_COMPLETED",
                        "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_TASK_COMPLETED",
                        "WORKFLOW_EXECUTION_SIGNALED", "WORKFLOW_TASK_COMPLETED", "CUSTOM_TASK_STARTED"}),
      boost::test_tools::per_element());
  BOOST_TEST(server.engine().run_history(server.run_id("x")) == history);
}

BOOST_AUTO_TEST_CASE(a_reset_repeats_what_came_before_its_point_and_hands_over_what_came_after) {
  for (bool exclude : {false, true}) {
    scratch_folder folder;
    auto state = std::make_unique<server>(all(), folder.path());
    state->start("letters", nullptr, "x");
    state->signal("x", "begin");
    state->signal("x", "letter", "a");
    state->update("x", "letter", "b");
    auto old_run = state->run_id("x");
    wt::reset_request request;
    request.event_id = reset_point(*state, "x", 1);
    request.exclude_signals = exclude;
    state->engine().reset("x", request);
    // Also if the server is killed before it has handed anything over.
    state.reset();
    state = std::make_unique<server>(all(), folder.path());
    auto& server = *state;
    BOOST_TEST(server.engine().get_run(old_run).at("status").as_string() == "TERMINATED");
    BOOST_TEST(server.run_id("x") != old_run);
    BOOST_TEST(server.status("x") == "RUNNING");
    BOOST_TEST(server.engine().done().of("executions.reset", "x") == 1);
    BOOST_TEST(server.engine().done().of("executions.signal", "x") == 2);
    server.signal("x", "letter", "c");
    if (exclude) server.signal("x", "letter", "d");
    BOOST_TEST(server.status("x") == "COMPLETED");
    BOOST_TEST(server.result("x") == json::value(exclude ? "bcd" : "abc"));
  }
}

BOOST_AUTO_TEST_CASE(a_reset_to_what_is_no_point_is_refused_with_the_points_there_are) {
  server server(all());
  server.start("letters", nullptr, "x");
  server.signal("x", "begin");
  wt::reset_request request;
  request.event_id = 3;
  auto refused = refusal_of([&] { server.engine().reset("x", request); });
  BOOST_TEST(refused.status() == 422);
  BOOST_TEST(refused.code() == "WF_1001");
  BOOST_TEST(refused.more().at("valid_reset_events") == parsed("[2,4]"));
  BOOST_TEST(server.status("x") == "RUNNING");
}

BOOST_AUTO_TEST_CASE(an_execution_that_has_ended_can_be_reset_and_then_keeps_its_old_status) {
  server server(all());
  server.start("echo", 5, "x");
  auto old_run = server.run_id("x");
  wt::reset_request request;
  request.event_id = 2;
  server.engine().reset("x", request);
  server.settle();
  BOOST_TEST(server.engine().get_run(old_run).at("status").as_string() == "COMPLETED");
  BOOST_TEST(server.status("x") == "COMPLETED");
  BOOST_TEST(server.run_id("x") != old_run);
  BOOST_TEST(server.result("x") == json::value(5));
}

BOOST_AUTO_TEST_SUITE_END()
