#include "protocol/json/decode.hpp"
#include "protocol/json/json_types.hpp"

#include <mistral/workflows/model/event.hpp>

#include <boost/test/unit_test.hpp>

namespace mistral::workflows::protocol {
namespace {

constexpr std::string_view common =
    R"("event_id":"1","event_timestamp":1765967107818693123,"root_workflow_exec_id":"root","parent_workflow_exec_id":null,)"
    R"("continued_run_id":null,"first_execution_run_id":null,"schedule_id":null,"workflow_exec_id":"x","workflow_run_id":"r","workflow_name":"w")";

std::string event_text(std::string_view type, std::string_view attributes) {
  return "{" + std::string(common) + R"(,"event_type":")" + std::string(type) + R"(","attributes":)" +
         std::string(attributes) + "}";
}

workflow_event read_event(const std::string& text) {
  workflow_event event;
  const auto problem = decode(text, event);
  BOOST_TEST_REQUIRE(!problem, text);
  return event;
}

const unknown_event& as_unknown(const workflow_event& event) {
  BOOST_TEST_REQUIRE(std::holds_alternative<unknown_event>(event.attributes));
  return std::get<unknown_event>(event.attributes);
}

BOOST_AUTO_TEST_SUITE(json_events)

BOOST_AUTO_TEST_CASE(the_type_chooses_the_attributes) {
  const auto event =
      read_event(event_text("WORKFLOW_TASK_FAILED", R"({"task_id":"t","failure":{"message":"m"}})"));
  BOOST_TEST(event.type() == "WORKFLOW_TASK_FAILED");
  BOOST_TEST(std::get<workflow_task_failed>(event.attributes).failure.message == "m");
  BOOST_TEST(event.event_timestamp.time_since_epoch().count() == 1765967107818693123);
}

BOOST_AUTO_TEST_CASE(attributes_may_come_before_the_type) {
  const auto event = read_event(
      R"({"attributes":{"failure":{"message":"m"},"task_id":"t"},"event_type":"WORKFLOW_TASK_FAILED",)" +
      std::string(common) + "}");
  BOOST_TEST(std::get<workflow_task_failed>(event.attributes).failure.message == "m");
}

BOOST_AUTO_TEST_CASE(keys_may_be_written_with_escapes) {
  const auto event = read_event(
      R"({"\u0061ttributes":{"failure":{"message":"m"},"task_id":"t"},"event_\u0074ype":"WORKFLOW_TASK_FAILED",)" +
      std::string(common) + "}");
  BOOST_TEST(std::get<workflow_task_failed>(event.attributes).failure.message == "m");
}

BOOST_AUTO_TEST_CASE(the_timestamp_may_be_a_date_time) {
  auto text = event_text("WORKFLOW_TASK_TIMED_OUT", R"({"task_id":"t"})");
  text.replace(text.find("1765967107818693123"), 19, R"("2025-12-17 10:25:07.818693123+00:00")");
  BOOST_TEST(read_event(text).event_timestamp.time_since_epoch().count() == 1765967107818693123);
}

BOOST_AUTO_TEST_CASE(a_new_type_arrives_as_unknown_with_its_whole_json_and_no_error) {
  const std::string text =
      event_text("WORKFLOW_LEARNED_TO_FLY", R"({"height":[1,2.5],"wings":{"left":null}})");
  const auto event = read_event(text);
  BOOST_TEST(event.type() == "WORKFLOW_LEARNED_TO_FLY");
  BOOST_TEST(event.workflow_exec_id == "x");
  BOOST_TEST((as_unknown(event).json == samples::parsed(text)));
  BOOST_TEST(!as_unknown(event).error);
  BOOST_TEST((samples::parsed(encode(event)) == samples::parsed(text)));
}

BOOST_AUTO_TEST_CASE(a_new_type_needs_none_of_the_members_that_today_s_types_have) {
  const auto event = read_event(R"({"event_type":"NEWER","event_id":17})");
  BOOST_TEST(!as_unknown(event).error);
  BOOST_TEST(event.type() == "NEWER");
  BOOST_TEST(event.event_id == "");
}

BOOST_AUTO_TEST_CASE(a_body_that_does_not_fit_arrives_as_unknown_with_its_json_and_the_error) {
  const std::string text =
      event_text("WORKFLOW_TASK_FAILED", R"({"task_id":"t","failure":{"message":["no"]}})");
  const auto event = read_event(text);
  BOOST_TEST(event.type() == "WORKFLOW_TASK_FAILED");
  BOOST_TEST(event.workflow_run_id == "r");
  BOOST_TEST(as_unknown(event).error.value().path == "/attributes/failure/message");
  BOOST_TEST((as_unknown(event).json == samples::parsed(text)));
}

BOOST_AUTO_TEST_CASE(a_bad_event_of_a_page_leaves_its_neighbours_alone) {
  const std::string good = event_text("WORKFLOW_TASK_TIMED_OUT", R"({"task_id":"t"})");
  const std::string bad = event_text("WORKFLOW_TASK_TIMED_OUT", R"({"task_id":{"a":[[1,{}]]}})");
  const std::string early =
      R"({ "attributes":{"task_id":5},"event_type":"WORKFLOW_TASK_TIMED_OUT",)" + std::string(common) + "}";
  const std::string escaped = R"({"event_\u0069d":5,"x":1})";
  event_page page;
  BOOST_TEST_REQUIRE(!decode(R"({"events":[)" + good + "," + bad + ", " + early + ",7,[{}],{}," + escaped +
                                 "," + good + R"(],"next_cursor":"c"})",
                             page));
  BOOST_TEST_REQUIRE(page.events.size() == 8u);
  BOOST_TEST((page.events[0] == read_event(good)));
  BOOST_TEST((page.events[7] == read_event(good)));
  BOOST_TEST(page.next_cursor.value() == "c");
  const std::string_view paths[] = {"",
                                    "/events/1/attributes/task_id",
                                    "/events/2/attributes/task_id",
                                    "/events/3",
                                    "/events/4",
                                    "/events/5/event_type",
                                    "/events/6/event_id"};
  for (std::size_t i = 1; i < 7; ++i) BOOST_TEST(as_unknown(page.events[i]).error.value().path == paths[i]);
  BOOST_TEST((as_unknown(page.events[1]).json == samples::parsed(bad)));
  BOOST_TEST((as_unknown(page.events[2]).json == samples::parsed(early)));
  BOOST_TEST((as_unknown(page.events[6]).json == samples::parsed(escaped)));
}

BOOST_AUTO_TEST_CASE(a_payload_in_progress_is_told_apart_by_its_type_wherever_that_stands) {
  const std::string before = R"({"custom_task_id":"i","custom_task_type":"y","payload":)";
  auto event = read_event(
      event_text("CUSTOM_TASK_IN_PROGRESS", before + R"({"type":"json","value":{"type":"json_patch"}}})"));
  const auto* whole = std::get_if<json_payload>(&std::get<custom_task_in_progress>(event.attributes).payload);
  BOOST_TEST_REQUIRE(whole);
  BOOST_TEST((whole->value == boost::json::object{{"type", "json_patch"}}));
  event = read_event(
      event_text("CUSTOM_TASK_IN_PROGRESS",
                 before + R"({"value":[{"value":"x","path":"/a","op":"append"}],"type":"json_patch"}})"));
  const auto* patch =
      std::get_if<json_patch_payload>(&std::get<custom_task_in_progress>(event.attributes).payload);
  BOOST_TEST_REQUIRE(patch);
  BOOST_TEST((std::get<0>(patch->value).at(0).op == patch_op::append));
  event = read_event(event_text(
      "CUSTOM_TASK_IN_PROGRESS",
      before + R"({"type":"json_patch","value":"b64","encoding_options":["encrypted","newer"]}})"));
  patch = std::get_if<json_patch_payload>(&std::get<custom_task_in_progress>(event.attributes).payload);
  BOOST_TEST_REQUIRE(patch);
  BOOST_TEST(std::get<1>(patch->value) == "b64");
  BOOST_TEST(patch->encoding_options.value().at(1).text() == "newer");
  event = read_event(
      event_text("CUSTOM_TASK_IN_PROGRESS", before + R"({"value":[{"path":5}],"type":"json_patch"}})"));
  BOOST_TEST(as_unknown(event).error.value().path == "/attributes/payload/value/0/path");
}

BOOST_AUTO_TEST_CASE(of_two_types_the_last_wins) {
  const std::string text =
      R"({"event_type":"WORKFLOW_TASK_TIMED_OUT","attributes":{"task_id":"t","failure":{"message":"m"}},)" +
      std::string(common) + R"(,"event_type":"WORKFLOW_TASK_FAILED"})";
  BOOST_TEST(std::get<workflow_task_failed>(read_event(text).attributes).failure.message == "m");
}

BOOST_AUTO_TEST_CASE(a_stream_event_knows_its_type_and_where_to_resume) {
  stream_event event;
  const std::string text =
      R"({"stream":"s","timestamp":"2026-01-01T00:00:00Z","data":)" +
      event_text("WORKFLOW_TASK_TIMED_OUT", R"({"task_id":1})") +
      R"(,"workflow_context":{"namespace":"n","workflow_name":"w","workflow_exec_id":"x"},"metadata":{"a":1},"broker_sequence":42})";
  BOOST_TEST_REQUIRE(!decode(text, event));
  BOOST_TEST(event.type() == "WORKFLOW_TASK_TIMED_OUT");
  BOOST_TEST(event.cursor() == "s1:42");
  BOOST_TEST(as_unknown(event.data).error.value().path == "/data/attributes/task_id");
  BOOST_TEST(event.workflow_context.namespace_ == "n");
  event.id = "7-0";
  BOOST_TEST(event.cursor() == "7-0");
  // Not what would arrive as another id.
  event.id = "\t7-0";
  BOOST_TEST(event.cursor() == "s1:42");
  event.broker_sequence = 0;
  BOOST_TEST(event.cursor().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows::protocol
