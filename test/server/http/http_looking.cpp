// Traces and logs, over HTTP.
#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

namespace json = boost::json;
using namespace server_test;

namespace {

boost::asio::awaitable<json::value> scribe(wft::workflow_context context) {
  context.set_search_key("order", "A-17");
  context.on_update("write", [context](const json::value& input) -> json::value {
    context.log("INFO", std::string(input.at("text").as_string()));
    return nullptr;
  });
  context.log("INFO", "begun");
  json::object task;
  task["custom_task_id"] = "t";
  task["custom_task_type"] = "writing";
  json::object metadata;
  metadata["team"] = "blue";
  context.emit_event("CUSTOM_TASK_CANCELED", task, metadata);
  const auto work = [context](const json::value&) -> json::value {
    context.log("WARNING", "at work");
    return nullptr;
  };
  co_await context.activity("work", nullptr, work);
  co_await context.wait_signal("go");
  context.log("INFO", "done");
  co_return nullptr;
}

struct logging_server {
  logging_server() {
    server.add_workflow(wft::workflow_definition("scribe", scribe));
    BOOST_REQUIRE_EQUAL(client.ask("POST", api + "/scribe/execute", R"({"execution_id": "s"})").status, 200);
    write("first");
  }

  reply get(const std::string& target) { return client.ask("GET", target); }
  void write(const std::string& text) {
    const std::string body = R"({"name": "write", "input": {"text": ")" + text + "\"}}";
    BOOST_REQUIRE_EQUAL(client.ask("POST", executions + "s/updates", body).status, 200);
  }
  void finish() { client.ask("POST", executions + "s/signals", R"({"name": "go"})"); }

  wft::local_server server{plain_options()};
  raw_client client{server};
};

std::vector<std::string> bodies(const json::value& page) {
  std::vector<std::string> found;
  for (const json::value& line : page.at("results").as_array())
    found.emplace_back(line.at("body").as_string());
  return found;
}

std::string body_of(const stream_item& item) { return std::string(item.json().at("body").as_string()); }

using texts = std::vector<std::string>;

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_looking, logging_server)

BOOST_AUTO_TEST_CASE(a_log_is_read_page_by_page_in_either_order) {
  const reply first = get(executions + "s/logs?limit=2");
  BOOST_TEST(first.status == 200);
  BOOST_TEST(bodies(first.json()) == (texts{"begun", "at work"}), boost::test_tools::per_element());
  const std::string cursor(first.json().at("next_cursor").as_string());
  const json::value second = get(executions + "s/logs?limit=2&cursor=" + cursor).json();
  BOOST_TEST(bodies(second) == texts{"first"}, boost::test_tools::per_element());
  BOOST_TEST(second.at("next_cursor").is_null());
  BOOST_TEST(bodies(get(executions + "s/logs?order=desc&limit=1").json()) == texts{"first"},
             boost::test_tools::per_element());
  BOOST_TEST(bodies(get(executions + "s/logs?activity_id=1").json()) == texts{"at work"},
             boost::test_tools::per_element());
  BOOST_TEST(bodies(get(executions + "s/logs?before=2001-01-01T00:00:00Z").json()).empty());
}

BOOST_AUTO_TEST_CASE(a_log_stream_gives_what_is_there_then_what_comes_and_ends_with_the_execution) {
  raw_client follower(server);
  follower.request("GET", executions + "s/logs/stream");
  const reply head = follower.head();
  BOOST_TEST(head.status == 200);
  BOOST_TEST(head.headers.at("content-type").starts_with("text/event-stream"));
  texts seen;
  for (int i = 0; i < 3; ++i) {
    const auto line = follower.next_event();
    BOOST_REQUIRE(line);
    BOOST_TEST(line->event == "log");
    BOOST_TEST(!line->id.empty());
    seen.push_back(body_of(*line));
  }
  write("second");
  finish();
  while (const auto line = follower.next_event()) seen.push_back(body_of(*line));
  BOOST_TEST(seen == (texts{"begun", "at work", "first", "second", "done"}),
             boost::test_tools::per_element());
  BOOST_TEST(follower.ended() == seen_end::whole);
}

BOOST_AUTO_TEST_CASE(a_log_stream_resumes_after_the_id_and_the_header_wins) {
  finish();
  raw_client first(server);
  first.request("GET", executions + "s/logs/stream");
  first.head();
  const auto begun = first.next_event();
  const auto second = first.next_event();
  BOOST_REQUIRE(begun && second);
  raw_client resumed(server);
  resumed.request("GET",
                  executions + "s/logs/stream?last_event_id=" + begun->id + "&after=2999-01-01T00:00:00Z", "",
                  "Last-Event-ID: " + second->id + "\r\n");
  resumed.head();
  texts rest;
  while (const auto line = resumed.next_event()) rest.push_back(body_of(*line));
  BOOST_TEST(rest == (texts{"first", "done"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_a_log_is_422_and_an_unknown_execution_404) {
  for (const char* query :
       {"run_id=x", "activity_id=x", "activity_id=", "after=x", "order=up", "limit=0", "limit=101"})
    BOOST_TEST(get(executions + "s/logs?" + query).status == 422, query);
  BOOST_TEST(get(executions + "s/logs?cursor=x").json().at("code") == "WF_1001");
  for (const char* query : {"run_id=x", "activity_id=-1", "after=x", "last_event_id=x"})
    BOOST_TEST(get(executions + "s/logs/stream?" + query).status == 422, query);
  for (const char* path :
       {"/logs", "/logs/stream", "/trace/info", "/trace/otel", "/trace/summary", "/trace/events"})
    BOOST_TEST(get(executions + "nobody" + path).status == 404, path);
  BOOST_TEST(get(executions + "s/trace/events?merge_same_id_events=maybe").status == 422);
}

BOOST_AUTO_TEST_CASE(search_keys_are_shown_on_request_and_filter_runs) {
  BOOST_TEST(!get(executions + "s").json().as_object().contains("search_keys"));
  BOOST_TEST(get(executions + "s?include_search_keys=true").json().at("search_keys").at("order") == "A-17");
  BOOST_TEST(get(api + "/runs?search_key=order%3Aa-17").json().at("executions").as_array().size() == 1u);
  BOOST_TEST(get(api + "/runs?search_key=order%3Ab").json().at("executions").as_array().empty());
  BOOST_TEST(get(api + "/runs?search_key=order").status == 422);
  BOOST_TEST(get(api + "/runs?search_key=a:1&search_key=b:1&search_key=c:1&search_key=d:1").status == 422);
}

BOOST_AUTO_TEST_CASE(a_stream_of_all_events_is_filtered_by_their_metadata) {
  raw_client follower(server);
  // {"team":"blue"}
  follower.request("GET", api + "/events/stream?metadata_filters=%7B%22team%22%3A%22blue%22%7D");
  BOOST_TEST(follower.head().status == 200);
  const auto event = follower.next_event();
  BOOST_REQUIRE(event);
  BOOST_TEST(event->event == "CUSTOM_TASK_CANCELED");
  BOOST_TEST(event->json().at("metadata").at("team") == "blue");
}

BOOST_AUTO_TEST_CASE(a_trace_is_shown_in_all_its_forms) {
  finish();
  raw_client follower(server);
  follower.request("GET", executions + "s/stream");
  follower.head();
  while (follower.next_event()) {
  }
  const json::value info = get(executions + "s/trace/info").json();
  BOOST_TEST(info.at("has_trace_data") == true);
  const json::value otel = get(executions + "s/trace/otel").json();
  BOOST_TEST(otel.at("otel_trace_id") == info.at("otel_trace_id"));
  BOOST_TEST(
      otel.at("otel_trace_data").at("batches").at(0).at("scopeSpans").at(0).at("spans").as_array().size() ==
      3u);
  const json::value summary = get(executions + "s/trace/summary").json();
  BOOST_TEST(summary.at("status") == "COMPLETED");
  BOOST_TEST(summary.at("span_tree").at("children").at(1).at("name") == "work");
  const std::size_t all =
      get(executions + "s/trace/events?include_internal_events=true").json().at("events").as_array().size();
  const std::size_t merged =
      get(executions + "s/trace/events?merge_same_id_events=true").json().at("events").as_array().size();
  BOOST_TEST(merged < all);
}

BOOST_AUTO_TEST_SUITE_END()
