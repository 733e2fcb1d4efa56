#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

using namespace server_test;

namespace {

struct running_server {
  wft::local_server server{plain_options()};
  raw_client client{server};

  std::string stream_of(const std::string& id) { return executions + id + "/stream"; }
  void go(const std::string& id) { client.ask("POST", executions + id + "/signals", R"({"name": "go"})"); }
};

// Opens a stream, requires that it is one, and keeps its connection.
struct follower : raw_client {
  follower(const wft::local_server& server, const std::string& target,
           const std::string& headers = std::string())
      : raw_client(server) {
    request("GET", target, "", headers);
    const reply opened = head();
    BOOST_REQUIRE_EQUAL(opened.status, 200);
    BOOST_TEST(opened.headers.at("content-type") == "text/event-stream; charset=utf-8");
  }

  std::vector<std::string> types(std::size_t count) {
    std::vector<std::string> found;
    while (found.size() < count) {
      const std::optional<stream_item> event = next_event();
      BOOST_REQUIRE(event.has_value());
      found.push_back(event->event);
    }
    return found;
  }

  /// To the end of the stream.
  std::vector<std::int64_t> sequences() {
    std::vector<std::int64_t> found;
    while (const std::optional<stream_item> event = next_event())
      found.push_back(event->json().at("broker_sequence").as_int64());
    return found;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_stream, running_server)

BOOST_AUTO_TEST_CASE(a_fresh_stream_starts_at_the_first_event_of_the_execution) {
  start_talker(client, "e1", 3);
  for (const char* source : {"", "?event_source=HYBRID", "?event_source=DATABASE"}) {
    follower reader(server, stream_of("e1") + source);
    BOOST_TEST(
        (reader.types(2) == std::vector<std::string>{"WORKFLOW_EXECUTION_STARTED", "CUSTOM_TASK_STARTED"}),
        source);
  }
}

BOOST_AUTO_TEST_CASE(an_event_has_its_sequence_as_id_and_its_type_as_event) {
  start_talker(client, "e1");
  follower reader(server, stream_of("e1"));
  const stream_item first = reader.next_event().value();
  const boost::json::value payload = first.json();
  BOOST_TEST(first.id == std::to_string(payload.at("broker_sequence").as_int64()));
  BOOST_TEST(first.event == "WORKFLOW_EXECUTION_STARTED");
  BOOST_TEST(payload.at("data").at("event_type") == "WORKFLOW_EXECUTION_STARTED");
  BOOST_TEST(payload.at("data").at("event_timestamp").is_int64());
  BOOST_TEST(payload.at("workflow_context").at("workflow_exec_id") == "e1");
}

BOOST_AUTO_TEST_CASE(a_stream_ends_cleanly_after_the_last_event) {
  start_talker(client, "e1", 3);
  follower reader(server, stream_of("e1"));
  reader.types(3);
  go("e1");
  BOOST_TEST((reader.types(1) == std::vector<std::string>{"WORKFLOW_EXECUTION_COMPLETED"}));
  BOOST_TEST(!reader.next_event().has_value());
  BOOST_TEST(reader.ended() == seen_end::whole);
}

BOOST_AUTO_TEST_CASE(a_connection_can_be_used_again_after_its_stream) {
  start_talker(client, "e1");
  go("e1");
  follower reader(server, stream_of("e1"));
  BOOST_TEST(reader.sequences().size() == 4u);
  BOOST_TEST(reader.ask("GET", executions + "e1").status == 200);
}

BOOST_AUTO_TEST_CASE(a_stream_of_a_finished_execution_gives_all_and_ends) {
  start_talker(client, "e1");
  client.ask("POST", executions + "e1/terminate");
  follower reader(server, stream_of("e1"));
  reader.types(3);
  BOOST_TEST(!reader.next_event().has_value());
  BOOST_TEST(reader.ended() == seen_end::whole);
}

BOOST_AUTO_TEST_CASE(a_termination_has_no_event_and_leaves_an_open_stream_open) {
  wft::local_server_options options = plain_options();
  options.comment_interval = std::chrono::milliseconds(5);
  wft::local_server quick(options);
  raw_client caller(quick);
  start_talker(caller, "e1");
  follower reader(quick, stream_of("e1"));
  reader.types(3);
  caller.ask("POST", executions + "e1/terminate");
  for (int i = 0; i < 3; ++i)
    BOOST_TEST((reader.line().value().starts_with(":") && reader.line().value().empty()));
  BOOST_TEST(quick.counts().streams_open == 1);
}

BOOST_AUTO_TEST_CASE(a_stream_resumes_after_the_id_in_query_or_header) {
  start_talker(client, "e1", 5);
  go("e1");
  follower whole(server, stream_of("e1"));
  const std::vector<std::int64_t> all = whole.sequences();
  BOOST_REQUIRE_EQUAL(all.size(), 6u);
  const std::string second = std::to_string(all[1]);
  const std::string third = std::to_string(all[2]);
  const std::vector<std::int64_t> after_second(all.begin() + 2, all.end());
  const std::vector<std::int64_t> after_third(all.begin() + 3, all.end());
  BOOST_TEST(follower(server, stream_of("e1") + "?last_event_id=" + second).sequences() == after_second);
  BOOST_TEST(follower(server, stream_of("e1"), "Last-Event-ID: " + second + "\r\n").sequences() ==
             after_second);
  const std::string both = "last-event-id: " + third + "\r\n";
  BOOST_TEST(follower(server, stream_of("e1") + "?last_event_id=" + second, both).sequences() == after_third);
}

BOOST_AUTO_TEST_CASE(a_resume_after_the_last_event_gives_nothing_and_ends) {
  start_talker(client, "e1");
  go("e1");
  const std::vector<std::int64_t> all = follower(server, stream_of("e1")).sequences();
  BOOST_TEST(
      follower(server, stream_of("e1") + "?last_event_id=" + std::to_string(all.back())).sequences().empty());
}

BOOST_AUTO_TEST_CASE(a_live_stream_misses_what_came_before) {
  start_talker(client, "e1", 4);
  follower stored(server, stream_of("e1"));
  stored.types(4);
  follower reader(server, stream_of("e1") + "?event_source=LIVE");
  go("e1");
  BOOST_TEST((reader.types(1) == std::vector<std::string>{"WORKFLOW_EXECUTION_COMPLETED"}));
}

BOOST_AUTO_TEST_CASE(a_database_stream_ends_with_what_is_stored) {
  start_talker(client, "e1", 4);
  follower live(server, stream_of("e1"));
  live.types(4);
  follower reader(server, stream_of("e1") + "?event_source=DATABASE");
  BOOST_TEST(reader.sequences().size() == 4u);
  BOOST_TEST(reader.ended() == seen_end::whole);
}

BOOST_AUTO_TEST_CASE(an_id_that_is_none_and_an_unknown_source_are_422) {
  start_talker(client, "e1");
  BOOST_TEST(client.ask("GET", stream_of("e1") + "?last_event_id=x").status == 422);
  BOOST_TEST(client.ask("GET", stream_of("e1") + "?event_source=TAPE").status == 422);
}

BOOST_AUTO_TEST_CASE(start_seq_is_inclusive_and_events_of_all_executions_come) {
  start_talker(client, "e1");
  start_talker(client, "e2");
  follower reader(server, api + "/events/stream");
  std::vector<std::int64_t> all;
  for (int i = 0; i < 6; ++i)
    all.push_back(reader.next_event().value().json().at("broker_sequence").as_int64());
  BOOST_TEST(std::is_sorted(all.begin(), all.end()));
  follower again(server, api + "/events/stream?start_seq=" + std::to_string(all[2]));
  BOOST_TEST(again.next_event().value().id == std::to_string(all[2]));
  follower after(server, api + "/events/stream", "last-event-id: " + std::to_string(all[2]) + "\r\n");
  BOOST_TEST(after.next_event().value().id == std::to_string(all[3]));
}

BOOST_AUTO_TEST_CASE(events_of_all_executions_can_be_filtered) {
  start_talker(client, "e1");
  start_talker(client, "e2");
  follower reader(
      server, api + "/events/stream?workflow_exec_id=e2&workflow_event_types=CUSTOM_TASK_STARTED&scope=*");
  const stream_item found = reader.next_event().value();
  BOOST_TEST(found.event == "CUSTOM_TASK_STARTED");
  BOOST_TEST(found.json().at("workflow_context").at("workflow_exec_id") == "e2");
}

BOOST_AUTO_TEST_CASE(a_client_that_leaves_a_stream_closes_it) {
  start_talker(client, "e1");
  follower reader(server, stream_of("e1"));
  reader.types(1);
  BOOST_TEST(server.counts().streams_open == 1);
  reader.close();
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.streams_open == 0; }));
}

BOOST_AUTO_TEST_CASE(an_http_1_0_client_gets_an_unchunked_stream_that_ends_with_the_connection) {
  start_talker(client, "e1");
  go("e1");
  raw_client old(server);
  old.send("GET " + stream_of("e1") + " HTTP/1.0\r\n\r\n");
  const reply opened = old.head();
  BOOST_TEST(!opened.headers.contains("transfer-encoding"));
  int events = 0;
  while (old.next_event()) ++events;
  BOOST_TEST(events == 4);
}

BOOST_AUTO_TEST_SUITE_END()
