// Creating a schedule once under an id of the caller's: what is done after a lost answer.
#include "session/operations/operations.hpp"

#include "session/doubt/schedule_creation.hpp"

#include <mistral/workflows/schedules.hpp>

#include <string>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

schedule_definition every_hour() {
  schedule_definition out;
  schedule_interval interval;
  interval.every = 1h;
  out.intervals.push_back(interval);
  return out;
}

schedule_create_request hourly_ticket() {
  schedule_create_request out("ticket", every_hour());
  out.schedule_id = "s1";
  return out;
}

// What a GET answers for it; the server knows more than this library.
std::string hourly(const std::string& every = "PT3600S", const std::string& workflow = "ticket") {
  return R"({"input":null,"intervals":[{"every":")" + every +
         R"(","newer":1}],"policy":{"overlap":1,"newer":true},)" + R"("schedule_id":"s1","workflow_name":")" +
         workflow + R"(","paused":false,"newest":{},)" +
         R"("future_executions":[{"scheduled_at":"2026-01-02T03:04:05Z"}]})";
}

const std::string created = R"({"schedule_id":"s1"})";
const std::string conflict = R"({"detail":"the id is taken"})";

struct fixture : test::operations {
  std::string create(schedule_create_request request) {
    std::string id;
    test::run(io, [&]() -> awaitable<void> {
      const schedule_answer answer = co_await schedules_api(server.client()).create(request);
      id = answer.schedule_id;
    });
    return id;
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(schedule_creation, fixture)

BOOST_AUTO_TEST_CASE(a_schedule_whose_creation_was_not_answered_is_found_and_taken_for_its_own) {
  server.cut().answer(200, hourly());
  BOOST_TEST(create(hourly_ticket()) == "s1");
  BOOST_TEST(server.requests.size() == 2u);
  BOOST_TEST(server.line(1) == "GET /v1/workflows/schedules/s1");
}

BOOST_AUTO_TEST_CASE(the_id_may_stand_in_the_definition_too) {
  schedule_create_request request("ticket", every_hour());
  request.schedule.schedule_id = "s1";
  server.cut().answer(200, hourly());
  BOOST_TEST(create(request) == "s1");
}

BOOST_AUTO_TEST_CASE(a_creation_is_sent_again_only_after_two_looks_found_nothing) {
  server.answer(502).absent("WF_1201").absent("WF_1201").answer(201, created);
  BOOST_TEST(create(hourly_ticket()) == "s1");
  BOOST_REQUIRE(server.requests.size() == 4u);
  BOOST_TEST(server.line(3) == "POST /v1/workflows/schedules");
  BOOST_TEST(server.connections == 2);  // the connection of the doubtful attempt was closed
}

BOOST_AUTO_TEST_CASE(an_answer_for_another_id_is_looked_after_and_the_creation_is_not_sent_again) {
  const std::string another = R"({"schedule_id":"s2"})";
  server.answer(201, another).answer(200, hourly());
  BOOST_TEST(create(hourly_ticket()) == "s1");
  server.answer(201, another).absent("WF_1201");
  const auto error = test::error_of<schedule_unknown_error>(
      io, [&]() -> awaitable<void> { co_await schedules_api(server.client()).create(hourly_ticket()); });
  BOOST_TEST(error.found().schedule_id.value_or("") == "s2");
  BOOST_TEST((error.server_may_have_acted() == server_action::unknown));
  BOOST_TEST(server.requests.size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_key_that_an_answer_has_for_an_id_stands_in_no_error) {
  server.answer(201, R"({"schedule_id":"secret-key"})").absent("WF_1201");
  const auto error = test::error_of<schedule_unknown_error>(
      io, [&]() -> awaitable<void> { co_await schedules_api(server.client()).create(hourly_ticket()); });
  BOOST_TEST(error.found().schedule_id.value_or("") == "[redacted]");
}

BOOST_AUTO_TEST_CASE(a_get_that_is_answered_with_another_schedule_is_repeated_on_another_connection) {
  std::string another = hourly();
  another.replace(another.find("\"s1\""), 4, "\"s2\"");
  server.answer(200, std::move(another)).answer(200, hourly());
  test::run(io, [&]() -> awaitable<void> {
    const schedule found = co_await schedules_api(server.client()).get("s1");
    BOOST_TEST(found.schedule_id.value_or("") == "s1");
  });
  BOOST_TEST(server.connections == 2);
}

BOOST_AUTO_TEST_CASE(a_slow_first_creation_that_makes_the_repeat_a_409_is_its_own) {
  server.cut().absent("WF_1201").absent("WF_1201").answer(409, conflict).answer(200, hourly());
  BOOST_TEST(create(hourly_ticket()) == "s1");
}

BOOST_AUTO_TEST_CASE(a_409_without_doubt_is_somebody_elses_schedule_even_if_it_is_equal) {
  server.answer(429).answer(409, conflict);
  BOOST_CHECK_EXCEPTION(create(hourly_ticket()), api_error, [](const api_error& e) {
    return e.status() == 409 && e.server_may_have_acted() == server_action::no;
  });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_schedule_with_another_definition_is_not_taken_for_its_own) {
  server.cut().answer(200, hourly("PT2H"));
  BOOST_CHECK_EXCEPTION(create(hourly_ticket()), schedule_unknown_error, [](const schedule_unknown_error& e) {
    return e.code() == errc::start_unknown && e.found().intervals.at(0).every == 2h &&
           e.server_may_have_acted() == server_action::unknown;
  });
}

BOOST_AUTO_TEST_CASE(a_limit_of_starts_is_known_by_what_is_left_of_it) {
  const auto left = [](const std::string& count) {
    std::string out = hourly();
    return out.insert(1, R"("max_executions":null,"remaining_executions":)" + count + ',');
  };
  schedule_create_request limited = hourly_ticket();
  limited.schedule.max_executions = 5;
  server.cut().answer(200, left("4"));
  BOOST_TEST(create(limited) == "s1");
  for (const char* count : {"6", "null"}) {
    server.cut().answer(200, left(count));
    BOOST_CHECK_THROW(create(limited), schedule_unknown_error);
  }
  server.cut().answer(200, left("4"));
  BOOST_CHECK_THROW(create(hourly_ticket()), schedule_unknown_error);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_looked_up_leaves_the_first_failure) {
  server.cut().answer(403);
  BOOST_CHECK_EXCEPTION(create(hourly_ticket()), transport_error, [](const transport_error& e) {
    return e.server_may_have_acted() == server_action::unknown;
  });
}

BOOST_AUTO_TEST_CASE(without_an_id_a_creation_in_doubt_is_not_repeated) {
  server.cut();
  BOOST_CHECK_EXCEPTION(
      create(schedule_create_request("ticket", every_hour())), transport_error,
      [](const transport_error& e) { return e.server_may_have_acted() == server_action::unknown; });
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(equal_means_everything_that_was_sent_and_nothing_that_the_server_added) {
  schedule_create_body sent;
  sent.workflow_identifier = "ticket";
  sent.schedule_id = "s1";
  sent.schedule = every_hour();
  sent.schedule.calendars.emplace_back();
  sent.schedule.others["own"] = 1;
  schedule found;
  static_cast<schedule_definition&>(found) = sent.schedule;
  found.schedule_id = "s1";
  found.workflow_name = "ticket";
  BOOST_TEST(session::is_as_sent(sent, found));

  schedule more = found;
  more.others["newer"] = 1;
  more.calendars[0].others["newer"] = 1;
  more.calendars[0].hour[0].others["newer"] = 1;
  more.deployment_name = "d";
  more.paused = true;
  BOOST_TEST(session::is_as_sent(sent, more));

  const auto differs = [&](auto change) {
    schedule other = found;
    change(other);
    return !session::is_as_sent(sent, other);
  };
  BOOST_TEST(differs([](schedule& s) { s.input = 1; }));
  BOOST_TEST(differs([](schedule& s) { s.calendars[0].hour[0].start = 1; }));
  BOOST_TEST(differs([](schedule& s) { s.calendars.clear(); }));
  BOOST_TEST(differs([](schedule& s) { s.policy.pause_on_failure = true; }));
  BOOST_TEST(differs([](schedule& s) { s.end_at = test::some_time(); }));
  BOOST_TEST(differs([](schedule& s) { s.workflow_name = "other"; }));
  BOOST_TEST(differs([](schedule& s) { s.others["own"] = 2; }));
  BOOST_TEST(differs([](schedule& s) { s.others.clear(); }));
  sent.deployment_name = "d";
  BOOST_TEST(!session::is_as_sent(sent, found));
  sent.deployment_name.reset();
  sent.workflow_identifier = test::some_uuid;  // a schedule's answer has no UUID of its workflow
  BOOST_TEST(session::is_as_sent(sent, found));
}

BOOST_AUTO_TEST_SUITE_END()
