#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

using namespace server_test;

namespace {

struct running_server {
  wft::local_server server{plain_options()};
  raw_client client{server};
};

const std::string whoami = api + "/workers/whoami";

}  // namespace

BOOST_FIXTURE_TEST_SUITE(http_connection, running_server)

BOOST_AUTO_TEST_CASE(one_connection_serves_many_requests) {
  for (int i = 0; i < 20; ++i) BOOST_TEST(client.ask("GET", whoami).status == 200);
  BOOST_TEST(server.counts().connections_accepted == 1);
  BOOST_TEST(server.counts().requests_of("workers.whoami") == 20);
}

BOOST_AUTO_TEST_CASE(requests_sent_at_once_are_answered_in_their_order) {
  client.request("GET", whoami);
  client.request("GET", executions + "nobody");
  client.request("GET", api + "/mirror");
  BOOST_TEST(client.answer().status == 200);
  BOOST_TEST(client.answer().status == 404);
  BOOST_TEST(client.answer().json().at("workflow").at("name") == "mirror");
}

BOOST_AUTO_TEST_CASE(a_request_may_come_byte_by_byte) {
  const std::string text =
      "POST " + api +
      "/mirror/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 25\r\n\r\n"
      "{\"wait_for_result\": true}";
  for (const char byte : text) client.send(std::string_view(&byte, 1));
  BOOST_TEST(client.answer().status == 200);
}

BOOST_AUTO_TEST_CASE(a_chunked_request_is_taken) {
  client.send("POST " + api +
              "/mirror/execute HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: "
              "chunked\r\n\r\n"
              "9\r\n{\"wait_fo\r\n10\r\nr_result\": true}\r\n0\r\n\r\n");
  BOOST_TEST(client.answer().status == 200);
}

BOOST_AUTO_TEST_CASE(each_answer_has_a_date_and_a_request_id_of_its_own) {
  const reply first = client.ask("GET", whoami);
  const reply second = client.ask("GET", api + "/nobody/nothing");
  BOOST_TEST(second.status == 404);
  for (const reply& one : {first, second}) {
    BOOST_TEST(one.headers.at("date").ends_with(" GMT"));
    BOOST_TEST(one.headers.at("x-request-id").size() == 36u);
  }
  BOOST_TEST(first.headers.at("x-request-id") != second.headers.at("x-request-id"));
}

BOOST_AUTO_TEST_CASE(an_unknown_path_is_404_without_a_code) {
  const reply refused = client.ask("GET", "/v2/workflows");
  BOOST_TEST(refused.status == 404);
  BOOST_TEST(refused.body == R"({"detail":"Not Found"})");
  BOOST_TEST(server.counts().requests_of("none") == 1);
}

BOOST_AUTO_TEST_CASE(a_known_path_with_a_wrong_method_is_405) {
  const reply refused = client.ask("PUT", executions + "e1");
  BOOST_TEST(refused.status == 405);
  BOOST_TEST(refused.headers.at("allow") == "GET");
  BOOST_TEST(refused.body == R"({"detail":"Method Not Allowed"})");
}

BOOST_AUTO_TEST_CASE(connection_close_is_honoured) {
  const reply answered = client.ask("GET", whoami, "", "Connection: close\r\n");
  BOOST_TEST(answered.headers.at("connection") == "close");
  BOOST_TEST(client.read_to_end().empty());
}

BOOST_AUTO_TEST_CASE(http_1_0_gets_a_connection_that_closes) {
  client.send("GET " + whoami + " HTTP/1.0\r\n\r\n");
  const reply answered = client.answer();
  BOOST_TEST(answered.status == 200);
  BOOST_TEST(answered.headers.at("connection") == "close");
  BOOST_TEST(client.read_to_end().empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_waits_for_100_continue_gets_it) {
  client.send(
      "POST " + api +
      "/mirror/execute HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n"
      "Content-Length: 25\r\n\r\n");
  BOOST_TEST(client.head().status == 100);
  client.send("{\"wait_for_result\": true}");
  BOOST_TEST(client.answer().status == 200);
}

BOOST_AUTO_TEST_CASE(a_body_over_the_limit_is_413_and_closes) {
  client.send("POST " + api + "/mirror/execute HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");
  BOOST_TEST(client.answer().status == 413);
  BOOST_TEST(client.read_to_end().empty());
}

BOOST_AUTO_TEST_CASE(a_client_that_sends_all_of_a_body_over_the_limit_gets_the_413) {
  for (const bool tls : {false, true}) {
    wft::local_server_options options = plain_options();
    options.tls = tls;
    options.request_limit = 1024;
    wft::local_server small(options);
    raw_client caller(small);
    const std::string body(8 * 1024 * 1024, 'x');
    const reply refused = caller.ask("POST", api + "/mirror/execute", body);
    BOOST_TEST(refused.status == 413);
    BOOST_TEST(refused.headers.at("connection") == "close");
    BOOST_TEST(caller.read_to_end().empty());
    caller.close();
    BOOST_TEST(small.wait_until([](const wft::server_counts& seen) { return seen.connections_open == 0; }));
  }
}

BOOST_AUTO_TEST_CASE(a_head_over_the_limit_is_refused) {
  client.send("GET " + whoami + " HTTP/1.1\r\nX: " + std::string(70000, 'x') + "\r\n\r\n");
  BOOST_TEST(client.answer().status == 431);
}

BOOST_AUTO_TEST_CASE(what_is_not_http_is_400_and_closes) {
  client.send("hello there\r\n\r\n");
  BOOST_TEST(client.answer().status == 400);
  BOOST_TEST(client.read_to_end().empty());
}

BOOST_AUTO_TEST_CASE(a_missing_or_wrong_key_is_401_and_does_nothing) {
  wft::local_server_options options = plain_options();
  options.api_key = "secret";
  wft::local_server guarded(options);
  raw_client caller(guarded);
  BOOST_TEST(caller.ask("GET", whoami).status == 401);
  BOOST_TEST(caller.ask("GET", whoami, "", "Authorization: Bearer wrong\r\n").body ==
             R"({"detail":"Unauthorized"})");
  BOOST_TEST(caller.ask("POST", api + "/mirror/execute", "{}").status == 401);
  BOOST_TEST(caller.ask("GET", whoami, "", "Authorization: Bearer secret\r\n").status == 200);
  BOOST_TEST(guarded.done("workflows.execute") == 0);
}

BOOST_AUTO_TEST_CASE(idle_connections_are_closed_on_request_and_busy_ones_stay) {
  start_talker(client, "e1");
  raw_client follower(server);
  follower.request("GET", executions + "e1/stream");
  follower.head();
  BOOST_TEST(server.wait_until(
      [](const wft::server_counts& seen) { return seen.connections_idle == 1 && seen.streams_open == 1; }));
  server.close_idle_connections();
  BOOST_TEST(client.read_to_end().empty());
  BOOST_TEST(server.counts().streams_open == 1);
}

BOOST_AUTO_TEST_CASE(a_refusing_server_can_be_told_to_listen_again_on_its_port) {
  BOOST_TEST(client.ask("GET", whoami).status == 200);
  server.refuse_connections();
  BOOST_CHECK_THROW(raw_client refused(server), boost::system::system_error);
  BOOST_TEST(client.ask("GET", whoami).status == 200);
  server.refuse_connections(false);
  raw_client again(server);
  BOOST_TEST(again.ask("GET", whoami).status == 200);
}

BOOST_AUTO_TEST_CASE(a_client_that_goes_away_is_noticed) {
  client.ask("GET", whoami);
  client.close();
  BOOST_TEST(server.wait_until([](const wft::server_counts& seen) { return seen.connections_open == 0; }));
}

BOOST_AUTO_TEST_CASE(a_server_that_stops_leaves_nobody_waiting) {
  start_talker(client, "e1");
  raw_client follower(server);
  follower.request("GET", executions + "e1/stream");
  follower.head();
  raw_client waiter(server);
  waiter.request("POST", api + "/talker/execute", R"({"wait_for_result": true})");
  BOOST_TEST(server.wait_for_requests("workflows.execute", 2));
  server.stop();
  follower.read_to_end();
  waiter.read_to_end();
  BOOST_TEST(server.counts().connections_open == 0);
  BOOST_TEST(server.done("workflows.execute") == 2);
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_an_error_of_the_constructor) {
  wft::local_server_options options = plain_options();
  options.port = server.port();
  BOOST_CHECK_THROW(wft::local_server second(options), boost::system::system_error);
}

BOOST_AUTO_TEST_SUITE_END()
