// All items of a list, page after page: every operation with
// its cursor, failures, cancellations and circles on the way.
#include "session/operations/operations.hpp"

#include <mistral/workflows/deployments.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/registrations.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <vector>

using namespace mistral::workflows;
using boost::asio::awaitable;
using test::some_uuid;

namespace {

struct fixture : test::operations {
  // A page with these items and a cursor to the next one; an empty cursor is null.
  static std::string page(const std::string& member, const std::string& items, const std::string& next_name,
                          const std::string& next, const std::string& rest = std::string()) {
    const std::string cursor = next.empty() ? "null" : "\"" + next + "\"";
    return "{\"" + member + "\":[" + items + "],\"" + next_name + "\":" + cursor + rest + "}";
  }

  // Three pages, the middle one empty: all items come, and
  // each page is asked for with the cursor of the one before.
  template <class Make>
  void walked(const std::string& member, const std::string& item, const std::string& next_name,
              const std::string& parameter, const std::string& path, Make make,
              const std::string& rest = std::string()) {
    BOOST_TEST_CONTEXT(path) {
      server.answer(200, page(member, item + "," + item, next_name, "c 2", rest));
      server.answer(200, page(member, std::string(), next_name, "c3", rest));
      server.answer(200, page(member, item, next_name, std::string(), rest));
      const std::size_t first = server.requests.size();
      std::size_t count = 0;
      test::run(io, [&]() -> awaitable<void> {
        auto all = make();
        while (auto one = co_await all.next()) ++count;
        const auto after = co_await all.next();
        BOOST_TEST(!after.has_value());
      });
      BOOST_TEST(count == 3u);
      BOOST_REQUIRE(server.requests.size() == first + 3);
      BOOST_TEST(server.line(first) ==
                 "GET " + path + "?" + parameter.substr(parameter.find('|') + 1) + "=7");
      for (const std::size_t later : {first + 1, first + 2}) {
        const std::string expected =
            parameter.substr(0, parameter.find('|')) + (later == first + 1 ? "=c%202" : "=c3");
        BOOST_TEST(server.line(later).find(expected) != std::string::npos, server.line(later));
        BOOST_TEST(server.line(later).find("=7") != std::string::npos);
      }
    }
  }

  std::string runs_page(const std::string& ids, const std::string& next) const {
    std::string items;
    for (const char id : ids)
      items += (items.empty() ? "" : ",") +
               test::execution_json(std::string(1, id), "RUNNING", "2026-01-01T00:00:00Z");
    return page("executions", items, "next_page_token", next);
  }
};

template <class Request>
Request of_7() {
  Request out;
  if constexpr (requires { out.page_size; })
    out.page_size = 7;
  else
    out.limit = 7;
  return out;
}

const std::string moment = R"("2026-01-02T03:04:05Z")";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(pages, fixture)

BOOST_AUTO_TEST_CASE(every_list_follows_its_cursor_past_short_and_empty_pages) {
  const auto client = server.client();
  const std::string v1 = "/v1/workflows";
  const std::string log =
      R"({"timestamp":)" + moment +
      R"(,"trace_id":"t","span_id":"s","severity_text":"INFO","body":"hello","log_attributes":{}})";
  const std::string uuid = "\"" + some_uuid + "\"";

  walked("workflows", R"({"id":)" + uuid + R"(,"name":"n","display_name":"N","archived":false})",
         "next_cursor", "cursor|limit", v1,
         [&] { return workflows_api(client).list_all(of_7<workflow_list_request>()); });
  walked(
      "workflow_registrations",
      R"({"id":)" + uuid + R"(,"definition":{"input_schema":{}},"workflow_id":)" + uuid + "}", "next_cursor",
      "cursor|limit", v1 + "/registrations",
      [&] { return registrations_api(client).list_all(of_7<registration_list_request>()); },
      R"(,"workflow_versions":[])");
  walked("executions", test::execution_json("e", "RUNNING", "2026-01-01T00:00:00Z"), "next_page_token",
         "next_page_token|page_size", v1 + "/runs",
         [&] { return runs_api(client).list_all(of_7<run_list_request>()); });
  walked("schedules", R"({"input":null,"schedule_id":"s","workflow_name":"w","paused":false})",
         "next_page_token", "next_page_token|page_size", v1 + "/schedules",
         [&] { return schedules_api(client).list_all(of_7<schedule_list_request>()); });
  walked("events", R"({"event_type":"NEWER_THAN_US"})", "next_cursor", "cursor|limit", v1 + "/events/list",
         [&] { return events_api(client).list_all(of_7<event_list_request>()); });
  walked(
      "deployments",
      R"({"id":)" + uuid + R"(,"name":"d","is_active":true,"created_at":)" + moment + R"(,"updated_at":)" +
          moment + "}",
      "next_cursor", "cursor|limit", v1 + "/deployments",
      [&] { return deployments_api(client).list_all(of_7<deployment_list_request>()); },
      R"(,"workspace_id":)" + uuid);
  walked("workers",
         R"({"name":"w","is_active":true,"created_at":)" + moment + R"(,"updated_at":)" + moment + "}",
         "next_cursor", "cursor|limit", v1 + "/deployments/d/workers",
         [&] { return deployments_api(client).workers_all("d", of_7<deployment_workers_request>()); });
  walked("results", log, "next_cursor", "cursor|limit", v1 + "/deployments/d/logs",
         [&] { return deployments_api(client).logs_all("d", of_7<deployment_logs_request>()); });
  walked("results", log, "next_cursor", "cursor|limit", v1 + "/executions/e/logs",
         [&] { return executions_api(client).logs_all("e", of_7<execution_logs_request>()); });
}

BOOST_AUTO_TEST_CASE(a_walk_begins_at_the_callers_cursor) {
  server.answer(200, runs_page("a", ""));
  run_list_request request;
  request.next_page_token = "stored";
  test::run(io, [&]() -> awaitable<void> {
    auto all = runs_api(server.client()).list_all(request);
    co_await all.next();
  });
  BOOST_TEST(line() == "GET /v1/workflows/runs?next_page_token=stored");
}

BOOST_AUTO_TEST_CASE(all_schedules_are_asked_for_in_pages_although_the_api_would_give_them_at_once) {
  server.answer(200, R"({"schedules":[],"next_page_token":null})");
  test::run(io, [&]() -> awaitable<void> {
    auto all = schedules_api(server.client()).list_all();
    co_await all.next();
  });
  BOOST_TEST(line() == "GET /v1/workflows/schedules?page_size=100");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_listed_is_refused_when_the_walk_is_made) {
  run_list_request none;
  none.page_size = 0;
  BOOST_CHECK_EXCEPTION(runs_api(server.client()).list_all(none), invalid_argument,
                        [](const invalid_argument& e) { return e.field() == "page_size"; });
  BOOST_CHECK_THROW(executions_api(server.client()).logs_all(".."), invalid_argument);
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_asked_for_before_it_is_needed) {
  server.answer(200, runs_page("ab", "c2"));
  test::run(io, [&]() -> awaitable<void> {
    auto all = runs_api(server.client()).list_all();
    BOOST_TEST(server.requests.empty());
    co_await all.next();
    co_await all.next();
  });
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_page_that_fails_is_repeated_and_its_error_leaves_the_walk_where_it_was) {
  client_options options;
  options.retry.max_attempts = 2;
  server.answer(200, runs_page("a", "c2")).cut().answer(503).cut().answer(200, runs_page("b", ""));
  std::string seen;
  test::run(io, [&]() -> awaitable<void> {
    auto all = runs_api(server.client(options)).list_all();
    for (int failures = 0;;) {
      bool failed = false;
      try {
        const auto one = co_await all.next();
        if (!one) break;
        seen += one->execution_id;
      } catch (const api_error& e) {
        failed = true;
      }
      if (failed) BOOST_REQUIRE(++failures == 1);
    }
  });
  BOOST_TEST(seen == "ab");
  BOOST_TEST(server.requests.size() == 5u);
}

BOOST_AUTO_TEST_CASE(a_cancelled_next_loses_no_item_whatever_the_kind_of_cancellation) {
  namespace asio = boost::asio;
  using enum asio::cancellation_type;
  for (const auto kind : {total, partial, terminal}) {
    asio::cancellation_signal stop;
    server.answer(200, runs_page("ab", "c2")).stall([&] { stop.emit(kind); }).answer(200, runs_page("c", ""));
    std::string seen;
    int cancelled = 0;
    test::run(io, [&]() -> awaitable<void> {
      auto all = runs_api(server.client()).list_all();
      const auto executor = co_await asio::this_coro::executor;
      const auto pull = [&]() -> awaitable<std::optional<execution_summary>> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        co_return co_await all.next();
      };
      for (;;) {
        try {
          const auto one = co_await asio::co_spawn(
              executor, pull(), asio::bind_cancellation_slot(stop.slot(), asio::use_awaitable));
          if (!one) break;
          seen += one->execution_id;
        } catch (const cancelled_error&) {
          ++cancelled;
        }
      }
    });
    BOOST_TEST(seen == "abc");
    BOOST_TEST(cancelled == 1);
  }
}

BOOST_AUTO_TEST_CASE(pages_that_lead_in_a_circle_end_as_an_error_after_their_items) {
  server.answer(200, runs_page("a", "c2")).answer(200, runs_page("b", "c2"));
  std::string seen;
  int errors = 0;
  test::run(io, [&]() -> awaitable<void> {
    auto all = runs_api(server.client()).list_all();
    for (int i = 0; i < 4; ++i) {
      try {
        const auto one = co_await all.next();
        seen += one.value().execution_id;
      } catch (const decode_error& e) {
        ++errors;
        BOOST_TEST(e.path() == "/next_page_token");
        BOOST_TEST(e.operation() == "runs.list");
      }
    }
  });
  BOOST_TEST(seen == "ab");
  BOOST_TEST(errors == 2);
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_SUITE_END()
