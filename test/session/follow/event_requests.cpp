// What streams of events and of logs ask the server for, over a connection in memory.
#include "session/follow/recorded_stream.hpp"
#include "session/script.hpp"

#include <mistral/workflows/deployments.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/test/unit_test.hpp>

using namespace mistral::workflows;

namespace {

std::string stream_of(const std::string& events) {
  return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + events;
}

std::string without_id(const std::string& frame) { return frame.substr(frame.find('\n') + 1); }

bool sends(const std::string& request, const std::string& header) {
  return request.find(header) != std::string::npos;
}

stream_options quick() {
  stream_options options;
  options.initial_backoff = options.max_backoff = std::chrono::milliseconds(1);
  return options;
}

struct fixture {
  boost::asio::io_context io;
  test::script server{io};

  // Takes so many events of the stream.
  template <class Stream>
  void take(Stream stream, int events) {
    test::run(io, [&]() -> boost::asio::awaitable<void> {
      for (int i = 0; i < events; ++i) {
        const auto event = co_await stream.next();
        BOOST_TEST(event.has_value());
      }
    });
    stream.close();
  }
};

auto refuses(std::string field) {
  return [field = std::move(field)](const invalid_argument& e) { return e.field() == field; };
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(requests_of_event_streams, fixture)

BOOST_AUTO_TEST_CASE(an_unfiltered_stream_sends_no_parameter_at_all) {
  server.bytes(stream_of(recorded::progress(1)));
  event_stream_request all;
  all.workflow_name = "*";
  all.start_seq = 0;
  take(events_api(server.client()).stream(all), 1);
  BOOST_TEST(server.line(0) == "GET /v1/workflows/events/stream");
  BOOST_TEST(sends(server.requests[0], "Accept: text/event-stream\r\n"));
  BOOST_TEST(!sends(server.requests[0], "Last-Event-ID"));
}

BOOST_AUTO_TEST_CASE(a_coded_event_stream_is_refused_by_name) {
  for (const char* status : {"200 OK", "200 OK", "403 Forbidden"})  // the first is asked for again
    server.bytes("HTTP/1.1 " + std::string(status) +
                 "\r\nContent-Type: text/event-stream\r\nContent-Encoding: br\r\n\r\n\x0b\x02");
  stream_options once = quick();
  once.max_attempts = 1;
  for (int i = 0; i < 2; ++i) {
    auto events = events_api(server.client()).stream(event_stream_request(), once);
    const auto e =
        test::error_of<error>(io, [&]() -> boost::asio::awaitable<void> { co_await events.next(); });
    BOOST_TEST(std::string_view(e.what()).find("coded as br") != std::string_view::npos, e.what());
    events.close();
  }
  BOOST_TEST(sends(server.requests[0], "Accept-Encoding: identity\r\n"));
}

BOOST_AUTO_TEST_CASE(every_filter_is_sent_under_its_name_and_metadata_filters_as_one_parameter_of_json) {
  server.bytes(stream_of(recorded::progress(1)));
  event_stream_request r;
  r.scope = event_scope::activity;
  r.activity_name = "fetch it";
  r.activity_id = "7";
  r.workflow_name = "w";
  r.workflow_exec_id = "e";
  r.root_workflow_exec_id = "root";
  r.parent_workflow_exec_id = "parent";
  r.stream = "s";
  r.workflow_event_types.emplace_back(workflow_event_type::activity_task_started);
  r.workflow_event_types.push_back(open_enum<workflow_event_type>::from_text("OF_TOMORROW"));
  r.metadata_filters["a"] = "b&c";
  r.metadata_filters["n"] = 1;
  take(events_api(server.client()).stream(r), 1);
  BOOST_TEST(server.line(0) ==
             "GET "
             "/v1/workflows/events/"
             "stream?scope=activity&activity_name=fetch%20it&activity_id=7&workflow_name=w&workflow_exec_id=e"
             "&root_workflow_exec_id=root&parent_workflow_exec_id=parent&stream=s&workflow_event_types="
             "ACTIVITY_TASK_STARTED"
             "&workflow_event_types=OF_TOMORROW&metadata_filters=%7B%22a%22%3A%22b%26c%22%2C%22n%22%3A1%7D");
}

BOOST_AUTO_TEST_CASE(start_seq_is_sent_until_an_id_is_known_and_never_with_it) {
  server.bytes(stream_of("")).bytes(stream_of(recorded::progress(7))).bytes(stream_of(recorded::progress(8)));
  event_stream_request r;
  r.start_seq = 7;
  take(events_api(server.client()).stream(r, quick()), 2);
  for (std::size_t i : {0U, 1U}) {
    BOOST_TEST(server.line(i) == "GET /v1/workflows/events/stream?start_seq=7");
    BOOST_TEST(!sends(server.requests[i], "Last-Event-ID"));
  }
  BOOST_TEST(server.line(2) == "GET /v1/workflows/events/stream");
  BOOST_TEST(sends(server.requests[2], "Last-Event-ID: 7\r\n"));
}

BOOST_AUTO_TEST_CASE(without_ids_a_stream_resumes_with_the_sequence_after_the_last_event) {
  server.bytes(stream_of(without_id(recorded::progress(7))))
      .bytes(stream_of(without_id(recorded::progress(8))));
  take(events_api(server.client()).stream(event_stream_request(), quick()), 2);
  BOOST_TEST(server.line(1) == "GET /v1/workflows/events/stream?start_seq=8");
  BOOST_TEST(!sends(server.requests[1], "Last-Event-ID"));
}

BOOST_AUTO_TEST_CASE(a_stored_cursor_is_sent_as_the_header) {
  server.bytes(stream_of(recorded::progress(8)));
  auto options = quick();
  options.from = "7";
  take(events_api(server.client()).stream(event_stream_request(), options), 1);
  BOOST_TEST(server.line(0) == "GET /v1/workflows/events/stream");
  BOOST_TEST(sends(server.requests[0], "Last-Event-ID: 7\r\n"));
}

BOOST_AUTO_TEST_CASE(a_stream_of_events_refuses_what_cannot_be_before_anything_is_sent) {
  const events_api events(server.client());
  event_stream_request r;
  r.start_seq = -1;
  BOOST_CHECK_EXCEPTION(events.stream(r), invalid_argument, refuses("start_seq"));
  r.start_seq = 5;
  auto options = quick();
  options.from = "4";
  BOOST_CHECK_EXCEPTION(events.stream(r, options), invalid_argument, refuses("start_seq"));
  event_stream_request unnamed;
  unnamed.workflow_event_types.emplace_back();
  BOOST_CHECK_EXCEPTION(events.stream(unnamed), invalid_argument, refuses("workflow_event_types"));
  BOOST_TEST(server.connections == 0);
}

BOOST_AUTO_TEST_CASE(steps_over_numbers_are_told_as_a_loss_only_where_nothing_is_filtered) {
  for (const bool filtered : {false, true}) {
    test::script gap(io);
    gap.bytes(stream_of(recorded::progress(1) + recorded::progress(5)));
    event_stream_request r;
    if (filtered) r.workflow_name = "w";
    std::vector<bool> told;
    auto options = quick();
    options.hooks.sequence = [&](const sequence_step& step) { told.push_back(step.filtered); };
    take(events_api(gap.client()).stream(r, options), 2);
    BOOST_TEST((told == std::vector<bool>{filtered}));
  }
}

BOOST_AUTO_TEST_CASE(a_page_of_events_is_asked_for_with_its_filters_and_read) {
  server.answer(200, R"({"events":[],"next_cursor":"c2"})");
  event_list_request r;
  r.workflow_exec_id = "e1";
  r.workflow_run_id = "r1";
  r.root_workflow_exec_id = "e0";
  r.limit = 1000;
  r.cursor = "c1";
  const events_api events(server.client());
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const event_page page = co_await events.list(r);
    BOOST_TEST(page.events.empty());
    BOOST_TEST(page.next_cursor.value() == "c2");
  });
  BOOST_TEST(server.line(0) ==
             "GET "
             "/v1/workflows/events/"
             "list?root_workflow_exec_id=e0&workflow_exec_id=e1&workflow_run_id=r1&limit=1000&cursor=c1");
  r.limit = 1001;
  auto too_many = [&]() -> boost::asio::awaitable<void> { co_await events.list(r); };
  BOOST_CHECK_EXCEPTION(test::run(io, too_many), invalid_argument, refuses("limit"));
}

BOOST_AUTO_TEST_CASE(a_log_stream_asks_with_its_filters_and_resumes_by_the_header) {
  const std::string record =
      R"(data: {"timestamp":"2026-01-01T00:00:00Z","trace_id":"t","span_id":"s","severity_text":"INFO","body":"b","log_attributes":{}})";
  server.bytes(stream_of("id: l1\nevent: log\n" + record + "\n\n"));
  log_stream_request r;
  r.run_id = "01934c6e-7a3b-7def-8abc-000000000001";
  r.activity_id = "12";
  r.after = timestamp();
  const executions_api executions(server.client());
  auto options = quick();
  options.from = "l0";
  auto stream = executions.stream_logs("e 1", r, options);
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    const auto first = co_await stream.next();
    BOOST_TEST(first->cursor() == "l1");
    BOOST_TEST(first->severity_text == "INFO");
  });
  BOOST_TEST(stream.cursor() == "w1:e%201:l1");
  BOOST_TEST(server.line(0) ==
             "GET /v1/workflows/executions/e%201/logs/stream?run_id=01934c6e-7a3b-7def-8abc-000000000001"
             "&activity_id=12&after=1970-01-01T00%3A00%3A00.000000Z");
  BOOST_TEST(sends(server.requests[0], "Last-Event-ID: l0\r\n"));
}

BOOST_AUTO_TEST_CASE(
    a_deployments_log_stream_asks_with_its_filters_resumes_by_the_header_and_never_ends_by_itself) {
  const std::string record =
      R"(data: {"timestamp":"2026-01-01T00:00:00Z","trace_id":"t","span_id":"s","severity_text":"INFO","body":"b","log_attributes":{}})";
  for (const char* id : {"l1", "l2", "l3"})
    server.bytes(stream_of("id: " + std::string(id) + "\nevent: log\n" + record + "\n\n"));
  deployment_log_stream_request r;
  r.worker_name = "worker 1";
  r.workflow_name = "w";
  r.after = timestamp();
  const deployments_api deployments(server.client());
  auto stream = deployments.stream_logs("d/1", r, quick());
  test::run(io, [&]() -> boost::asio::awaitable<void> {
    for (const char* id : {"l1", "l2", "l3"}) {
      const auto one = co_await stream.next();
      BOOST_TEST(one->cursor() == id);
    }
  });
  for (int i = 0; i < 3; ++i)
    BOOST_TEST(server.line(static_cast<std::size_t>(i)) ==
               "GET /v1/workflows/deployments/d%2F1/logs/stream?worker_name=worker%201&workflow_name=w"
               "&after=1970-01-01T00%3A00%3A00.000000Z");
  BOOST_TEST(!sends(server.requests[0], "Last-Event-ID"));
  BOOST_TEST(sends(server.requests[2], "Last-Event-ID: l2\r\n"));
  BOOST_CHECK_EXCEPTION(deployments.stream_logs(".."), invalid_argument, refuses("name"));
}

BOOST_AUTO_TEST_CASE(a_log_stream_refuses_what_cannot_be_before_anything_is_sent) {
  const executions_api executions(server.client());
  log_stream_request no_run;
  no_run.run_id = "r1";
  BOOST_CHECK_EXCEPTION(executions.stream_logs("e1", no_run), invalid_argument, refuses("run_id"));
  log_stream_request no_activity;
  no_activity.activity_id = "seven";
  BOOST_CHECK_EXCEPTION(executions.stream_logs("e1", no_activity), invalid_argument, refuses("activity_id"));
  BOOST_CHECK_EXCEPTION(executions.stream_logs(".."), invalid_argument, refuses("execution_id"));
  BOOST_TEST(server.connections == 0);
}

BOOST_AUTO_TEST_SUITE_END()
