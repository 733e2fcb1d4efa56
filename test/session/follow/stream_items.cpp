// What one event of the wire says to its stream.
#include "session/follow/recorded_stream.hpp"
#include "session/follow/stream_item.hpp"

#include <boost/test/unit_test.hpp>

#include <memory>
#include <string>

namespace wf = mistral::workflows;
namespace protocol = mistral::workflows::protocol;
namespace session = mistral::workflows::session;

namespace {

const session::place_ptr place = std::make_shared<const protocol::stream_place>(recorded::execution);

// Owns the bytes, as the parser does.
struct on_the_wire {
  explicit on_the_wire(const std::string& bytes) {
    parser.feed(kept = bytes);
    wire = parser.next().value();
  }

  std::string kept;
  protocol::sse_parser parser;
  protocol::sse_event wire;
};

struct reading : on_the_wire {
  explicit reading(const std::string& bytes) : on_the_wire(bytes) {
    session::read_item(wire, place, item, event);
  }

  session::stream_item item;
  wf::stream_event event;
};

std::string error_event(const std::string& data) { return "event: error\ndata: " + data + "\n\n"; }

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  text.replace(text.find(what), what.size(), with);
  return text;
}

std::string continued(const std::string& successor, std::int64_t sequence = 7) {
  return recorded::frame(sequence, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
                         R"({"task_id":"t","new_execution_run_id":)" + successor +
                             R"(,"workflow_name":"w","input":{"type":"json","value":{}}})");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stream_items)

BOOST_AUTO_TEST_CASE(an_error_is_lasting_by_its_code_alone) {
  for (const char* const code : {"WF_1001", "WF_1100", "WF_1302"}) {
    const reading as_error(error_event(R"({"error":")" + std::string(code) + R"(","reason":"try again"})"));
    BOOST_TEST(as_error.item.lasting_error, code);
    const reading as_code(error_event(R"({"error":"read_error","code":")" + std::string(code) + "\"}"));
    BOOST_TEST(as_code.item.lasting_error, code);
    const reading within(error_event(R"({"error":{"code":")" + std::string(code) + R"("}})"));
    BOOST_TEST(within.item.lasting_error, code);
  }
}

BOOST_AUTO_TEST_CASE(an_error_passes_whatever_its_words_say) {
  for (const char* const data :
       {R"({"error":"read_error"})", R"({"error":"stream_error","reason":"WF_1001 invalid request"})",
        R"({"error":"internal_error","reason":"permanent failure, do not reconnect"})",
        R"({"error":"wf_1100"})", R"({"error":"WF_1100 "})", R"({"error":"WF_1400"})", R"({"error":1001})",
        R"({"error":["WF_1001"]})", "{}", "WF_1001", "\"WF_1001\"", "["}) {
    const reading read(error_event(data));
    BOOST_TEST(read.item.error.has_value(), data);
    BOOST_TEST(!read.item.lasting_error, data);
  }
}

BOOST_AUTO_TEST_CASE(an_error_is_known_by_its_shape_too) {
  const reading read("data: {\"error\":\"read_error\",\"reason\":\"gone\"}\n\n");
  BOOST_REQUIRE(read.item.error.has_value());
  BOOST_TEST(read.item.error->error == "read_error");
  BOOST_TEST(read.item.error->reason == "gone");
}

BOOST_AUTO_TEST_CASE(an_error_over_several_data_lines_is_understood) {
  const reading read(
      "event: error\ndata: {\"error\": \"WF_1302\",\ndata: \"reason\": \"two\ndata: lines, a \\\" and a "
      "\\\\\"\ndata: "
      "}\n\n");
  BOOST_REQUIRE(read.item.error.has_value());
  BOOST_TEST(read.item.error->error == "WF_1302");
  BOOST_TEST(read.item.error->reason == "two\nlines, a \" and a \\");
  BOOST_TEST(read.item.lasting_error);
}

BOOST_AUTO_TEST_CASE(an_error_that_is_not_json_has_its_text_as_reason) {
  const reading read(error_event("upstream connect error"));
  BOOST_REQUIRE(read.item.error.has_value());
  BOOST_TEST(read.item.error->reason == "upstream connect error");
}

BOOST_AUTO_TEST_CASE(a_successor_that_no_run_can_be_is_unknown) {
  BOOST_TEST(reading(continued("\"run-2\"")).item.facts.continued_as == "run-2");
  for (const std::string& id :
       {std::string("\".\""), std::string("\"..\""), std::string("\"\""), std::string("7"),
        std::string("null"), '"' + std::string(257, 'r') + '"', std::string("\"a\\u0000b\"")}) {
    const reading read(continued(id));
    BOOST_TEST(read.item.facts.continued_as.empty(), id);
    BOOST_TEST((read.item.facts.terminal == protocol::terminal_kind::continued_as_new));
    BOOST_TEST(read.item.facts.own);
    BOOST_TEST(!read.item.error.has_value());
  }
}

BOOST_AUTO_TEST_CASE(an_event_with_an_unreadable_member_keeps_its_identity) {
  const std::string odd =
      replaced(recorded::completed(60), "\"timestamp\":\"2025-12-17T10:25:07.818693Z\"", "\"timestamp\":[]");
  const reading read(odd.substr(odd.find("event:")));  // without an id
  BOOST_TEST(std::holds_alternative<wf::unknown_event>(read.event.data.attributes));
  BOOST_TEST(read.item.identity.sequence.value_or(0) == 60);
  BOOST_TEST(read.event.broker_sequence == 60);
  BOOST_TEST(read.item.facts.own);
  BOOST_TEST((read.item.facts.terminal == protocol::terminal_kind::completed));
  BOOST_TEST(read.item.facts.run_id == recorded::run);

  const std::string without_number = replaced(odd, "\"broker_sequence\":60", "\"broker_sequence\":0");
  const reading other(without_number.substr(without_number.find("event:")));
  BOOST_TEST(other.item.identity.event_id == "e-60");
}

BOOST_AUTO_TEST_CASE(an_event_knows_the_execution_whose_stream_brought_it) {
  const reading own(recorded::progress(7));
  BOOST_TEST(own.event.execution_id() == recorded::execution);
  BOOST_TEST(own.event.cursor() == "w1:exec-1:7");
  const reading of_child(recorded::frame(8, "WORKFLOW_EXECUTION_COMPLETED",
                                         R"({"task_id":"t","result":{"type":"json","value":1}})", "child",
                                         "run-c"));
  BOOST_TEST(of_child.event.data.workflow_exec_id == "child");
  BOOST_TEST(of_child.event.execution_id() == recorded::execution);
  BOOST_TEST(of_child.event.cursor() == "w1:exec-1:8");
  BOOST_TEST(!of_child.item.facts.own);
}

BOOST_AUTO_TEST_CASE(the_cursor_of_an_executions_own_end_is_marked) {
  const std::string run = recorded::run;
  BOOST_TEST(reading(recorded::completed(7)).event.cursor() == "w1:exec-1:7:c:" + run + ":");
  BOOST_TEST(reading(recorded::failed(7)).event.cursor() == "w1:exec-1:7:f:" + run + ":");
  BOOST_TEST(reading(continued("\"run-2\"")).event.cursor() == "w1:exec-1:7:n:" + run + ":run-2");
}

BOOST_AUTO_TEST_CASE(the_mark_stands_on_events_behind_the_end_but_for_those_of_another_run) {
  protocol::event_facts end;
  end.terminal = protocol::terminal_kind::failed;
  end.run_id = "r";
  const auto behind = std::make_shared<const protocol::stream_place>(recorded::execution, end);
  const on_the_wire child(recorded::frame(8, "CUSTOM_TASK_CANCELED",
                                          R"({"custom_task_id":"c","custom_task_type":"s","reason":null})",
                                          "child", "rc"));
  session::stream_item item;
  wf::stream_event event;
  session::read_item(child.wire, behind, item, event);
  BOOST_TEST(event.cursor() == "w1:exec-1:8:f:r:");
  const on_the_wire straggler(recorded::progress(9, "r"));
  wf::stream_event same_run;
  session::read_item(straggler.wire, behind, item, same_run);
  BOOST_TEST(same_run.cursor() == "w1:exec-1:9:f:r:");
  const on_the_wire own(recorded::progress(9));
  wf::stream_event later;
  session::read_item(own.wire, behind, item, later);
  BOOST_TEST(later.cursor() == "w1:exec-1:9");
}

BOOST_AUTO_TEST_CASE(an_event_that_no_stream_of_an_execution_brought_has_a_plain_cursor) {
  const on_the_wire one(recorded::progress(7));
  session::stream_item item;
  wf::stream_event event;
  session::read_item(one.wire, nullptr, item, event);
  BOOST_TEST(event.cursor() == "7");
  event.id.clear();
  BOOST_TEST(event.cursor() == "s1:7");
  event.id = "s1:7";
  BOOST_TEST(event.cursor() == "i1:s1:7");
  BOOST_TEST(event.execution_id() == recorded::execution);
  BOOST_TEST(!item.facts.own);
  BOOST_TEST(wf::stream_event().cursor().empty());
  BOOST_TEST(wf::stream_event().execution_id().empty());
}

BOOST_AUTO_TEST_CASE(a_raw_event_and_what_it_is_decoded_into_say_the_same) {
  for (const auto& bytes : {recorded::progress(7), recorded::completed(8), continued("\"run-2\"", 9)}) {
    const reading typed(bytes);
    const on_the_wire one(bytes);
    session::stream_item item;
    wf::raw_event raw;
    session::read_item(one.wire, place, false, item, raw);
    BOOST_TEST(raw.execution_id == recorded::execution);
    const wf::stream_event decoded = raw.decode();
    BOOST_TEST((decoded == typed.event));
    BOOST_TEST(decoded.cursor() == typed.event.cursor());
    BOOST_TEST(decoded.execution_id() == recorded::execution);
    BOOST_TEST((item.facts.terminal == typed.item.facts.terminal));
  }
  BOOST_TEST(wf::raw_event().execution_id.empty());
}

BOOST_AUTO_TEST_CASE(who_waits_for_an_end_hears_the_text_of_its_own_failure_alone) {
  const auto news_of = [](const std::string& bytes) {
    const on_the_wire one(bytes);
    session::stream_item item;
    session::end_news news;
    session::read_item(one.wire, place, false, item, news);
    return news;
  };
  BOOST_TEST(news_of(recorded::failed(7)).failure == "no");
  BOOST_TEST(news_of(recorded::failed(7)).run_id == recorded::run);
  BOOST_TEST(news_of(recorded::progress(7)).failure.empty());
  BOOST_TEST(news_of(recorded::completed(7)).failure.empty());
  BOOST_TEST(news_of(recorded::frame(8, "WORKFLOW_EXECUTION_FAILED",
                                     R"({"task_id":"t","failure":{"message":"x"}})", "child", "rc"))
                 .failure.empty());
}

BOOST_AUTO_TEST_SUITE_END()
