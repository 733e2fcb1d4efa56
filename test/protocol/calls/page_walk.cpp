// Where a walk over pages stands: it ends at a page without
// a next cursor, and notices a circle of any length.
#include "protocol/calls/page_walk.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using mistral::workflows::protocol::page_walk;

BOOST_AUTO_TEST_SUITE(page_walks)

BOOST_AUTO_TEST_CASE(a_walk_begins_where_the_caller_says_and_ends_without_a_next_cursor) {
  page_walk all{std::nullopt};
  BOOST_TEST(!all.cursor());
  all.advance("a");
  BOOST_TEST(all.cursor().value() == "a");
  BOOST_TEST(!all.over());
  all.advance(std::nullopt);
  BOOST_TEST(all.over());
  page_walk rest{"b"};
  BOOST_TEST(rest.cursor().value() == "b");
}

BOOST_AUTO_TEST_CASE(an_empty_cursor_is_none) {
  page_walk all{std::nullopt};
  all.advance("");
  BOOST_TEST(all.over());
}

BOOST_AUTO_TEST_CASE(a_cursor_that_leads_to_itself_is_noticed_at_once) {
  page_walk fresh{std::nullopt};
  fresh.advance("a");
  BOOST_TEST(!fresh.circular());
  fresh.advance("a");
  BOOST_TEST(fresh.circular());
  page_walk resumed{"a"};
  resumed.advance("a");
  BOOST_TEST(resumed.circular());
}

BOOST_AUTO_TEST_CASE(a_circle_of_any_length_is_noticed_after_any_way_to_it) {
  for (int way : {0, 1, 5, 40})
    for (int length : {1, 2, 3, 7, 100}) {
      page_walk walk{std::nullopt};
      int pages = 0;
      for (; !walk.circular() && pages < 4 * (way + length) + 4; ++pages)
        walk.advance("c" + std::to_string(pages < way ? pages : way + (pages - way) % length));
      BOOST_TEST(walk.circular(), "way " << way << ", circle of " << length);
      BOOST_TEST(pages > way + length);
    }
}

BOOST_AUTO_TEST_CASE(
    a_circle_from_the_first_page_whose_length_is_a_power_of_two_is_noticed_before_its_second_round_ends) {
  for (int length : {1, 2, 4, 64, 1024}) {
    page_walk walk{std::nullopt};
    int pages = 0;
    for (; !walk.circular() && pages < 4 * length; ++pages)
      walk.advance("c" + std::to_string(pages % length));
    BOOST_TEST(pages == (length == 1 ? 2 : 2 * length - 1), "circle of " << length);
  }
}

BOOST_AUTO_TEST_CASE(a_long_walk_is_no_circle) {
  page_walk walk{std::nullopt};
  for (int page = 0; page < 10'000; ++page) {
    walk.advance(std::to_string(page));
    BOOST_REQUIRE(!walk.circular());
  }
}

BOOST_AUTO_TEST_SUITE_END()
