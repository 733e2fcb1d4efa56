#include "server/http/http_workflows.hpp"

#include <boost/test/unit_test.hpp>

using namespace server_test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

struct limited_server {
  explicit limited_server(double per_second = 0, std::optional<std::int64_t> quota = std::nullopt)
      : server(options(per_second, quota)), client(server) {}

  static wft::local_server_options options(double per_second, std::optional<std::int64_t> quota) {
    wft::local_server_options made = plain_options();
    made.manual_clock = true;
    made.starts_per_second = per_second;
    made.start_quota = quota;
    return made;
  }

  reply start() { return client.ask("POST", api + "/mirror/execute", R"({"input": 1})"); }
  int started_of(int asked) {
    int taken = 0;
    for (int i = 0; i < asked; ++i) taken += start().status == 200 ? 1 : 0;
    return taken;
  }

  wft::local_server server;
  raw_client client;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(http_start_limits)

BOOST_AUTO_TEST_CASE(more_starts_than_a_second_takes_are_answered_with_429_and_a_whole_number_of_seconds) {
  limited_server made(5);
  BOOST_TEST(made.started_of(5) == 5);
  const reply refused = made.start();
  BOOST_TEST(refused.status == 429);
  BOOST_TEST(refused.headers.at("retry-after") == "1");
  BOOST_TEST(made.server.done("started") == 5);
  BOOST_TEST(made.server.counts().starts_too_fast == 1);
}

BOOST_AUTO_TEST_CASE(the_limit_is_that_of_each_second_and_not_of_the_first_alone) {
  limited_server made(10);
  made.started_of(10);
  int taken = 0;
  for (int tenth = 0; tenth < 100; ++tenth) {
    made.server.advance(milliseconds(100));
    taken += made.started_of(2);
  }
  BOOST_TEST(taken == 100);
}

BOOST_AUTO_TEST_CASE(a_slow_limit_says_how_many_seconds_are_to_be_waited) {
  limited_server made(0.25);
  BOOST_TEST(made.start().status == 200);
  BOOST_TEST(made.start().headers.at("retry-after") == "4");
  made.server.advance(seconds(3));
  BOOST_TEST(made.start().headers.at("retry-after") == "1");
  made.server.advance(seconds(1));
  BOOST_TEST(made.start().status == 200);
}

BOOST_AUTO_TEST_CASE(a_limit_is_changed_while_the_server_runs) {
  limited_server made(2);
  BOOST_TEST(made.started_of(3) == 2);
  made.server.set_starts_per_second(4);
  made.server.advance(seconds(1));
  BOOST_TEST(made.started_of(6) == 4);
  made.server.set_starts_per_second(0);
  BOOST_TEST(made.started_of(20) == 20);
}

BOOST_AUTO_TEST_CASE(a_limit_that_begins_later_lets_the_first_second_pass_and_no_more) {
  limited_server made;
  BOOST_TEST(made.started_of(20) == 20);
  made.server.set_starts_per_second(3);
  BOOST_TEST(made.started_of(5) == 3);
}

BOOST_AUTO_TEST_CASE(starts_beyond_the_quota_are_answered_with_402_until_it_is_raised) {
  limited_server made(0, 2);
  BOOST_TEST(made.started_of(2) == 2);
  BOOST_TEST(made.start().status == 402);
  BOOST_TEST(made.start().status == 402);
  BOOST_TEST(made.server.counts().starts_over_quota == 2);
  made.server.set_start_quota(3);
  BOOST_TEST(made.started_of(2) == 1);
  made.server.set_start_quota(std::nullopt);
  BOOST_TEST(made.started_of(4) == 4);
  BOOST_TEST(made.server.done("started") == 7);
}

BOOST_AUTO_TEST_CASE(a_start_that_is_refused_for_another_reason_uses_up_nothing) {
  limited_server made(1, 1);
  BOOST_TEST(made.client.ask("POST", api + "/nobody/execute", R"({"input": 1})").status == 404);
  BOOST_TEST(made.client.ask("POST", api + "/mirror/execute", R"({"execution_id": 7})").status == 422);
  BOOST_TEST(made.start().status == 200);
}

BOOST_AUTO_TEST_CASE(other_operations_have_no_limit) {
  limited_server made(1, 1);
  made.start();
  for (int i = 0; i < 20; ++i) BOOST_TEST(made.client.ask("GET", api).status == 200);
}

BOOST_AUTO_TEST_SUITE_END()
