#include "protocol/follow/resume.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace mistral::workflows::protocol;

namespace {

event_identity numbered(std::int64_t sequence) {
  event_identity event;
  event.sequence = sequence;
  return event;
}

event_identity with_sse_id(std::string_view id) {
  event_identity event;
  event.sse_id = id;
  event.has_sse_id = true;
  return event;
}

event_identity with_event_id(std::string_view id) {
  event_identity event;
  event.event_id = id;
  return event;
}

// What a caller gets of these sequences on one connection.
std::vector<std::int64_t> delivered(resume_policy& policy, const std::vector<std::int64_t>& sequences) {
  std::vector<std::int64_t> out;
  for (const auto sequence : sequences) {
    if (policy.is_duplicate(numbered(sequence))) continue;
    policy.handed_over(numbered(sequence));
    out.push_back(sequence);
  }
  return out;
}

using sequences = std::vector<std::int64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(resume)

BOOST_AUTO_TEST_CASE(a_fresh_stream_asks_for_no_cursor) {
  resume_policy policy;
  BOOST_TEST(policy.next_request().last_event_id.empty());
  BOOST_TEST(!policy.next_request().start_seq.has_value());
  BOOST_TEST(!policy.connected());
}

BOOST_AUTO_TEST_CASE(the_cursor_moves_when_an_event_is_handed_over_and_not_before) {
  resume_policy policy;
  policy.connected();
  BOOST_TEST(!policy.is_duplicate(with_sse_id("a")));
  BOOST_TEST(policy.cursor()->empty());
  policy.handed_over(with_sse_id("a"));
  BOOST_TEST(*policy.cursor() == "a");
}

BOOST_AUTO_TEST_CASE(a_resumed_connection_that_dies_before_its_first_event_keeps_the_cursor) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(with_sse_id("a"));
  BOOST_TEST(policy.connected());
  BOOST_TEST(policy.connected());
  BOOST_TEST(policy.next_request().last_event_id == "a");
}

BOOST_AUTO_TEST_CASE(on_an_unbroken_connection_nothing_is_dropped) {
  resume_policy policy;
  policy.connected();
  BOOST_TEST((delivered(policy, {1, 2, 2, 1, 5, 5}) == sequences{1, 2, 2, 1, 5, 5}));
}

BOOST_AUTO_TEST_CASE(a_sequence_that_runs_backwards_is_delivered_and_reported) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(numbered(7));
  const auto jump = policy.jump(numbered(3));
  BOOST_TEST_REQUIRE(jump.has_value());
  BOOST_TEST(jump->before == 7);
  BOOST_TEST(jump->now == 3);
  BOOST_TEST(!jump->after_resume);
  BOOST_TEST(!policy.is_duplicate(numbered(3)));
}

BOOST_AUTO_TEST_CASE(a_gap_in_the_sequence_is_reported_and_not_hidden) {
  resume_policy policy;
  policy.connected();
  BOOST_TEST(!policy.jump(numbered(1)).has_value());
  policy.handed_over(numbered(1));
  BOOST_TEST(!policy.jump(numbered(2)).has_value());
  BOOST_TEST(policy.jump(numbered(4)).has_value());
}

BOOST_AUTO_TEST_CASE(a_gap_at_a_resume_is_reported_as_such) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(numbered(1));
  policy.connected();
  BOOST_TEST(!policy.is_duplicate(numbered(5)));
  const auto jump = policy.jump(numbered(5));
  BOOST_TEST_REQUIRE(jump.has_value());
  BOOST_TEST(jump->after_resume);
}

BOOST_AUTO_TEST_CASE(after_a_resume_events_already_delivered_are_dropped_up_to_the_first_new_one) {
  resume_policy policy;
  policy.connected();
  delivered(policy, {1, 2, 3});
  policy.connected();
  BOOST_TEST((delivered(policy, {2, 3, 4, 3}) == sequences{4, 3}));
}

BOOST_AUTO_TEST_CASE(a_late_event_with_a_lower_number_is_new_after_a_resume) {
  resume_policy policy;
  policy.connected();
  delivered(policy, {1, 2, 5});
  policy.connected();
  BOOST_TEST((delivered(policy, {5, 4, 6}) == sequences{4, 6}));
}

BOOST_AUTO_TEST_CASE(a_replay_from_the_very_beginning_is_dropped_also_beyond_what_is_remembered) {
  resume_policy policy;
  policy.connected();
  sequences all;
  for (std::int64_t i = 1; i <= 5000; ++i) all.push_back(i);
  delivered(policy, all);
  policy.connected();
  all.push_back(5001);
  BOOST_TEST((delivered(policy, all) == sequences{5001}));
}

BOOST_AUTO_TEST_CASE(a_number_far_above_all_others_makes_no_later_event_a_known_one) {
  resume_policy policy;
  policy.connected();
  delivered(policy, {1'000'000'000});
  sequences rest;
  for (std::int64_t i = 10; i < 1'000; ++i) rest.push_back(i);
  delivered(policy, rest);
  policy.connected();
  BOOST_TEST((delivered(policy, {998, 999, 1'000, 1'001}) == sequences{1'000, 1'001}));
}

BOOST_AUTO_TEST_CASE(events_without_a_sequence_are_told_apart_by_their_event_id) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(with_event_id("x"));
  policy.handed_over(with_sse_id("1"));
  policy.connected();
  BOOST_TEST(policy.is_duplicate(with_event_id("x")));
  BOOST_TEST(policy.is_duplicate(with_sse_id("1")));
  BOOST_TEST(!policy.is_duplicate(with_event_id("y")));
}

BOOST_AUTO_TEST_CASE(events_known_by_their_event_id_alone_come_once_although_no_cursor_can_be_asked_for) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(with_event_id("x"));
  policy.handed_over(with_event_id("y"));
  BOOST_TEST(!policy.connected());
  BOOST_TEST(policy.next_request().last_event_id.empty());
  BOOST_TEST(policy.is_duplicate(with_event_id("x")));
  BOOST_TEST(policy.is_duplicate(with_event_id("y")));
  BOOST_TEST(!policy.is_duplicate(with_event_id("z")));
}

BOOST_AUTO_TEST_CASE(an_event_without_any_identity_is_never_dropped) {
  resume_policy policy("5");
  policy.connected();
  BOOST_TEST(!policy.is_duplicate(event_identity()));
}

BOOST_AUTO_TEST_CASE(an_event_without_any_identity_does_not_end_the_search_for_known_ones) {
  resume_policy policy;
  policy.connected();
  delivered(policy, {1, 2, 3});
  policy.connected();
  BOOST_TEST(!policy.is_duplicate(event_identity()));
  policy.handed_over(event_identity());
  BOOST_TEST((delivered(policy, {1, 2, 3, 4}) == sequences{4}));
}

BOOST_AUTO_TEST_CASE(no_gap_is_reported_across_an_event_whose_number_is_not_known) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(numbered(4));
  policy.handed_over(with_sse_id("5"));
  BOOST_TEST(!policy.jump(numbered(6)).has_value());
  policy.handed_over(numbered(6));
  BOOST_TEST(policy.jump(numbered(8)).has_value());
}

BOOST_AUTO_TEST_CASE(a_sequence_that_runs_backwards_is_reported_also_behind_an_event_without_a_number) {
  resume_policy policy;
  policy.connected();
  policy.handed_over(numbered(4));
  policy.handed_over(event_identity());
  BOOST_TEST(policy.jump(numbered(3)).has_value());
}

BOOST_AUTO_TEST_CASE(an_inherited_id_is_a_cursor_where_it_is_nothing_elses) {
  resume_policy policy;
  policy.connected();
  event_identity event;
  event.sse_id = "5";  // of a block without data before it
  BOOST_TEST(policy.handed_over(event));
  BOOST_TEST(*policy.cursor() == "5");
  BOOST_TEST(!policy.handed_over(event));
}

BOOST_AUTO_TEST_CASE(news_is_what_moves_the_cursor_or_has_an_identity_not_seen_before) {
  resume_policy policy;
  policy.connected();
  BOOST_TEST(!policy.handed_over(event_identity()));
  BOOST_TEST(policy.handed_over(numbered(1)));
  BOOST_TEST(!policy.handed_over(numbered(1)));
  BOOST_TEST(policy.handed_over(with_sse_id("a")));
  BOOST_TEST(!policy.handed_over(with_sse_id("a")));
  BOOST_TEST(policy.handed_over(with_event_id("x")));  // no cursor, and yet another event
  BOOST_TEST(!policy.handed_over(with_event_id("x")));
}

BOOST_AUTO_TEST_CASE(a_sequence_of_zero_is_none) {
  resume_policy policy;
  policy.connected();
  auto event = numbered(0);
  event.sse_id = "a";
  event.has_sse_id = true;
  policy.handed_over(event);
  policy.connected();
  event.sse_id = "b";
  BOOST_TEST(!policy.is_duplicate(event));
}

BOOST_AUTO_TEST_CASE(a_stored_cursor_starts_after_its_event_even_where_the_server_repeats_it) {
  resume_policy policy("7");
  BOOST_TEST(policy.next_request().last_event_id == "7");
  policy.connected();
  auto event = numbered(6);
  event.sse_id = "6";
  event.has_sse_id = true;
  BOOST_TEST(policy.is_duplicate(event));
  event = numbered(7);
  event.sse_id = "7";
  event.has_sse_id = true;
  BOOST_TEST(policy.is_duplicate(event));
  event = numbered(8);
  event.sse_id = "8";
  event.has_sse_id = true;
  BOOST_TEST(!policy.is_duplicate(event));
}

BOOST_AUTO_TEST_CASE(a_stored_cursor_that_is_no_number_says_nothing_about_sequences) {
  resume_policy policy("1764-0");
  policy.connected();
  BOOST_TEST(!policy.is_duplicate(numbered(1)));
}

BOOST_AUTO_TEST_CASE(an_inherited_id_is_no_cursor_for_an_event_that_has_a_sequence) {
  resume_policy policy;
  policy.connected();
  auto event = numbered(4);
  event.sse_id = "older";
  policy.handed_over(event);
  BOOST_TEST(*policy.cursor() == "4");
}

BOOST_AUTO_TEST_CASE(start_seq_is_inclusive_and_never_goes_with_a_last_event_id) {
  resume_policy policy(std::string(), resume_by::last_event_id_or_start);
  policy.connected();
  policy.handed_over(numbered(41));
  BOOST_TEST(policy.next_request().start_seq.value() == 42);
  BOOST_TEST(policy.next_request().last_event_id.empty());
  auto event = numbered(42);
  event.sse_id = "id-42";
  event.has_sse_id = true;
  policy.handed_over(event);
  BOOST_TEST(!policy.next_request().start_seq.has_value());
  BOOST_TEST(policy.next_request().last_event_id == "id-42");
}

BOOST_AUTO_TEST_CASE(an_id_that_no_header_carries_is_no_cursor) {
  for (const std::string id : {"   ", "a3 ", "\ta3", "a\x01", "a\x7f"}) {
    resume_policy policy("a2", resume_by::last_event_id_or_start);
    policy.connected();
    event_identity unnumbered;
    unnumbered.sse_id = id;
    unnumbered.has_sse_id = true;
    policy.handed_over(unnumbered);
    BOOST_TEST(*policy.cursor() == "a2");
    auto event = numbered(3);
    event.sse_id = id;
    event.has_sse_id = true;
    policy.handed_over(event);
    BOOST_TEST(*policy.cursor() == "s1:3");
    resume_policy of_query;
    of_query.handed_over(event);
    BOOST_TEST(*of_query.cursor() == id);
  }
}

BOOST_AUTO_TEST_CASE(a_cursor_that_is_stored_says_whether_it_is_a_number_or_an_id) {
  resume_policy policy(std::string(), resume_by::last_event_id_or_start);
  policy.connected();
  policy.handed_over(numbered(41));
  BOOST_TEST(*policy.cursor() == "s1:41");
  resume_policy next(*policy.cursor(), resume_by::last_event_id_or_start);
  BOOST_TEST(*next.cursor() == "s1:41");
  BOOST_TEST(next.next_request().start_seq.value() == 42);
  BOOST_TEST(next.next_request().last_event_id.empty());
  BOOST_TEST(next.connected());
  BOOST_TEST((delivered(next, {40, 41, 42, 43}) == sequences{42, 43}));
}

BOOST_AUTO_TEST_CASE(a_number_that_was_stored_says_what_is_older_also_where_ids_have_come_since) {
  resume_policy policy("s1:41", resume_by::last_event_id_or_start);
  policy.connected();
  auto event = numbered(41);
  event.sse_id = "a";
  event.has_sse_id = true;
  BOOST_TEST(policy.is_duplicate(event));
  event.sequence = 42;
  BOOST_TEST(!policy.is_duplicate(event));
}

BOOST_AUTO_TEST_CASE(an_id_of_the_servers_own_stays_one_whatever_it_looks_like) {
  for (const std::string id : {"41", "1764-0", "s1:", "s1:041", "s1:0", "s1:a"}) {
    BOOST_TEST_INFO_SCOPE(id);
    resume_policy policy(id, resume_by::last_event_id_or_start);
    BOOST_TEST(!policy.next_request().start_seq.has_value());
    BOOST_TEST(policy.next_request().last_event_id == id);
  }
  for (const std::string id : {"41", "s1:41", "i1:s1:41", "i1:"}) {
    BOOST_TEST_INFO_SCOPE(id);
    resume_policy policy(std::string(), resume_by::last_event_id_or_start);
    policy.connected();
    BOOST_TEST(policy.handed_over(with_sse_id(id)));
    BOOST_TEST(!policy.handed_over(with_sse_id(id)));
    BOOST_TEST(policy.next_request().last_event_id == id);
    resume_policy next(*policy.cursor(), resume_by::last_event_id_or_start);
    BOOST_TEST(next.next_request().last_event_id == id);
    next.connected();
    BOOST_TEST(next.is_duplicate(with_sse_id(id)));
  }
}

BOOST_AUTO_TEST_CASE(where_only_ids_are_asked_for_a_cursor_is_never_marked) {
  resume_policy policy("s1:41");
  BOOST_TEST(policy.next_request().last_event_id == "s1:41");
  policy.connected();
  policy.handed_over(numbered(42));
  BOOST_TEST(*policy.cursor() == "42");
  policy.handed_over(with_sse_id("i1:a"));
  BOOST_TEST(*policy.cursor() == "i1:a");
  BOOST_TEST(policy.next_request().last_event_id == "i1:a");
}

BOOST_AUTO_TEST_CASE(the_largest_number_has_none_behind_it) {
  resume_policy policy(std::string(), resume_by::last_event_id_or_start);
  policy.connected();
  const auto most = std::numeric_limits<std::int64_t>::max();
  policy.handed_over(numbered(most));
  BOOST_TEST(policy.next_request().start_seq.value() == most);
  BOOST_TEST(policy.jump(numbered(1)).has_value());
}

// A server that resumes anywhere at or before the cursor, cut at random, over and over.
BOOST_AUTO_TEST_CASE(each_event_is_handed_over_once_in_order_through_any_number_of_cuts) {
  std::mt19937 random(20240517);
  for (int round = 0; round < 200; ++round) {
    sequences all;
    std::int64_t number = 0;
    for (int i = 0; i < 300; ++i) all.push_back(number += 1 + static_cast<std::int64_t>(random() % 3));
    resume_policy policy;
    sequences got;
    for (int connection = 0; got.size() < all.size(); ++connection) {
      BOOST_TEST_REQUIRE(connection < 10'000);
      const auto id = policy.next_request().last_event_id;
      const auto after = id.empty() ? all.begin() : std::upper_bound(all.begin(), all.end(), std::stoll(id));
      const auto back =
          std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(random() % 20), after - all.begin());
      const auto send =
          std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(random() % 40), all.end() - (after - back));
      policy.connected();
      const auto part = delivered(policy, sequences(after - back, after - back + send));
      got.insert(got.end(), part.begin(), part.end());
    }
    BOOST_TEST((got == all));
  }
}

BOOST_AUTO_TEST_SUITE_END()
