#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

#include <future>

using namespace server_test;
using std::chrono::milliseconds;
using std::chrono::seconds;
using wft::ending;
using wft::fault;

namespace {

struct running_server {
  wft::local_server server{tls_options()};
  raw_client client{server};

  reply get() { return client.ask("GET", api + "/mirror"); }
  reply signal(raw_client& from) { return from.ask("POST", executions + "e1/signals", R"({"name": "go"})"); }
};

// A stream of an execution that has four events and has ended.
struct finished_stream : running_server {
  finished_stream() {
    start_talker(client, "e1");
    signal(client);
    reader.request("GET", executions + "e1/stream");
    BOOST_REQUIRE_EQUAL(reader.answer().status, 200);
  }

  /// The events that come before the stream ends, however it does.
  int events() {
    reader.request("GET", executions + "e1/stream");
    reader.head();
    int count = 0;
    while (reader.next_event()) ++count;
    return count;
  }

  raw_client reader{server};
};

const std::string stream = executions + "e1/stream";

}  // namespace

BOOST_AUTO_TEST_SUITE(http_faults)

BOOST_FIXTURE_TEST_CASE(an_answer_is_given_so_often_and_then_no_more, running_server) {
  wft::fault_handle handle = server.faults().add(fault().on("workflows.get").times(2).answer(503));
  BOOST_TEST(get().status == 503);
  BOOST_TEST(get().status == 503);
  BOOST_TEST(get().status == 200);
  BOOST_TEST(handle.struck() == 2);
}

BOOST_FIXTURE_TEST_CASE(a_fault_lets_the_first_ones_pass, running_server) {
  server.faults().add(fault().on("workflows.get").after(2).answer(500));
  BOOST_TEST(get().status == 200);
  BOOST_TEST(get().status == 200);
  BOOST_TEST(get().status == 500);
  BOOST_TEST(get().status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_fault_matches_by_execution_method_path_and_condition, running_server) {
  start_talker(client, "e1");
  start_talker(client, "e2");
  server.faults().add(fault().execution("e2").method("GET").answer(500));
  server.faults().add(fault().path(api + "/talker").answer(501));
  server.faults().add(fault().on("workflows.execute").execution("e3").answer(502));
  server.faults().add(
      fault().when([](const wft::seen_request& seen) { return seen.query == "x=1"; }).answer(504));
  BOOST_TEST(client.ask("GET", executions + "e1").status == 200);
  BOOST_TEST(client.ask("GET", executions + "e2").status == 500);
  BOOST_TEST(client.ask("GET", api + "/talker").status == 501);
  BOOST_TEST(client.ask("POST", api + "/talker/execute", R"({"execution_id": "e3"})").status == 502);
  BOOST_TEST(client.ask("GET", api + "/talker?x=1").status == 504);
  BOOST_TEST(server.done("workflows.execute", "e3") == 0);
}

BOOST_FIXTURE_TEST_CASE(faults_strike_in_the_order_in_which_they_were_added, running_server) {
  server.faults().add(fault().answer(500));
  server.faults().add(fault().answer(429));
  BOOST_TEST(get().status == 500);
  BOOST_TEST(get().status == 429);
  BOOST_TEST(get().status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_chance_is_the_same_for_the_same_seed, running_server) {
  const auto strikes = [&](std::uint64_t seed) {
    wft::fault_handle handle = server.faults().add(fault().times(0).chance(0.5, seed).answer(500));
    std::string pattern;
    for (int i = 0; i < 20; ++i) pattern += get().status == 500 ? 'x' : '.';
    handle.remove();
    return pattern;
  };
  const std::string first = strikes(1);
  BOOST_TEST(first == strikes(1));
  BOOST_TEST(first.find('x') != std::string::npos);
  BOOST_TEST(first.find('.') != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(retry_after_comes_in_seconds_or_as_a_date, running_server) {
  server.faults().add(fault().answer(429).retry_after(seconds(7)));
  server.faults().add(fault().answer(503).retry_after_date(seconds(7)));
  BOOST_TEST(get().headers.at("retry-after") == "7");
  const reply dated = get();
  BOOST_TEST(dated.headers.at("retry-after").ends_with(" GMT"));
  BOOST_TEST(dated.headers.at("retry-after") != dated.headers.at("date"));
}

BOOST_FIXTURE_TEST_CASE(a_500_carries_the_code_that_was_asked_for, running_server) {
  server.faults().add(fault().answer(500, "WF_1600", "the event store is away"));
  BOOST_TEST(get().body == R"({"detail":"the event store is away","code":"WF_1600"})");
}

BOOST_FIXTURE_TEST_CASE(a_proxy_s_html_page_is_no_json, running_server) {
  server.faults().add(fault().html_page());
  const reply page = get();
  BOOST_TEST(page.status == 502);
  BOOST_TEST(page.headers.at("content-type") == "text/html");
  BOOST_TEST(page.body.starts_with("<html>"));
}

BOOST_FIXTURE_TEST_CASE(a_redirect_names_its_location, running_server) {
  server.faults().add(fault().redirect("https://elsewhere.example/"));
  const reply moved = get();
  BOOST_TEST(moved.status == 307);
  BOOST_TEST(moved.headers.at("location") == "https://elsewhere.example/");
}

BOOST_FIXTURE_TEST_CASE(a_request_that_is_delayed_is_carried_out_later, running_server) {
  server.faults().add(fault().delay(milliseconds(30)));
  const auto before = std::chrono::steady_clock::now();
  BOOST_TEST(get().status == 200);
  BOOST_TEST((std::chrono::steady_clock::now() - before >= milliseconds(30)));
}

BOOST_FIXTURE_TEST_CASE(a_held_request_acts_when_released_even_if_its_client_has_gone, running_server) {
  wft::fault_handle handle = server.faults().add(fault().on("workflows.execute").hold());
  raw_client hasty(server);
  hasty.request("POST", api + "/talker/execute", R"({"execution_id": "late"})");
  BOOST_TEST(handle.wait_struck());
  BOOST_TEST(server.done("workflows.execute") == 0);
  hasty.close();
  BOOST_TEST(client.ask("GET", executions + "late").status == 404);
  handle.release();
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.requests_in_work == 0; }));
  BOOST_TEST(server.done("workflows.execute", "late") == 1);
  BOOST_TEST(client.ask("GET", executions + "late").status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_held_answer_has_acted_already, running_server) {
  wft::fault_handle handle = server.faults().add(fault().on("workflows.execute").hold_answer());
  raw_client patient(server);
  patient.request("POST", api + "/talker/execute", R"({"execution_id": "e1"})");
  BOOST_TEST(handle.wait_struck());
  BOOST_TEST(client.ask("GET", executions + "e1").status == 200);
  handle.release();
  BOOST_TEST(patient.answer().status == 200);
}

BOOST_FIXTURE_TEST_CASE(closed_before_processing_does_nothing, running_server) {
  start_talker(client, "e1");
  for (const ending how : {ending::reset, ending::eof, ending::no_close_notify}) {
    server.faults().add(fault().on("executions.signal").close_before_processing(how));
    raw_client caller(server);
    const reply nothing = signal(caller);
    BOOST_TEST(nothing.status == 0);
    BOOST_TEST((nothing.end == (how == ending::reset ? seen_end::reset
                                : how == ending::eof ? seen_end::close_notify
                                                     : seen_end::no_close_notify)));
  }
  BOOST_TEST(server.done("executions.signal", "e1") == 0);
}

BOOST_FIXTURE_TEST_CASE(closed_after_processing_has_acted_without_a_byte_of_answer, running_server) {
  start_talker(client, "e1");
  server.faults().add(fault().on("executions.signal").close_after_processing());
  const reply nothing = signal(client);
  BOOST_TEST(nothing.status == 0);
  BOOST_TEST(nothing.body.empty());
  raw_client next(server);
  next.ask("GET", executions + "e1");
  BOOST_TEST(server.done("executions.signal", "e1") == 1);
}

BOOST_FIXTURE_TEST_CASE(an_answer_can_be_cut_in_its_head_and_in_its_body, running_server) {
  server.faults().add(fault().cut_answer(20));
  client.request("GET", api + "/mirror");
  BOOST_TEST(client.read_to_end().size() == 20u);
  server.faults().add(fault().cut_body(5, ending::reset));
  raw_client second(server);
  const reply cut = second.ask("GET", api + "/mirror");
  BOOST_TEST(cut.status == 200);
  BOOST_TEST(cut.body.size() == 5u);
  BOOST_TEST(cut.end == seen_end::reset);
}

BOOST_FIXTURE_TEST_CASE(a_stalled_answer_stops_in_the_middle_until_released, running_server) {
  wft::fault_handle handle = server.faults().add(fault().stall(30));
  client.request("GET", api + "/mirror");
  BOOST_TEST(handle.wait_struck());
  handle.release();
  BOOST_TEST(client.answer().status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_stalled_answer_ends_with_its_client, running_server) {
  server.faults().add(fault().stall(30));
  client.request("GET", api + "/mirror");
  BOOST_TEST(server.wait_for_requests("workflows.get", 1));
  client.close();
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.connections_open == 0; }));
}

BOOST_FIXTURE_TEST_CASE(the_content_type_can_be_wrong, running_server) {
  server.faults().add(fault().content_type("text/plain"));
  BOOST_TEST(get().headers.at("content-type") == "text/plain");
}

BOOST_FIXTURE_TEST_CASE(the_content_length_can_lie_both_ways, running_server) {
  const std::size_t truth = get().body.size();
  server.faults().add(fault().content_length_off_by(-3));
  const reply shorter = get();
  BOOST_TEST(shorter.body.size() == truth - 3);
  raw_client second(server);
  server.faults().add(fault().content_length_off_by(3).close_after_answer(ending::eof));
  const reply longer = second.ask("GET", api + "/mirror");
  BOOST_TEST(longer.headers.at("content-length") == std::to_string(truth + 3));
  BOOST_TEST(longer.end == seen_end::close_notify);
}

BOOST_FIXTURE_TEST_CASE(connection_close_is_announced_and_done, running_server) {
  server.faults().add(fault().connection_close());
  BOOST_TEST(get().headers.at("connection") == "close");
  BOOST_TEST(client.read_to_end().empty());
}

BOOST_FIXTURE_TEST_CASE(a_connection_can_close_after_an_answer_that_promised_to_keep_it, running_server) {
  server.faults().add(fault().close_after_answer());
  BOOST_TEST(!get().headers.contains("connection"));
  BOOST_TEST(client.read_to_end().empty());
}

BOOST_FIXTURE_TEST_CASE(early_hints_come_before_the_answer, running_server) {
  server.faults().add(fault().early_hints(3));
  client.request("GET", api + "/mirror");
  for (int i = 0; i < 3; ++i) BOOST_TEST(client.answer().status == 103);
  BOOST_TEST(client.answer().status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_header_can_be_added, running_server) {
  server.faults().add(fault().header("x-more", "1"));
  BOOST_TEST(get().headers.at("x-more") == "1");
}

BOOST_FIXTURE_TEST_CASE(a_removed_fault_strikes_no_more, running_server) {
  wft::fault_handle handle = server.faults().add(fault().times(0).answer(500));
  BOOST_TEST(get().status == 500);
  handle.remove();
  BOOST_TEST(get().status == 200);
  server.faults().add(fault().answer(500));
  server.faults().clear();
  BOOST_TEST(get().status == 200);
}

BOOST_FIXTURE_TEST_CASE(a_stream_is_cut_after_so_many_events_in_every_way, finished_stream) {
  for (const ending how :
       {ending::clean, ending::eof, ending::truncated_chunk, ending::no_close_notify, ending::reset}) {
    server.faults().add(fault().on("executions.stream").cut_stream_after(2, how));
    raw_client follower(server);
    follower.request("GET", stream);
    follower.head();
    int events = 0;
    while (follower.next_event()) ++events;
    BOOST_TEST(events == 2);
    const seen_end expected = how == ending::clean             ? seen_end::whole
                              : how == ending::reset           ? seen_end::reset
                              : how == ending::no_close_notify ? seen_end::no_close_notify
                                                               : seen_end::close_notify;
    BOOST_TEST(follower.ended() == expected);
  }
}

BOOST_FIXTURE_TEST_CASE(a_stream_is_cut_at_each_byte_that_is_asked_for, finished_stream) {
  raw_client whole(server);
  const std::string text = whole.ask("GET", stream).body;
  for (std::size_t at = 0; at < text.size(); at += 37) {
    for (const ending how : {ending::clean, ending::truncated_chunk, ending::reset}) {
      server.faults().add(fault().on("executions.stream").cut_stream_at(at, how));
      raw_client follower(server);
      follower.request("GET", stream);
      const reply cut = follower.answer();
      BOOST_TEST(cut.body == text.substr(0, at));
      BOOST_TEST((cut.end == seen_end::whole) == (how == ending::clean));
    }
  }
}

BOOST_FIXTURE_TEST_CASE(a_stalled_stream_goes_on_when_released, finished_stream) {
  wft::fault_handle handle = server.faults().add(fault().on("executions.stream").stall_stream_after(2));
  reader.request("GET", stream);
  reader.head();
  reader.next_event();
  reader.next_event();
  BOOST_TEST(server.counts().streams_open == 1);
  handle.release();
  BOOST_TEST(reader.next_event().has_value());
  BOOST_TEST(reader.next_event().has_value());
  BOOST_TEST(!reader.next_event().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_paused_stream_goes_on_by_itself_when_the_time_is_over, finished_stream) {
  server.faults().add(fault().on("executions.stream").pause_stream_after(2, milliseconds(60)));
  const auto began = std::chrono::steady_clock::now();
  reader.request("GET", stream);
  reader.head();
  int events = 0;
  while (reader.next_event()) ++events;
  BOOST_TEST(events == 4);
  BOOST_TEST((std::chrono::steady_clock::now() - began >= milliseconds(60)));
}

BOOST_FIXTURE_TEST_CASE(a_stream_of_comments_only_gives_its_events_when_released, finished_stream) {
  wft::fault_handle handle =
      server.faults().add(fault().on("executions.stream").comments_only(milliseconds(1)));
  reader.request("GET", stream);
  reader.head();
  for (int i = 0; i < 3; ++i)
    BOOST_TEST((reader.line().value().starts_with(":") && reader.line().value().empty()));
  handle.release();
  int events = 0;
  while (reader.next_event()) ++events;
  BOOST_TEST(events == 4);
}

BOOST_FIXTURE_TEST_CASE(an_error_can_come_after_the_200, finished_stream) {
  server.faults().add(fault().on("executions.stream").stream_error("WF_1400", "the broker is away", 1));
  reader.request("GET", stream);
  reader.head();
  reader.next_event();
  const stream_item error = reader.next_event().value();
  BOOST_TEST(error.event == "error");
  BOOST_TEST(error.json().at("error") == "WF_1400");
  BOOST_TEST(error.json().at("reason") == "the broker is away");
  BOOST_TEST(!reader.next_event().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_stream_can_start_with_a_retry_time, finished_stream) {
  server.faults().add(fault().on("executions.stream").stream_retry(milliseconds(250)));
  reader.request("GET", stream);
  reader.head();
  BOOST_TEST(reader.line().value() == "retry: 250");
}

BOOST_FIXTURE_TEST_CASE(any_text_can_be_put_into_a_stream, finished_stream) {
  server.faults().add(fault().on("executions.stream").stream_text("event: new\ndata: {\n\n", 1));
  reader.request("GET", stream);
  reader.head();
  reader.next_event();
  BOOST_TEST(reader.next_event().value().data == "{");
  BOOST_TEST(reader.next_event().has_value());
}

BOOST_FIXTURE_TEST_CASE(a_stream_can_be_refused, finished_stream) {
  server.faults().add(fault().on("executions.stream").answer(503).retry_after(seconds(1)));
  BOOST_TEST(reader.ask("GET", stream).status == 503);
  BOOST_TEST(events() == 4);
}

BOOST_FIXTURE_TEST_CASE(all_connections_can_be_reset_at_once, running_server) {
  get();
  raw_client other(server);
  other.ask("GET", api + "/mirror");
  server.close_connections();
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.connections_open == 0; }));
  client.read_to_end();
  BOOST_TEST(client.ended() == seen_end::reset);
}

BOOST_AUTO_TEST_SUITE_END()
