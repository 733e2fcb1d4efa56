#include "protocol/json_samples.hpp"

#include <boost/test/unit_test.hpp>

namespace mistral::workflows::protocol {
namespace {

using samples::fill;
using samples::maker;

template <class T>
constexpr bool safe_in_co_await = std::is_default_constructible_v<T> && !std::is_aggregate_v<T>;

static_assert(
    boost::mp11::mp_all_of_q<described_types, boost::mp11::mp_quote_trait<std::is_default_constructible>>::value);
static_assert(!boost::mp11::mp_any_of_q<described_types, boost::mp11::mp_quote_trait<std::is_aggregate>>::value,
              "GCC 12 destroys an aggregate temporary twice in a co_await expression");
static_assert(safe_in_co_await<execute_answer> && safe_in_co_await<unknown_event> && safe_in_co_await<event_problem>);

template <class T>
void require_equal(const T& wanted, const std::string& text) {
  T read;
  const auto problem = decode(text, read);
  BOOST_TEST_REQUIRE(!problem, (problem ? problem->path + ": " + problem->reason : "") << " in " << text);
  BOOST_TEST_REQUIRE((read == wanted), text << "\nbecame\n" << encode(read));
}

// Adds what the library does not know to every object that it does know.
struct add_unknown_members {
  template <class T>
  void object(boost::json::object& node, const std::string&) {
    if constexpr (std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>)
      node.emplace("newer_than_us", boost::json::value{1, {{"deep", {nullptr, "x"}}}});
  }
  template <class M>
  void member(boost::json::value&, const std::string&) {}
};

template <class T>
void check_round_trips(fill how, std::uint64_t seed) {
  maker make(seed, how);
  const T value = make.template make<T>();
  for (const nulls mode : {nulls::omit, nulls::write}) {
    const std::string text = encode(value, mode);
    require_equal(value, text);
    const boost::json::value dom = samples::parsed(text);
    auto reverse = [](auto& members) { std::ranges::reverse(members); };
    require_equal(value, encode(samples::reordered(dom, reverse)));
    std::mt19937_64 random(seed);
    auto shuffle = [&](auto& members) { std::ranges::shuffle(members, random); };
    require_equal(value, encode(samples::reordered(dom, shuffle)));
    boost::json::value extended = dom;
    add_unknown_members add;
    samples::walk(value, extended, std::string(), add);
    require_equal(value, encode(extended));
  }
}

BOOST_AUTO_TEST_SUITE(json_round_trip)

BOOST_AUTO_TEST_CASE_TEMPLATE(required_members_alone_survive_in_any_order, T, described_types) {
  check_round_trips<T>(fill::required_only, 1);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_member_survives_in_any_order, T, described_types) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) check_round_trips<T>(fill::everything, seed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(any_choice_of_members_survives_in_any_order, T, described_types) {
  for (std::uint64_t seed = 100; seed < 108; ++seed) check_round_trips<T>(fill::at_random, seed);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_of_an_earlier_document_is_left_over, T, described_types) {
  const T full = maker(3, fill::everything).template make<T>();
  const T least = maker(4, fill::required_only).template make<T>();
  T reused = full;
  BOOST_TEST_REQUIRE(!decode(encode(least), reused));
  BOOST_TEST((reused == least));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(of_members_that_come_twice_the_last_wins, T, described_types) {
  maker make(5, fill::everything);
  const T first = make.template make<T>();
  const T last = make.template make<T>();
  const std::string a = encode(first), b = encode(last);
  if (a == "{}" || b == "{}") return;
  // Members that only the first has are kept, so both have them all.
  T read;
  const auto problem = decode(a.substr(0, a.size() - 1) + "," + b.substr(1), read);
  BOOST_TEST_REQUIRE(!problem);
  if constexpr (std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>)
    if (samples::parsed(a).as_object().size() == samples::parsed(b).as_object().size()) BOOST_TEST((read == last));
}

BOOST_AUTO_TEST_CASE(any_json_survives) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const auto value = maker(seed, fill::everything).make<boost::json::value>();
    require_equal(value, encode(value));
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_a_status_is_an_execution_and_one_without_is_a_result) {
  const auto full = maker(1, fill::everything).make<execution>();
  const auto bare = maker(2, fill::everything).make<execution_result>();
  execute_answer answer;
  BOOST_TEST_REQUIRE(!decode(encode(full), answer));
  BOOST_TEST((std::get<execution>(answer.value) == full));
  BOOST_TEST_REQUIRE(!decode(encode(bare), answer));
  BOOST_TEST((std::get<execution_result>(answer.value) == bare));
  execution running = full;
  running.status.reset();
  BOOST_TEST_REQUIRE(!decode(encode(running, nulls::write), answer));
  BOOST_TEST((std::get<execution>(answer.value) == running));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace mistral::workflows::protocol
