#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"

#include <mistral/workflows/model/deployment.hpp>
#include <mistral/workflows/model/metrics.hpp>
#include <mistral/workflows/model/otel_trace.hpp>
#include <mistral/workflows/model/schedule.hpp>
#include <mistral/workflows/model/trace.hpp>

#include <boost/test/unit_test.hpp>

namespace mistral::workflows::protocol {
namespace {

using namespace std::chrono_literals;

template <class T>
T read(std::string_view text) {
  T made;
  const auto problem = decode(text, made);
  BOOST_TEST_REQUIRE(!problem, (problem ? problem->path + ": " + problem->reason : ""));
  return made;
}

template <class T>
std::string blamed(std::string_view text) {
  T made;
  const auto problem = decode(text, made);
  return problem ? problem->path : "nothing";
}

BOOST_AUTO_TEST_SUITE(json_reports)

BOOST_AUTO_TEST_CASE(metrics_take_integers_and_fractions_and_keep_which_it_was) {
  BOOST_TEST((read<scalar_metric>(R"({"value":3})").value == number(std::int64_t(3))));
  BOOST_TEST((read<scalar_metric>(R"({"value":3.0})").value == number(3.0)));
  BOOST_TEST(encode(read<scalar_metric>(R"({"value":3.0})")) == R"({"value":3.0})");
  BOOST_TEST(to_double(read<scalar_metric>(R"({"value":3})").value) == 3.0);
  BOOST_TEST(blamed<scalar_metric>(R"({"value":"3"})") == "/value");
  BOOST_TEST(blamed<scalar_metric>(R"({"value":18446744073709551616})") == "/value");
}

BOOST_AUTO_TEST_CASE(a_time_series_is_an_array_of_pairs) {
  const auto series = read<time_series_metric>(R"({"value":[[1765967107,3],[1765967108,2.5]]})");
  BOOST_TEST_REQUIRE(series.value.size() == 2u);
  BOOST_TEST(series.value[1].timestamp == 1765967108);
  BOOST_TEST((series.value[1].value == number(2.5)));
  BOOST_TEST(encode(series) == R"({"value":[[1765967107,3],[1765967108,2.5]]})");
  BOOST_TEST(blamed<time_series_metric>(R"({"value":[[1,2],[1]]})") == "/value/1");
  BOOST_TEST(blamed<time_series_metric>(R"({"value":[[1,2,3]]})") == "/value/0");
  BOOST_TEST(blamed<time_series_metric>(R"({"value":[[1,"2"]]})") == "/value/0/1");
  BOOST_TEST(blamed<time_series_metric>(R"({"value":[["1",2]]})") == "/value/0/0");
  BOOST_TEST(blamed<time_series_metric>(R"({"value":[[]]})") == "/value/0");
}

BOOST_AUTO_TEST_CASE(tempo_s_64_bit_numbers_are_strings) {
  const auto span = read<otel_span>(
      R"({"traceId":"t","spanId":"s","name":"n","kind":"SPAN_KIND_INTERNAL","startTimeUnixNano":"1765967107818693123",
    "endTimeUnixNano":"1765967107818693124","attributes":[{"key":"a","value":{"intValue":"-9223372036854775808"}},
    {"key":"b","value":{"arrayValue":{"values":[{"doubleValue":0.5},{"stringValue":"x"}]}}}]})");
  BOOST_TEST(span.start_time_unix_nano.time_since_epoch().count() == 1765967107818693123);
  BOOST_TEST(span.attributes.at(0).value.int_value.value() == std::numeric_limits<std::int64_t>::min());
  BOOST_TEST(span.attributes.at(1).value.array_value.value().values.at(0).double_value.value() == 0.5);
  BOOST_TEST(encode(span.attributes.at(0)) == R"({"key":"a","value":{"intValue":"-9223372036854775808"}})");
  BOOST_TEST(!read<otel_value>(R"({"intValue":"12x"})").int_value);
}

BOOST_AUTO_TEST_CASE(one_odd_leaf_does_not_lose_the_trace) {
  const auto trace =
      read<otel_trace>(R"({"batches":[{"resource":{},"scopeSpans":[{"scope":{"name":"s"},"spans":[
    {"traceId":"t","spanId":"1","name":"odd","kind":7,"startTimeUnixNano":"soon","endTimeUnixNano":{"a":[1]},
     "attributes":[{"key":"a","value":{"intValue":[1],"stringValue":"x"}},17,{"key":"b","value":{"intValue":"3"}}]},
    [{"spanId":"no span"}],
    {"traceId":"t","spanId":"2","name":"well","kind":"SPAN_KIND_INTERNAL","startTimeUnixNano":"5","endTimeUnixNano":"6"}
  ]}]}]})");
  const auto& spans = trace.batches.at(0).scope_spans.at(0).spans;
  BOOST_TEST_REQUIRE(spans.size() == 3u);
  BOOST_TEST(spans[0].name == "odd");
  BOOST_TEST((spans[0].start_time_unix_nano == timestamp_ns()));
  BOOST_TEST((spans[0].end_time_unix_nano == timestamp_ns()));
  BOOST_TEST_REQUIRE(spans[0].attributes.size() == 3u);
  BOOST_TEST(!spans[0].attributes[0].value.int_value);
  BOOST_TEST(spans[0].attributes[0].value.string_value.value() == "x");
  BOOST_TEST(spans[0].attributes[1].key.empty());
  BOOST_TEST(spans[0].attributes[2].value.int_value.value() == 3);
  BOOST_TEST(spans[1].span_id.empty());
  BOOST_TEST(spans[2].span_id == "2");
  BOOST_TEST((spans[2].start_time_unix_nano == timestamp_ns(5ns)));

  const auto tree = read<trace_span>(R"({"span_id":"r","start_time_unix_nano":true,"end_time_unix_nano":"x",
    "attributes":{"a":{"no":["such"]},"b":2,"c":18446744073709551615},"events":[{"name":3,"id":"e","status":[]}],
    "children":[{"span_id":"c","name":"child"}]})");
  BOOST_TEST(!tree.end_time_unix_nano);
  BOOST_TEST((tree.attributes.at("a") == attribute_value()));
  BOOST_TEST(std::get<std::int64_t>(tree.attributes.at("b")) == 2);
  BOOST_TEST((tree.attributes.at("c") == attribute_value()));
  BOOST_TEST(tree.events.at(0).id == "e");
  BOOST_TEST(!tree.events.at(0).status);
  BOOST_TEST(tree.children.at(0).name == "child");
}

BOOST_AUTO_TEST_CASE(spans_stand_in_spans) {
  const std::string leaf =
      R"({"span_id":"l","name":"n","start_time_unix_nano":1,"end_time_unix_nano":null,"attributes":{"a":null,"b":[1,"x"],"c":true},"events":[]})";
  const auto tree = read<trace_span>(
      R"({"span_id":"r","name":"n","start_time_unix_nano":1,"end_time_unix_nano":2,"attributes":{},"events":[
    {"name":"e","id":"i","timestamp_unix_nano":5,"attributes":{},"type":"EVENT_PROGRESS","status":"RUNNING","start_time_unix_ms":1765967107818}],"children":[)" +
      leaf + "]}");
  BOOST_TEST_REQUIRE(tree.children.size() == 1u);
  BOOST_TEST(std::get<bool>(tree.children[0].attributes.at("c")));
  BOOST_TEST((tree.events.at(0).start_time_unix_ms.value() == timestamp_ms(1765967107818ms)));
  BOOST_TEST(encode(tree.children[0], nulls::write).find(R"("a":null)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_patch_tells_absent_from_null) {
  schedule_patch patch;
  BOOST_TEST(encode(patch) == "{}");
  patch.jitter = std::nullopt;
  patch.time_zone_name = "Europe/Paris";
  BOOST_TEST(encode(patch) == R"({"jitter":null,"time_zone_name":"Europe/Paris"})");
  BOOST_TEST(encode(patch, nulls::write) == R"({"jitter":null,"time_zone_name":"Europe/Paris"})");
  const auto back = read<schedule_patch>(R"({"jitter":null,"time_zone_name":"Europe/Paris"})");
  BOOST_TEST((back == patch));
  BOOST_TEST(back.jitter.null());
  BOOST_TEST(back.input.absent());
}

BOOST_AUTO_TEST_CASE(what_may_be_sent_back_keeps_members_that_are_not_known) {
  const std::string text =
      R"({"schedule_id":"s","input":null,"workflow_name":"w","paused":false,"newer":{"a":[1]},"policy":{"newer_too":7}})";
  const auto seen = read<schedule>(text);
  BOOST_TEST((seen.others == boost::json::object{{"newer", {{"a", {1}}}}}));
  schedule_create_body body;
  body.schedule = seen;
  BOOST_TEST(encode(body).find(R"("newer":{"a":[1]})") != std::string::npos);
  BOOST_TEST(encode(body).find(R"("newer_too":7)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_calendar_s_default_is_midnight_of_every_day) {
  BOOST_TEST((read<schedule_calendar>("{}") == schedule_calendar()));
  BOOST_TEST(encode(schedule_calendar()).find(R"("month":[{"start":1,"end":12,"step":0}])") !=
             std::string::npos);
  BOOST_TEST((read<schedule_calendar>(R"({"hour":null})") == schedule_calendar()));
}

BOOST_AUTO_TEST_CASE(an_overlap_policy_newer_than_the_library_is_kept) {
  BOOST_TEST(encode(read<schedule_trigger_body>(R"({"overlap":9})")) == R"({"overlap":9})");
  BOOST_TEST((read<schedule_policy>("{}").overlap == schedule_overlap::skip));
}

BOOST_AUTO_TEST_CASE(durations_are_iso_8601) {
  const auto interval = read<schedule_interval>(R"({"every":"PT4H"})");
  BOOST_TEST((interval.every == 4h));
  BOOST_TEST(encode(interval) == R"({"every":"PT4H"})");
  BOOST_TEST(blamed<schedule_interval>(R"({"every":"P1M"})") == "/every");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows::protocol
