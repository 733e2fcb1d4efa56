#include "protocol/json/json_types.hpp"

#include "protocol/json/decode.hpp"

#include <mistral/workflows/model/execution.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace mistral::workflows::protocol {
namespace {

using samples::fill;
using samples::sample;
using samples::sample_type;

/// The document's DOM with the members of every object in another order.
template <class Order>
boost::json::value reordered(const boost::json::value& v, Order& order) {
  if (const boost::json::array* array = v.if_array()) {
    boost::json::array made;
    for (const boost::json::value& element : *array) made.push_back(reordered(element, order));
    return made;
  }
  const boost::json::object* object = v.if_object();
  if (!object) return v;
  std::vector<std::pair<std::string, boost::json::value>> members;
  for (const auto& pair : *object)
    members.emplace_back(std::string(pair.key()), reordered(pair.value(), order));
  order(members);
  boost::json::object made;
  for (auto& [key, value] : members) made.emplace(key, std::move(value));
  return made;
}

// Adds what the library does not know to every object that it does know.
class add_unknown_members final : public samples::document_visitor {
 public:
  void object(boost::json::object& node, const std::string&, const samples::object_facts& facts) override {
    if (!facts.keeps_others) node.emplace("newer_than_us", boost::json::value{1, {{"deep", {nullptr, "x"}}}});
  }
  void member(boost::json::value&, const std::string&, const samples::member_facts&) override {}
};

void require_equal(const sample_type& type, const sample& value, const std::string& text) {
  const std::string difference = value.difference(text);
  BOOST_TEST_REQUIRE(difference.empty(), type.name << " " << text << "\nbecame\n" << difference);
}

void check_round_trips(fill how, std::uint64_t seed) {
  for (const sample_type& type : samples::all_types()) {
    const auto value = type.make(seed, how);
    for (const nulls mode : {nulls::omit, nulls::write}) {
      const std::string text = value->text(mode);
      require_equal(type, *value, text);
      const boost::json::value dom = samples::parsed(text);
      auto reverse = [](auto& members) { std::ranges::reverse(members); };
      require_equal(type, *value, encode(reordered(dom, reverse)));
      std::mt19937_64 random(seed);
      auto shuffle = [&](auto& members) { std::ranges::shuffle(members, random); };
      require_equal(type, *value, encode(reordered(dom, shuffle)));
      boost::json::value extended = dom;
      add_unknown_members add;
      value->walk(extended, add);
      require_equal(type, *value, encode(extended));
    }
  }
}

BOOST_AUTO_TEST_SUITE(json_round_trip)

BOOST_AUTO_TEST_CASE(required_members_alone_survive_in_any_order) {
  check_round_trips(fill::required_only, 1);
}

BOOST_AUTO_TEST_CASE(every_member_survives_in_any_order) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) check_round_trips(fill::everything, seed);
}

BOOST_AUTO_TEST_CASE(any_choice_of_members_survives_in_any_order) {
  for (std::uint64_t seed = 100; seed < 108; ++seed) check_round_trips(fill::at_random, seed);
}

BOOST_AUTO_TEST_CASE(nothing_of_an_earlier_document_is_left_over) {
  for (const sample_type& type : samples::all_types()) {
    const auto full = type.make(3, fill::everything);
    const auto least = type.make(4, fill::required_only);
    BOOST_TEST(least->replaces(*full), type.name);
  }
}

BOOST_AUTO_TEST_CASE(of_members_that_come_twice_the_last_wins) {
  for (const sample_type& type : samples::all_types()) {
    const auto last = type.make(6, fill::everything);
    const std::string a = type.make(5, fill::everything)->text(), b = last->text();
    if (a == "{}" || b == "{}") continue;
    const std::string both = a.substr(0, a.size() - 1) + "," + b.substr(1);
    BOOST_TEST_REQUIRE(!type.blamed(both), type.name);
    // Members that only the first has are kept, so both must have them all.
    const bool same_members = samples::parsed(a).as_object().size() == samples::parsed(b).as_object().size();
    if (!type.keeps_others && same_members) require_equal(type, *last, both);
  }
}

BOOST_AUTO_TEST_CASE(any_json_survives) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const boost::json::value value = samples::any_json(seed);
    boost::json::value read;
    BOOST_TEST_REQUIRE(!decode(encode(value), read));
    BOOST_TEST_REQUIRE((read == value), encode(value));
  }
}

BOOST_AUTO_TEST_CASE(json_of_any_size_and_depth_within_a_document_outlives_the_reading_of_it) {
  execution full;
  full.workflow_name = full.execution_id = full.root_execution_id = std::string(40, 'e');
  boost::json::array nested;
  for (int i = 0; i < 100; ++i) {
    nested.push_back(boost::json::array{std::string(static_cast<std::size_t>(i), 's'), i, std::move(nested)});
    full.result = boost::json::object{{std::string(60, 'k'), nested}, {"n", i}};
    execution read;
    BOOST_TEST_REQUIRE(!decode(encode(full), read));
    BOOST_TEST_REQUIRE((read == full), i);
  }
}

BOOST_AUTO_TEST_CASE(a_page_takes_room_for_about_as_many_items_as_it_has) {
  const auto run = [](std::string id) {
    execution_summary made;
    made.workflow_name = "support-workflow";
    made.execution_id = made.root_execution_id = std::move(id);
    made.status = execution_status::completed;
    return made;
  };
  run_page page;
  for (int i = 0; i < 100; ++i) page.executions.push_back(run(std::to_string(1000 + i)));
  run_page read;
  BOOST_TEST_REQUIRE(!decode(encode(page), read));
  BOOST_TEST((read == page));
  BOOST_TEST(read.executions.capacity() < 128u);  // less than doubling would have come to

  // An item that is much longer than the others misleads in neither direction.
  for (const std::size_t odd : {0u, 50u}) {
    run_page uneven = page;
    uneven.executions[odd].workflow_name.assign(50'000, 'w');
    BOOST_TEST_REQUIRE(!decode(encode(uneven), read));
    BOOST_TEST((read == uneven));
    BOOST_TEST(read.executions.capacity() <= 256u);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_with_a_status_is_an_execution_and_one_without_is_a_result) {
  execution full;
  full.workflow_name = "w";
  full.execution_id = full.root_execution_id = "e";
  full.status = execution_status::completed;
  full.result = 7;
  execution_result bare;
  bare.workflow_name = "w";
  bare.execution_id = "e";
  bare.result = 7;
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
