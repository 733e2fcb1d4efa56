#include "protocol/json_samples.hpp"

#include <boost/test/unit_test.hpp>

namespace mistral::workflows::protocol {
namespace {

using samples::fill;
using samples::maker;

/// Where the document, or an event in it, did not fit; nothing if all did.
template <class T>
std::optional<std::string> blamed_path(const std::string& text) {
  T read;
  if (const auto problem = decode(text, read)) return problem->path;
  const auto of_event = [](const workflow_event& event) -> std::optional<std::string> {
    const auto* unknown = std::get_if<unknown_event>(&event.attributes);
    if (!unknown || !unknown->error) return std::nullopt;
    return unknown->error->path;
  };
  if constexpr (std::is_same_v<T, workflow_event>) return of_event(read);
  if constexpr (std::is_same_v<T, stream_event>) return of_event(read.data);
  if constexpr (std::is_same_v<T, event_page>)
    for (const workflow_event& event : read.events)
      if (auto path = of_event(event)) return path;
  return std::nullopt;
}

template <class T, class Format>
constexpr bool takes_string = requires(reader& r, T& t, std::string_view s) { codec<T, Format>::string(r, t, s); };
template <class T, class Format>
constexpr bool takes_number =
    requires(reader& r, T& t, std::int64_t v, std::string_view s) { codec<T, Format>::integer(r, t, v, s); };
template <class T, class Format>
constexpr bool takes_boolean = requires(reader& r, T& t) { codec<T, Format>::boolean(r, t, true); };
template <class T, class Format>
constexpr bool takes_null = requires(reader& r, T& t) { codec<T, Format>::null(r, t); };
template <class T, class Format>
constexpr bool takes_array = requires(reader& r, T& t) { codec<T, Format>::array(r, t); };
template <class T, class Format>
constexpr bool takes_object = requires(reader& r, T& t) { codec<T, Format>::object(r, t); };
// The event's type chooses the attributes; all are objects.
template <>
constexpr bool takes_object<event_attributes, void> = true;

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
template <class T>
struct misfit_every_member {
  boost::json::value& document;
  sampling chosen;

  template <class S>
  void object(boost::json::object&, const std::string&) {}
  template <class M>
  void member(boost::json::value& node, const std::string& path) {
    using type = typename M::type;
    using format = typename M::format;
    // Elsewhere than in attributes, an event takes any kind and keeps it as unknown, with the blame.
    constexpr bool is_event = std::is_same_v<type, workflow_event>;
    if constexpr (!takes_string<type, format> || is_event) misfit(node, path, "no such thing");
    if constexpr (!takes_number<type, format> || is_event) misfit(node, path, 17);
    if constexpr (!takes_boolean<type, format> || is_event) misfit(node, path, true);
    if constexpr (!takes_array<type, format> || is_event) misfit(node, path, boost::json::array{1, 2});
    if constexpr (!takes_object<type, format>) misfit(node, path, boost::json::object{{"a", 1}});
    if constexpr (is_event || (!takes_null<type, format> && !M::own_note.defaulted)) misfit(node, path, nullptr);
    if constexpr (std::is_same_v<type, timestamp> || std::is_same_v<type, std::optional<timestamp>>)
      misfit(node, path, "2026-13-01T00:00:00Z");
  }

  void misfit(boost::json::value& node, const std::string& path, boost::json::value wrong) {
    if (!chosen.next()) return;
    const boost::json::value right = std::exchange(node, std::move(wrong));
    // An event whose type is of the wrong kind has no type, and a payload neither: that is where the blame goes too.
    const auto blamed = blamed_path<T>(encode(document));
    BOOST_TEST(blamed.value_or("nothing") == path, encode(document));
    node = right;
  }
};

/// Leaves out each required member in turn.
template <class T>
struct miss_every_member {
  boost::json::value& document;
  sampling chosen;

  template <class S>
  void object(boost::json::object& node, const std::string& path) {
    boost::mp11::mp_for_each<described_members<S>>([&]<class D>(D) {
      using m = described_member<S, D>;
      if (!chosen.next()) return;
      const boost::json::object complete = node;
      node.erase({m::name.data(), m::name.size()});
      const auto blamed = blamed_path<T>(encode(document));
      if (m::required)
        BOOST_TEST(blamed.value_or("nothing") == path + samples::pointer_token(m::name));
      else
        BOOST_TEST(!blamed);
      node = complete;
    });
  }
  template <class M>
  void member(boost::json::value&, const std::string&) {}
};

template <class T>
void check_every_cut(const std::string& text) {
  const std::size_t step = 1 + text.size() / 250;
  for (std::size_t size = 0; size < text.size(); size += step) {
    T read;
    BOOST_TEST_REQUIRE(decode(std::string_view(text).substr(0, size), read).has_value());
  }
}

BOOST_AUTO_TEST_SUITE(json_problems)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_member_of_the_wrong_kind_is_named_by_its_path, T, described_types) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const T value = maker(seed, fill::everything).template make<T>();
    const std::string text = encode(value);
    boost::json::value document = samples::parsed(text);
    misfit_every_member<T> visit{document, sampling(text.size(), seed)};
    samples::walk(value, document, std::string(), visit);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_missing_member_is_named_by_its_path, T, described_types) {
  const T value = maker(7, fill::everything).template make<T>();
  const std::string text = encode(value);
  boost::json::value document = samples::parsed(text);
  miss_every_member<T> visit{document, sampling(text.size(), 0)};
  samples::walk(value, document, std::string(), visit);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_document_cut_anywhere_is_a_problem, T, described_types) {
  check_every_cut<T>(encode(maker(8, fill::everything).template make<T>()));
}

BOOST_AUTO_TEST_CASE(any_json_cut_anywhere_is_a_problem) {
  check_every_cut<boost::json::value>(R"({"a":[1,-2.5e3,true,null,"x\u00e9\n"],"b":{}})");
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
                                      "\"\\ud800\"",
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
