#include "protocol/json/json_types.hpp"

#include "protocol/json/decode.hpp"

#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/invocation.hpp>
#include <mistral/workflows/model/trace.hpp>

#include <boost/test/unit_test.hpp>

#include <utility>

namespace mistral::workflows::protocol {
namespace {

using samples::fill;
using samples::sample_type;

/// Large documents are tried at some of their members only, so that a run stays short.
class sampling {
 public:
  sampling(std::size_t document_size, std::uint64_t seed) : step_(1 + document_size / 400), at_(seed) {}
  bool next() { return ++at_ % step_ == 0; }

 private:
  std::uint64_t step_;
  std::uint64_t at_;
};

/// Puts every kind of value that a member does not take in its place, and looks where the blame goes.
class misfit_every_member final : public samples::document_visitor {
 public:
  misfit_every_member(const sample_type& type, boost::json::value& document, sampling chosen)
      : type_(type), document_(document), chosen_(chosen) {}

  void object(boost::json::object&, const std::string&, const samples::object_facts&) override {}
  void member(boost::json::value& node, const std::string& path,
              const samples::member_facts& takes) override {
    forgiven_ = takes.forgiven;
    if (!takes.string) misfit(node, path, "no such thing");
    if (!takes.number) misfit(node, path, 17);
    if (!takes.boolean) misfit(node, path, true);
    if (!takes.array) misfit(node, path, boost::json::array{1, 2});
    if (!takes.object) misfit(node, path, boost::json::object{{"a", 1}});
    if (!takes.null) misfit(node, path, nullptr);
    if (takes.date_time) misfit(node, path, "2026-13-01T00:00:00Z");
  }

 private:
  void misfit(boost::json::value& node, const std::string& path, boost::json::value wrong) {
    if (!chosen_.next()) return;
    const boost::json::value right = std::exchange(node, std::move(wrong));
    // An event whose type is of the wrong kind has no type,
    // and a payload neither: that is where the blame goes too.
    const auto blamed = type_.blamed(encode(document_));
    BOOST_TEST(blamed.value_or("nothing") == (forgiven_ ? "nothing" : path), type_.name << path);
    node = right;
  }

  const sample_type& type_;
  boost::json::value& document_;
  sampling chosen_;
  bool forgiven_ = false;
};

/// Leaves out each required member in turn.
class miss_every_member final : public samples::document_visitor {
 public:
  miss_every_member(const sample_type& type, boost::json::value& document, sampling chosen)
      : type_(type), document_(document), chosen_(chosen) {}

  void object(boost::json::object& node, const std::string& path,
              const samples::object_facts& facts) override {
    for (const samples::member_name& each : facts.members) {
      if (!chosen_.next()) continue;
      const boost::json::object complete = node;
      node.erase({each.name.data(), each.name.size()});
      const auto blamed = type_.blamed(encode(document_));
      if (each.required)
        BOOST_TEST(blamed.value_or("nothing") == path + samples::pointer_token(each.name), type_.name);
      else
        BOOST_TEST(!blamed, type_.name << path << " without " << each.name);
      node = complete;
    }
  }
  void member(boost::json::value&, const std::string&, const samples::member_facts&) override {}

 private:
  const sample_type& type_;
  boost::json::value& document_;
  sampling chosen_;
};

BOOST_AUTO_TEST_SUITE(json_problems)

BOOST_AUTO_TEST_CASE(a_member_of_the_wrong_kind_is_named_by_its_path) {
  for (const sample_type& type : samples::all_types()) {
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      const auto value = type.make(seed, fill::everything);
      boost::json::value document = samples::parsed(value->text());
      misfit_every_member visit(type, document, sampling(value->text().size(), seed));
      value->walk(document, visit);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_missing_member_is_named_by_its_path) {
  for (const sample_type& type : samples::all_types()) {
    const auto value = type.make(7, fill::everything);
    boost::json::value document = samples::parsed(value->text());
    miss_every_member visit(type, document, sampling(value->text().size(), 0));
    value->walk(document, visit);
  }
}

BOOST_AUTO_TEST_CASE(a_document_cut_anywhere_is_a_problem) {
  for (const sample_type& type : samples::all_types()) {
    const std::string text = type.make(8, fill::everything)->text();
    const std::size_t step = 1 + text.size() / 250;
    for (std::size_t size = 0; size < text.size(); size += step)
      BOOST_TEST_REQUIRE(type.blamed(text.substr(0, size)).has_value(), type.name);
  }
}

BOOST_AUTO_TEST_CASE(any_json_cut_anywhere_is_a_problem) {
  const std::string text = R"({"a":[1,-2.5e3,true,null,"x\u00e9\n"],"b":{}})";
  for (std::size_t size = 0; size < text.size(); ++size) {
    boost::json::value read;
    BOOST_TEST_REQUIRE(decode(std::string_view(text).substr(0, size), read).has_value());
  }
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

BOOST_AUTO_TEST_CASE(documents_deeper_than_the_limit_are_refused) {
  boost::json::value any;
  BOOST_TEST(!decode(nested(256), any));
  BOOST_TEST(decode(nested(257), any).has_value());
  BOOST_TEST(decode(nested(1'000'000), any).has_value());
  BOOST_TEST(decode(std::string(1'000'000, '['), any).has_value());
  BOOST_TEST(!decode(nested(10), any, decode_limits(10)));
  BOOST_TEST(decode(nested(11), any, decode_limits(10)).has_value());
  stream_error error;
  const std::string members = R"("error":"e","reason":"r")";
  BOOST_TEST(!decode(R"({"unknown":)" + nested(255) + "," + members + "}", error));
  BOOST_TEST(decode(R"({"unknown":)" + nested(256) + "," + members + "}", error).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_not_json_is_a_problem) {
  for (const std::string_view text : {"",
                                      " ",
                                      "nul",
                                      "{\"a\":1,}",
                                      "[1 2]",
                                      "{'a':1}",
                                      "\"a\nb\"",
                                      "01",
                                      "+1",
                                      "1.",
                                      ".5",
                                      "\"\\x41\"",
                                      "\"\xff\"",
                                      "\"\xc0\xaf\"",
                                      "\"\xed\xa0\x80\"",
                                      "{\"\xff\":1}",
                                      "1 1",
                                      "{} {}",
                                      "// x\n1",
                                      "<html></html>",
                                      "\xef\xbb\xbf{}",
                                      "NaN",
                                      "Infinity"}) {
    boost::json::value any;
    BOOST_TEST(decode(text, any).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_utf_8_is_a_problem_wherever_it_stands) {
  const std::string plain = "[\"" + std::string(200, 'a') + "\"]";
  for (std::size_t at = 2; at + 3 < plain.size(); ++at) {
    std::string text = plain;
    text[at] = '\xff';
    boost::json::value any;
    BOOST_TEST(decode(text, any).has_value(), at);
    text.replace(at, 2, "\xc3\xa9");
    BOOST_TEST_REQUIRE(!decode(text, any).has_value(), at);
    BOOST_TEST(encode(any) == text);
  }
}

BOOST_AUTO_TEST_CASE(the_problem_names_the_element_and_the_key_it_stands_in) {
  run_page page;
  auto problem = decode(
      R"({"executions":[{"workflow_name":"w","execution_id":"e","root_execution_id":"e","start_time":"2026-01-01T00:00:00Z"},
                          {"status":5}]})",
      page);
  BOOST_TEST_REQUIRE(problem.has_value());
  BOOST_TEST(problem->path == "/executions/1/status");
  BOOST_TEST(problem->reason == "expected a string, found a number");
  batch_result batch;
  problem = decode(R"({"results":{"a/b~c":{"error":"no status"}}})", batch);
  BOOST_TEST_REQUIRE(problem.has_value());
  BOOST_TEST(problem->path == "/results/a~1b~0c/status");
  problem = decode("[]", batch);
  BOOST_TEST_REQUIRE(problem.has_value());
  BOOST_TEST(problem->path == "");
  BOOST_TEST(problem->reason == "expected an object, found an array");
}

BOOST_AUTO_TEST_CASE(what_a_step_of_a_patch_appends_is_a_text_or_an_encrypted_one) {
  const auto blamed = [](const std::string& op, const std::string& value) {
    json_patch_step step;
    const auto problem = decode(R"({"value":)" + value + R"(,"op":")" + op + R"(","path":"/a"})", step);
    return problem ? problem->path : "nothing";
  };
  BOOST_TEST(blamed("append", R"("more")") == "nothing");
  BOOST_TEST(blamed("append", R"({"type":"__encrypted__","value":"eA=="})") == "nothing");
  BOOST_TEST(blamed("append", "7") == "/value");
  BOOST_TEST(blamed("append", R"({"type":"__encrypted__","value":7})") == "/value/value");
  BOOST_TEST(blamed("append", R"({"type":"__encrypted__"})") == "/value/value");
  BOOST_TEST(blamed("add", "7") == "nothing");
}

BOOST_AUTO_TEST_CASE(a_trace_event_without_a_type_is_of_the_kind_that_its_members_are_of) {
  const std::string common = R"({"name":"n","id":"i","timestamp_unix_nano":1,"attributes":{})";
  trace_event event;
  BOOST_TEST(!decode(common + "}", event));
  BOOST_TEST((event.type == trace_event_type::event));
  BOOST_TEST(!decode(common + R"(,"start_time_unix_ms":5})", event));
  BOOST_TEST((event.type == trace_event_type::event_progress));
  BOOST_TEST(!decode(common + R"(,"start_time_unix_ms":5,"type":"EVENT"})", event));
  BOOST_TEST((event.type == trace_event_type::event));
}

BOOST_AUTO_TEST_CASE(null_stands_for_a_default_only_where_there_is_one) {
  signal_answer signal;
  BOOST_TEST(!decode(R"({"message":null})", signal));
  BOOST_TEST(signal.message == "Signal accepted");
  stream_error error;
  const auto problem = decode(R"({"error":null,"reason":"r"})", error);
  BOOST_TEST_REQUIRE(problem.has_value());
  BOOST_TEST(problem->path == "/error");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows::protocol
