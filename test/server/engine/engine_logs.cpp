// Log lines and search keys: written once whatever happens to the server, listed in pages, followed.
#include "server/engine/engine_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(engine_logs)

using namespace engine_test;
using boost::asio::awaitable;
using wt::workflow_context;
using wt::workflow_definition;

namespace {

/// Logs from everywhere: the workflow itself, an update, a query, the work of an activity.
awaitable<json::value> talkative(workflow_context context) {
  context.log("INFO", "begun", {{"step", "1"}});
  context.on_query("state", [context](const json::value&) -> json::value {
    context.log("DEBUG", "asked");
    return nullptr;
  });
  context.on_update("note", [context](const json::value& input) -> json::value {
    context.log("INFO", "noted");
    return input;
  });
  context.set_search_key("order", "A-17");
  auto idle = [](const json::value&) -> json::value { return nullptr; };
  auto work = [context](const json::value& input) -> json::value {
    context.log("WARNING", "at work");
    return input;
  };
  co_await context.activity("idle", nullptr, idle);
  co_await context.activity("work", 7, work);
  co_await context.wait_signal("go");
  context.log("ERROR", "ending");
  co_return nullptr;
}

std::vector<workflow_definition> all() {
  std::vector<workflow_definition> all;
  all.emplace_back("talkative", talkative);
  all.back().deployment_name = "prod";
  return all;
}

wt::log_page_request of(const std::string& execution_id) {
  wt::log_page_request request;
  request.filter.execution_id = execution_id;
  return request;
}

strings bodies(const json::object& page) {
  strings found;
  for (const auto& line : page.at("results").as_array()) found.emplace_back(line.at("body").as_string());
  return found;
}

strings bodies(server& server, const wt::log_page_request& request) {
  return bodies(server.engine().list_logs(request));
}

const strings in_order{"begun", "at work", "noted", "ending"};

void tell_the_rest(server& server) {
  const auto& done = server.engine().done();
  if (done.of("workflows.execute") == 0) server.start("talkative", nullptr, "x");
  if (done.of("executions.update") == 0) server.update("x", "note", 1);
  if (done.of("executions.signal") == 0) server.signal("x", "go");
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_journal_cut_after_any_record_leads_to_the_same_log_lines_once_each_and_in_order) {
  scratch_folder folder;
  json::object expected;
  {
    server server(all(), folder.path());
    tell_the_rest(server);
    BOOST_TEST(bodies(server, of("x")) == in_order, boost::test_tools::per_element());
  }
  auto whole = folder.read_journal();
  int records = 0;
  for (auto end = whole.find('\n'); end != std::string::npos; end = whole.find('\n', end + 1)) {
    BOOST_TEST_CONTEXT("cut after record " << records++) {
      folder.write_journal(std::string_view(whole).substr(0, end + 1));
      server server(all(), folder.path());
      server.settle();
      tell_the_rest(server);
      BOOST_TEST(server.status("x") == "COMPLETED");
      auto found = bodies(server, of("x"));
      // The work of an activity is done again if the server was killed before its outcome was written.
      if (found.size() > in_order.size() && found[1] == "at work" && found[2] == "at work")
        found.erase(found.begin() + 1);
      BOOST_TEST(found == in_order, boost::test_tools::per_element());
      BOOST_TEST(server.engine().get_execution("x", true).at("search_keys") ==
                 parsed(R"({"order": "A-17"})"));
    }
  }
  BOOST_TEST(records > 10);
}

BOOST_AUTO_TEST_CASE(a_line_says_who_wrote_it) {
  server server(all());
  server.start("talkative", nullptr, "x");
  auto lines = server.engine().list_logs(of("x")).at("results").as_array();
  BOOST_TEST_REQUIRE(lines.size() == 2U);
  const auto& first = lines[0].as_object();
  BOOST_TEST(first.at("severity_text") == "INFO");
  BOOST_TEST(first.at("trace_id").as_string().size() == 32U);
  BOOST_TEST(first.at("span_id").as_string().size() == 16U);
  const auto& attributes = first.at("log_attributes").as_object();
  BOOST_TEST(attributes.at("step") == "1");
  BOOST_TEST(attributes.at("execution_id") == "x");
  BOOST_TEST(attributes.at("run_id").as_string() == server.run_id("x"));
  BOOST_TEST(attributes.at("deployment_name") == "prod");
  BOOST_TEST(!attributes.contains("activity_id"));
  BOOST_TEST(lines[1].at("log_attributes").at("activity_id") == "2");
  BOOST_TEST(lines[1].at("span_id") != first.at("span_id"));
  BOOST_TEST(lines[1].at("trace_id") == first.at("trace_id"));
}

BOOST_AUTO_TEST_CASE(a_query_may_log_and_still_changes_nothing) {
  scratch_folder folder;
  for (int start = 0; start < 2; ++start) {
    server server(all(), folder.path());
    if (start == 0) server.start("talkative", nullptr, "x");
    server.query("x", "state");
    auto found = bodies(server, of("x"));
    BOOST_TEST(found.size() == static_cast<std::size_t>(start) + 3);
    BOOST_TEST(found.back() == "asked");
    BOOST_TEST(server.status("x") == "RUNNING");
  }
}

BOOST_AUTO_TEST_CASE(pages_of_a_log_follow_the_cursor_which_remembers_range_and_order) {
  server server(all());
  server.start("talkative", nullptr, "y");
  auto early = server.clock()->now();
  server.advance(1s);
  server.start("talkative", nullptr, "x");
  for (int note = 0; note < 5; ++note) {
    server.advance(1s);
    server.update("x", "note", note);
  }
  for (bool descending : {false, true}) {
    auto request = of("x");
    request.limit = 2;
    request.descending = descending;
    request.filter.after = early + 2s;
    request.filter.before = early + 6s;
    strings times;
    for (;;) {
      auto page = server.engine().list_logs(request);
      for (const auto& line : page.at("results").as_array())
        times.emplace_back(line.at("timestamp").as_string());
      if (page.at("next_cursor").is_null()) break;
      BOOST_TEST(page.at("results").as_array().size() == 2U);
      // What the caller says beside a cursor does not count.
      request.cursor = std::string(page.at("next_cursor").as_string());
      request.descending = !descending;
      request.filter.after.reset();
      request.filter.before.reset();
      server.update("x", "note", "later");
    }
    auto sorted = times;
    std::sort(sorted.begin(), sorted.end());
    if (descending) std::reverse(sorted.begin(), sorted.end());
    BOOST_TEST(times == sorted, boost::test_tools::per_element());
    // From 2 s, inclusive, to 6 s, exclusive.
    BOOST_TEST(times.size() == 4U);
  }
}

BOOST_AUTO_TEST_CASE(log_lines_are_filtered_by_run_activity_and_deployment) {
  server server(all());
  server.start("talkative", nullptr, "x");
  server.start("talkative", nullptr, "y");
  auto request = of("x");
  request.filter.activity_id = "2";
  BOOST_TEST(bodies(server, request) == strings{"at work"}, boost::test_tools::per_element());
  request = of("x");
  request.filter.run_id = server.run_id("y");
  BOOST_TEST(bodies(server, request).empty());
  request = wt::log_page_request();
  request.filter.deployment_name = "prod";
  BOOST_TEST(bodies(server, request).size() == 4U);
  request.filter.deployment_name = "other";
  BOOST_TEST(bodies(server, request).empty());
}

BOOST_AUTO_TEST_CASE(a_cursor_of_somebody_elses_and_an_unknown_execution_are_refused) {
  server server(all());
  server.start("talkative", nullptr, "x");
  for (const char* cursor : {"", "x", "1.a.2", "1.a.2.3.4", "1.b..", "x.a..", "1.a.x."}) {
    auto request = of("x");
    request.cursor = cursor;
    auto refused = refusal_of([&] { server.engine().list_logs(request); });
    BOOST_TEST(refused.status() == 422, cursor);
  }
  BOOST_TEST(refusal_of([&] { server.engine().list_logs(of("nobody")); }).status() == 404);
  wt::log_filter nobody;
  nobody.execution_id = "nobody";
  BOOST_TEST(refusal_of([&] { server.engine().subscribe_logs(nobody); }).status() == 404);
}

BOOST_AUTO_TEST_CASE(who_follows_a_log_gets_the_lines_that_are_there_then_those_that_come_then_the_end) {
  server server(all());
  server.start("talkative", nullptr, "x");
  wt::log_filter filter;
  filter.execution_id = "x";
  auto follower = std::make_shared<wt::log_subscription>(server.engine().subscribe_logs(filter));
  strings seen;
  bool ended = false;
  auto follow = [&seen, &ended](std::shared_ptr<wt::log_subscription> from) -> awaitable<void> {
    while (!from->ended()) {
      wt::log_view line;
      while (from->try_next(line)) seen.emplace_back(parsed(line.record).at("body").as_string());
      if (!from->ended()) co_await from->wait();
    }
    ended = true;
  };
  asio::co_spawn(server.io(), follow(follower), asio::detached);
  server.settle();
  BOOST_TEST(seen.size() == 2U);
  server.update("x", "note", 1);
  BOOST_TEST(seen.size() == 3U);
  BOOST_TEST(!ended);
  server.signal("x", "go");
  BOOST_TEST(seen == in_order, boost::test_tools::per_element());
  BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(a_log_stream_of_an_execution_that_is_terminated_ends_too) {
  server server(all());
  server.start("talkative", nullptr, "x");
  wt::log_filter filter;
  filter.execution_id = "x";
  auto follower = server.engine().subscribe_logs(filter, 1);
  wt::log_view line;
  BOOST_TEST(follower.try_next(line));
  BOOST_TEST(line.sequence == 2);
  BOOST_TEST(!follower.ended());
  server.engine().terminate("x");
  BOOST_TEST(follower.ended());
}

BOOST_AUTO_TEST_CASE(runs_are_found_by_their_search_keys) {
  server server(all());
  server.start("talkative", nullptr, "x");
  auto count = [&](const std::string& key, const std::string& value) {
    wt::run_filter filter;
    filter.search_keys.emplace_back(key, value);
    return server.engine().list_runs(filter).at("executions").as_array().size();
  };
  BOOST_TEST(count("order", "A-17") == 1U);
  BOOST_TEST(count("order", "a-1") == 1U);
  BOOST_TEST(count("order", "B") == 0U);
  BOOST_TEST(count("Order", "A-17") == 0U);
  BOOST_TEST(!server.engine().get_execution("x").contains("search_keys"));
}

BOOST_AUTO_TEST_CASE(search_keys_go_over_to_the_next_run) {
  auto first = [](workflow_context context) -> awaitable<json::value> {
    if (context.input().is_null()) {
      context.set_search_key("order", "A-17");
      co_return context.continue_as_new("again");
    }
    co_return nullptr;
  };
  std::vector<workflow_definition> workflows;
  workflows.emplace_back("twice", first);
  server server(workflows);
  server.start("twice", nullptr, "x");
  BOOST_TEST(server.status("x") == "COMPLETED");
  BOOST_TEST(server.engine().get_execution("x", true).at("search_keys") == parsed(R"({"order": "A-17"})"));
}

BOOST_AUTO_TEST_CASE(a_line_written_before_the_coroutine_begins_is_the_workflows_own_in_every_attempt) {
  auto eager = [](workflow_context context) {
    context.log("INFO", "attempt " + std::to_string(context.attempt()));
    auto rest = [](workflow_context inner) -> awaitable<json::value> {
      if (inner.attempt() == 1) throw std::runtime_error("once more");
      co_return co_await inner.wait_signal("go");
    };
    return rest(context);
  };
  std::vector<workflow_definition> workflows;
  workflows.emplace_back("eager", eager);
  workflows.back().retry.maximum_attempts = 2;
  scratch_folder folder;
  for (int start = 0; start < 3; ++start) {
    server server(workflows, folder.path());
    if (start == 0) server.start("eager", nullptr, "x");
    server.advance(2s);
    BOOST_TEST(server.status("x") == "RUNNING");
    BOOST_TEST(bodies(server, of("x")) == (strings{"attempt 1", "attempt 2"}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(log_lines_are_no_part_of_the_history_and_a_reset_writes_none_twice) {
  server server(all());
  server.start("talkative", nullptr, "x");
  auto history = server.engine().history("x");
  std::int64_t point = 0;
  for (const auto& event : history.at("events").as_array())
    if (event.at("event_type") == "WORKFLOW_TASK_COMPLETED") point = event.at("event_id").as_int64();
  wt::reset_request reset;
  reset.event_id = point;
  auto old_run = server.run_id("x");
  server.engine().reset("x", reset);
  server.settle();
  BOOST_TEST(server.run_id("x") != old_run);
  BOOST_TEST(bodies(server, of("x")) == (strings{"begun", "at work"}), boost::test_tools::per_element());
  server.signal("x", "go");
  BOOST_TEST(server.status("x") == "COMPLETED");
  BOOST_TEST(server.engine().get_execution("x", true).at("search_keys") == parsed(R"({"order": "A-17"})"));
}

BOOST_AUTO_TEST_SUITE_END()
