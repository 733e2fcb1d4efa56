#include "bulk/key_set.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

using mistral::workflows::bulk_core::key_set;

BOOST_AUTO_TEST_SUITE(bulk_key_set)

BOOST_AUTO_TEST_CASE(a_key_that_comes_again_is_told_with_where_it_stood_first) {
  key_set keys;
  BOOST_TEST(!keys.insert("a", 0));
  BOOST_TEST(!keys.insert("b", 1));
  BOOST_TEST(keys.insert("a", 7).value() == 0u);
  BOOST_TEST(keys.insert("b", 8).value() == 1u);
  BOOST_TEST(keys.insert("b", 1).value() == 1u);
  BOOST_TEST(keys.size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_largest_position_is_told_rightly) {
  key_set keys;
  BOOST_TEST(!keys.insert("a", key_set::last_position));
  BOOST_TEST(keys.insert("a", 0).value() == key_set::last_position);
}

BOOST_AUTO_TEST_CASE(all_keys_of_a_large_batch_are_remembered) {
  key_set keys;
  constexpr std::uint64_t many = 20'000;
  for (std::uint64_t i = 0; i < many; ++i) {
    // Each with a step back: keys that were seen while the tables grow.
    BOOST_REQUIRE(!keys.insert("key-" + std::to_string(i), i));
    BOOST_REQUIRE(keys.insert("key-" + std::to_string(i / 2), many).value() == i / 2);
  }
  for (std::uint64_t i = 0; i < many; ++i)
    BOOST_REQUIRE(keys.insert("key-" + std::to_string(i), many).value() == i);
  BOOST_TEST(keys.size() == many);
}

BOOST_AUTO_TEST_CASE(a_job_costs_24_bytes_at_most_at_any_time_from_ten_thousand_on) {
  key_set keys;
  std::uint64_t worst = 0;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    keys.insert(std::to_string(i), i);
    if (i >= 10'000) worst = std::max<std::uint64_t>(worst, keys.bytes() * 100 / keys.size());
  }
  BOOST_TEST_MESSAGE("key_set: " << worst << " hundredths of a byte a job at worst");
  BOOST_TEST(worst <= 2'400u);
}

BOOST_AUTO_TEST_SUITE_END()
