#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/error.hpp>

#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>
#include <set>
#include <string>
#include <vector>

namespace wf = mistral::workflows;
namespace json = boost::json;

namespace {

// The field that is refused; empty where nothing is.
template <class Function>
std::string refused(Function function) {
  try {
    function();
  } catch (const wf::invalid_argument& e) {
    return e.field();
  }
  return {};
}

std::string refused_id(const std::string& batch, const std::string& key) {
  return refused([&] { wf::bulk_execution_id(batch, key); });
}

std::string hash(const char* text) { return wf::bulk_input_hash(json::parse(text)); }

}  // namespace

BOOST_AUTO_TEST_SUITE(bulk_identity)

// Made with: printf '...' | sha256sum
BOOST_AUTO_TEST_CASE(execution_ids_are_those_that_are_published) {
  BOOST_TEST(wf::bulk_execution_id("nightly", "job-1") == "nightly-7c1f89e4f559bfbb4b941080ab1e89f83135a2b8");
  BOOST_TEST(wf::bulk_execution_id("nightly", "job-1", 1) ==
             "nightly-362293928d26c78bf3bebcc6613aa598a4a1af71");
  BOOST_TEST(wf::bulk_execution_id("Q3 \xc3\x9c"
                                   "bersicht / EU",
                                   "42") == "q3-bersicht-eu-88e9b0ca35e539bb7a66da438b4fe1c6c96b86dd");
  BOOST_TEST(wf::bulk_execution_id("a", "bc") == "a-eed922b1f65d118332347ae94e420107d45ffa9f");
  BOOST_TEST(wf::bulk_execution_id("ab", "c") == "ab-3cfa7d5b7ac0484396dd57a57edd71524ba2c12e");
  BOOST_TEST(wf::bulk_execution_id("nightly", std::string(1000, 'k'), 4'294'967'295u) ==
             "nightly-77e16aa20712a94ccec3bc5eb6d29c7f8a6b2171");
}

BOOST_AUTO_TEST_CASE(an_id_differs_by_batch_key_and_generation_whatever_is_moved_from_one_to_the_other) {
  std::set<std::string> ids;
  for (const char* batch : {"a", "ab", "abc", "A", "a-"})
    for (const char* key : {"b", "bc", "c", "1", "11", "-"})
      for (const std::uint32_t generation : {0u, 1u, 11u})
        ids.insert(wf::bulk_execution_id(batch, key, generation));
  BOOST_TEST(ids.size() == 5u * 6u * 3u);
}

BOOST_AUTO_TEST_CASE(a_slug_has_small_letters_digits_and_single_dashes_between_them) {
  BOOST_TEST(wf::bulk_slug("nightly-import") == "nightly-import");
  BOOST_TEST(wf::bulk_slug("Nightly  import_2026/07") == "nightly-import-2026-07");
  BOOST_TEST(wf::bulk_slug("--a--b--") == "a-b");
  BOOST_TEST(wf::bulk_slug("\xc3\xbc"
                           "ber") == "ber");
  BOOST_TEST(wf::bulk_slug("") == "batch");
  BOOST_TEST(wf::bulk_slug("\xe2\x82\xac ...") == "batch");
}

BOOST_AUTO_TEST_CASE(a_slug_has_64_characters_at_most_and_no_dash_at_its_end) {
  BOOST_TEST(wf::bulk_slug(std::string(64, 'x')) == std::string(64, 'x'));
  BOOST_TEST(wf::bulk_slug(std::string(1000, 'x')) == std::string(64, 'x'));
  BOOST_TEST(wf::bulk_slug(std::string(63, 'x') + "-y") == std::string(63, 'x'));
  BOOST_TEST(wf::bulk_execution_id(std::string(1000, 'x'), "k").size() == 105u);
}

BOOST_AUTO_TEST_CASE(what_makes_no_id_is_refused_and_named) {
  BOOST_TEST(refused_id("", "k") == "batch");
  BOOST_TEST(refused_id("b\xff", "k") == "batch");
  BOOST_TEST(refused_id("b", "") == "key");
  BOOST_TEST(refused_id("b", "k\xc3") == "key");
  BOOST_TEST(refused_id("b", std::string(1001, 'k')) == "key");
  BOOST_TEST(refused_id("b", std::string(1000, 'k')) == "");
}

BOOST_AUTO_TEST_CASE(a_key_is_in_one_shard_and_in_the_published_one) {
  const std::array<std::uint32_t, 4> of_four{2, 1, 3, 2}, of_seven{6, 5, 4, 4};
  const std::array<const char*, 4> keys{"job-1", "job-2", "job-3", "a"};
  for (std::size_t i = 0; i < keys.size(); ++i) {
    for (std::uint32_t part = 0; part < 4; ++part)
      BOOST_TEST(wf::bulk_shard(part, 4).contains(keys[i]) == (part == of_four[i]));
    for (std::uint32_t part = 0; part < 7; ++part)
      BOOST_TEST(wf::bulk_shard(part, 7).contains(keys[i]) == (part == of_seven[i]));
    BOOST_TEST(wf::bulk_shard().contains(keys[i]));
  }
}

BOOST_AUTO_TEST_CASE(shards_are_about_as_large_as_one_another) {
  const wf::bulk_shard shard(1, 3);
  int inside = 0;
  for (int i = 0; i < 3000; ++i) inside += shard.contains("key-" + std::to_string(i)) ? 1 : 0;
  BOOST_TEST(inside > 900);
  BOOST_TEST(inside < 1100);
}

BOOST_AUTO_TEST_CASE(a_shard_beyond_their_number_is_refused) {
  BOOST_TEST(refused([] { wf::bulk_shard(3, 3); }) == "shard");
  BOOST_TEST(refused([] { wf::bulk_shard(0, 0); }) == "shard");
}

// Made with: printf '{"a":[1,1.5,true,null,"x\\ny"],"b":{"c":0.1,"d":1e+300}}' | sha256sum
BOOST_AUTO_TEST_CASE(an_input_has_one_hash_whatever_the_order_of_its_members) {
  const std::string expected = "3e0c2ff006a4e4a747daa4c66796d52be87e15345cf003def9f1ad0a6fbdf75c";
  BOOST_TEST(hash(R"({"a":[1,1.5,true,null,"x\ny"],"b":{"c":0.1,"d":1e300}})") == expected);
  BOOST_TEST(hash(R"({ "b": {"d": 1e300, "c": 0.1}, "a": [1, 1.5, true, null, "x\ny"] })") == expected);
  BOOST_TEST(hash("null") == "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b");
}

// Made with: printf '["\\u0001\\b\\t\\"\\\\/é",-7,[],{}]' | sha256sum
BOOST_AUTO_TEST_CASE(the_text_that_is_hashed_escapes_what_it_must_and_nothing_else) {
  BOOST_TEST(hash(R"(["\u0001\b\t\"\\\/\u00e9",-7,[],{}])") ==
             "7b9e1c63e85616e5100b72df97999ef2b332bdffd95da0f48b94e08d7fbe4f3f");
}

BOOST_AUTO_TEST_CASE(inputs_that_differ_have_different_hashes) {
  const std::vector<const char*> inputs{"1",          "1.0",       "\"1\"",     "[1]",       "[[1]]",
                                        "[]",         "{}",        "[1,2]",     "[2,1]",     "[12]",
                                        "{\"a\":1}",  "{\"a\":2}", "\"\"",      "{\"b\":1}", "{\"a\":[]}",
                                        "{\"a\":{}}", "true",      "\"a\\\"b\""};
  std::set<std::string> hashes;
  for (const char* input : inputs) hashes.insert(hash(input));
  BOOST_TEST(hashes.size() == inputs.size());
}

BOOST_AUTO_TEST_CASE(a_positive_number_has_one_hash_whichever_integer_type_holds_it) {
  BOOST_TEST(wf::bulk_input_hash(json::value(std::int64_t{7})) ==
             wf::bulk_input_hash(json::value(std::uint64_t{7})));
}

BOOST_AUTO_TEST_SUITE_END()
