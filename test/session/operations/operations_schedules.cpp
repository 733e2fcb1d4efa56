// Schedules: what each operation sends, how its answer is read, and what is sent only once.
#include "session/operations/operations.hpp"

#include <mistral/workflows/schedules.hpp>

// What the API deprecates is sent nevertheless.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

using namespace mistral::workflows;
using namespace std::chrono_literals;
using test::some_uuid;

namespace {

const std::string schedule_json =
    R"({"input":{"n":1},"schedule_id":"s1","workflow_name":"ticket","paused":true,"note":"later",)"
    R"("cron_expressions":["0 8 * * 1"],"jitter":"PT30S",)"
    R"("future_executions":[{"scheduled_at":"2026-01-02T03:04:05.000006Z"}]})";
const std::string created = R"({"schedule_id":"s1"})";

schedule_definition every_hour() {
  schedule_definition out;
  schedule_interval interval;
  interval.every = 1h;
  out.intervals.push_back(interval);
  return out;
}

}  // namespace

// GCC 12 destroys an aggregate temporary twice in a co_await expression.
static_assert(!std::is_aggregate_v<schedule_list_request> && !std::is_aggregate_v<schedule_create_request> &&
              !std::is_aggregate_v<schedule_patch>);

BOOST_FIXTURE_TEST_SUITE(operations_on_schedules, test::operations)

BOOST_AUTO_TEST_CASE(schedules_are_listed_with_every_filter) {
  const schedules_api schedules(server.client());
  const std::string page = R"({"schedules":[)" + schedule_json + R"(],"next_page_token":"p2"})";
  const schedule_page first = answered(page, [&] { return schedules.list(); });
  BOOST_TEST(first.schedules.at(0).paused);
  BOOST_TEST(first.next_page_token.value() == "p2");
  BOOST_TEST(line() == "GET /v1/workflows/schedules");

  schedule_list_request all;
  all.workflow_name = "a b";
  all.user_id = "current";
  all.status = schedule_status::paused;
  all.search = "";
  all.page_size = 1000;
  all.next_page_token = "p/2";
  answered(page, [&] { return schedules.list(all); });
  BOOST_TEST(line() ==
             "GET /v1/workflows/schedules?workflow_name=a%20b&user_id=current&status=paused&search="
             "&page_size=1000&next_page_token=p%2F2");
  all.status = schedule_status::active;
  for (const int size : {0, 1001}) {
    all.page_size = size;
    BOOST_TEST(refused([&] { return schedules.list(all); }) == "page_size");
  }
}

BOOST_AUTO_TEST_CASE(a_schedule_is_read_with_its_definition_and_its_starts) {
  const schedules_api schedules(server.client());
  std::string named = schedule_json;
  named.replace(named.find("\"s1\""), 4, "\"s 1\"");
  const schedule read = answered(std::move(named), [&] { return schedules.get("s 1"); });
  BOOST_TEST(read.workflow_name == "ticket");
  BOOST_TEST(read.cron_expressions.at(0) == "0 8 * * 1");
  BOOST_TEST((read.jitter == 30s));
  BOOST_TEST((read.future_executions.at(0).scheduled_at == test::some_time()));
  BOOST_TEST(line() == "GET /v1/workflows/schedules/s%201");
}

BOOST_AUTO_TEST_CASE(a_schedule_is_created_with_what_was_given) {
  const schedules_api schedules(server.client());
  const auto answer =
      answered(created, [&] { return schedules.create(schedule_create_request(every_hour())); }, 201);
  BOOST_TEST(answer.schedule_id == "s1");
  BOOST_TEST(line() == "POST /v1/workflows/schedules");
  const auto least = boost::json::parse(body()).as_object();
  BOOST_TEST(least.size() == 1u);
  BOOST_TEST(least.at("schedule").at("input").is_null());
  BOOST_TEST(least.at("schedule").at("intervals").at(0).at("every") == "PT1H");

  schedule_definition definition = every_hour();
  definition.input = boost::json::array{1, 2};
  definition.cron_expressions = {"0 8 * * 1"};
  definition.calendars.emplace_back();
  definition.skip.emplace_back();
  definition.start_at = test::some_time();
  definition.end_at = test::some_time();
  definition.jitter = 30s;
  definition.time_zone_name = "Europe/Paris";
  definition.policy.overlap = schedule_overlap::allow_all;
  definition.max_executions = 5;
  schedule_create_request all("ticket", definition);
  all.workflow_task_queue = "q";
  all.schedule_id = "s1";
  all.deployment_name = "d";
  answered(created, [&] { return schedules.create(all); }, 201);
  const auto most = boost::json::parse(body()).as_object();
  BOOST_TEST(most.at("workflow_identifier") == "ticket");
  BOOST_TEST(most.at("workflow_task_queue") == "q");
  BOOST_TEST(most.at("schedule_id") == "s1");
  BOOST_TEST(most.at("deployment_name") == "d");
  const auto& sent_schedule = most.at("schedule").as_object();
  BOOST_TEST(sent_schedule.at("input").as_array().size() == 2u);
  BOOST_TEST(sent_schedule.at("start_at") == "2026-01-02T03:04:05.000006Z");
  BOOST_TEST(sent_schedule.at("end_at") == "2026-01-02T03:04:05.000006Z");
  BOOST_TEST(sent_schedule.at("jitter") == "PT30S");
  BOOST_TEST(sent_schedule.at("time_zone_name") == "Europe/Paris");
  BOOST_TEST(sent_schedule.at("policy").at("overlap") == 6);
  BOOST_TEST(sent_schedule.at("max_executions") == 5);
  BOOST_TEST(sent_schedule.at("calendars").as_array().size() == 1u);
  BOOST_TEST(sent_schedule.at("skip").as_array().size() == 1u);

  schedule_create_request registered(every_hour());
  registered.workflow_registration_id = some_uuid;
  registered.workflow_version_id = some_uuid;
  answered(created, [&] { return schedules.create(registered); }, 201);
  BOOST_TEST(boost::json::parse(body()).at("workflow_registration_id").as_string() == some_uuid);
  BOOST_TEST(boost::json::parse(body()).at("workflow_version_id").as_string() == some_uuid);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_scheduled_is_refused_by_name) {
  const schedules_api schedules(server.client());
  const auto refused_with = [&](auto change) {
    schedule_create_request request("ticket", every_hour());
    change(request);
    return refused([&] { return schedules.create(request); });
  };
  BOOST_TEST(refused_with([](auto& r) { r.schedule.cron_expressions = {"0 8 * * 1", " "}; }) ==
             "schedule.cron_expressions[1]");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.intervals[0].every = 0s; }) ==
             "schedule.intervals[0].every");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.intervals[0].offset = -1s; }) ==
             "schedule.intervals[0].offset");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.jitter = -1s; }) == "schedule.jitter");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.time_zone_name = ""; }) == "schedule.time_zone_name");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.max_executions = -1; }) == "schedule.max_executions");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.policy.catchup_window_seconds = -1; }) ==
             "schedule.policy.catchup_window_seconds");
  BOOST_TEST(refused_with([](auto& r) { r.schedule.policy.overlap = schedule_overlap(0); }) ==
             "schedule.policy.overlap");
  BOOST_TEST(refused_with([](auto& r) { r.workflow_identifier = ""; }) == "workflow_identifier");
  BOOST_TEST(refused_with([](auto& r) { r.workflow_registration_id = some_uuid; }) == "workflow_identifier");
  BOOST_TEST(refused_with([](auto& r) { r.workflow_registration_id = "x"; }) == "workflow_registration_id");
  BOOST_TEST(refused_with([](auto& r) { r.workflow_version_id = "x"; }) == "workflow_version_id");
  BOOST_TEST(refused_with([](auto& r) { r.schedule_id = ".."; }) == "schedule_id");
  BOOST_TEST(refused_with([](auto& r) {
               r.schedule.schedule_id = "a";
               r.schedule_id = "b";
             }) == "schedule_id");
}

BOOST_AUTO_TEST_CASE(a_schedule_is_changed_in_three_states) {
  const schedules_api schedules(server.client());
  answered(created, [&] { return schedules.update("s1", schedule_patch()); });
  BOOST_TEST(line() == "PATCH /v1/workflows/schedules/s1");
  sent(R"({"schedule":{}})");

  schedule_patch changes;
  changes.input = boost::json::value(nullptr);
  changes.cron_expressions = std::vector<std::string>{"0 9 * * *"};
  changes.start_at = std::nullopt;
  changes.jitter = duration(5s);
  changes.time_zone_name = "UTC";
  changes.max_executions = std::nullopt;
  const auto answer = answered(created, [&] { return schedules.update("s1", changes); });
  BOOST_TEST(answer.schedule_id == "s1");
  sent(R"({"schedule":{"input":null,"cron_expressions":["0 9 * * *"],"start_at":null,"jitter":"PT5S",)"
       R"("time_zone_name":"UTC","max_executions":null}})");
}

BOOST_AUTO_TEST_CASE(null_is_refused_where_the_api_has_none) {
  const schedules_api schedules(server.client());
  const auto refused_with = [&](auto change) {
    schedule_patch changes;
    change(changes);
    return refused([&] { return schedules.update("s1", changes); });
  };
  BOOST_TEST(refused_with([](auto& c) { c.calendars = std::nullopt; }) == "schedule.calendars");
  BOOST_TEST(refused_with([](auto& c) { c.intervals = std::nullopt; }) == "schedule.intervals");
  BOOST_TEST(refused_with([](auto& c) { c.cron_expressions = std::nullopt; }) == "schedule.cron_expressions");
  BOOST_TEST(refused_with([](auto& c) { c.skip = std::nullopt; }) == "schedule.skip");
  BOOST_TEST(refused_with([](auto& c) { c.policy = std::nullopt; }) == "schedule.policy");
  BOOST_TEST(refused_with([](auto& c) { c.cron_expressions = std::vector<std::string>{""}; }) ==
             "schedule.cron_expressions[0]");
  BOOST_TEST(refused_with([](auto& c) { c.jitter = duration(-1s); }) == "schedule.jitter");
}

BOOST_AUTO_TEST_CASE(a_schedule_is_paused_resumed_triggered_and_removed) {
  const schedules_api schedules(server.client());
  done([&] { return schedules.pause("s1"); });
  BOOST_TEST(line() == "POST /v1/workflows/schedules/s1/pause");
  sent_nothing();
  done([&] { return schedules.pause("s1", "holiday"); });
  sent(R"({"note":"holiday"})");
  done([&] { return schedules.resume("s1"); });
  BOOST_TEST(line() == "POST /v1/workflows/schedules/s1/resume");
  sent_nothing();
  done([&] { return schedules.resume("s1", ""); });
  sent(R"({"note":""})");
  done([&] { return schedules.trigger("s1"); });
  BOOST_TEST(line() == "POST /v1/workflows/schedules/s1/trigger");
  sent_nothing();
  done([&] { return schedules.trigger("s1", schedule_overlap::buffer_all); });
  sent(R"({"overlap":3})");
  done([&] { return schedules.remove("s1"); });
  BOOST_TEST(line() == "DELETE /v1/workflows/schedules/s1");
  sent_nothing();
  BOOST_TEST(refused([&] { return schedules.remove(""); }) == "schedule_id");
  BOOST_TEST(refused([&] { return schedules.trigger("s1", schedule_overlap(0)); }) == "overlap");
}

BOOST_AUTO_TEST_CASE(a_removal_that_was_done_by_a_lost_attempt_says_so) {
  server.cut().answer(404, R"({"detail":"gone","code":"WF_1201"})");
  const schedules_api schedules(server.client());
  try {
    test::run(io, [&]() -> boost::asio::awaitable<void> { co_await schedules.remove("s1"); });
    BOOST_ERROR("the answer was not reported");
  } catch (const api_error& e) {
    BOOST_TEST((e.code() == errc::schedule_not_found));
    BOOST_TEST((e.server_may_have_acted() != server_action::no));
  }
}

BOOST_AUTO_TEST_SUITE_END()
