#include "protocol/pool/pool_state.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <vector>

using namespace mistral::workflows::protocol;
using namespace std::chrono_literals;

namespace {

using what = pool_step::what;
constexpr auto call = lease_kind::call;
constexpr auto stream = lease_kind::stream;

struct fixture {
  explicit fixture(int calls = 2, int streams = 0) : pool(limits(calls, streams)) {}

  static pool_limits limits(int calls, int streams) {
    pool_limits result;
    result.calls = calls;
    result.streams = streams;
    return result;
  }

  int open(lease_kind use = call) {
    const pool_step step = pool.take(use, now);
    BOOST_TEST((step.todo == what::open));
    pool.opened(step.connection, now);
    return step.connection;
  }

  std::uint64_t wait(lease_kind use = call) {
    const pool_step step = pool.take(use, now);
    BOOST_TEST((step.todo == what::wait));
    return step.waiter;
  }

  pool_state pool;
  pool_state::time_point now{};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pool_state_rules)

BOOST_AUTO_TEST_CASE(the_most_recently_used_idle_connection_is_taken_first) {
  fixture f(3);
  const int first = f.open(), second = f.open(), third = f.open();
  f.pool.released(second, true, f.now);
  f.pool.released(third, true, f.now);
  f.pool.released(first, true, f.now);

  BOOST_TEST(f.pool.take(call, f.now).connection == first);
  BOOST_TEST(f.pool.take(call, f.now).connection == third);
  BOOST_TEST(f.pool.take(call, f.now).connection == second);
}

BOOST_AUTO_TEST_CASE(no_more_than_the_limit_is_opened_and_waiters_are_served_in_order) {
  fixture f(2);
  const int one = f.open(), two = f.open();
  const auto first = f.wait(), second = f.wait();

  const auto next = f.pool.released(two, true, f.now).next;
  BOOST_TEST(next->waiter == first);
  BOOST_TEST((next->todo == what::reuse));
  BOOST_TEST(next->connection == two);
  BOOST_TEST(f.pool.released(one, true, f.now).next->waiter == second);
  BOOST_TEST(f.pool.in_use() == 2);
}

BOOST_AUTO_TEST_CASE(who_comes_while_others_wait_waits_behind_them) {
  fixture f(1);
  const int only = f.open();
  const auto first = f.wait();
  f.pool.released(only, true, f.now);  // goes to `first` at once
  const auto second = f.wait();
  BOOST_TEST(f.pool.released(only, true, f.now).next->waiter == second);
  BOOST_TEST(second > first);
}

BOOST_AUTO_TEST_CASE(a_connection_that_broke_gives_the_next_waiter_leave_to_open_one) {
  fixture f(1);
  const int only = f.open();
  const auto waiter = f.wait();

  const auto result = f.pool.released(only, false, f.now);
  BOOST_TEST(!result.keep);
  BOOST_TEST(result.next->waiter == waiter);
  BOOST_TEST((result.next->todo == what::open));
  BOOST_TEST(f.pool.in_use() == 1);
}

BOOST_AUTO_TEST_CASE(the_number_of_a_connection_that_is_gone_is_given_to_the_next_one) {
  fixture f(1);
  const int only = f.open();
  const auto has_the_number = [&](const pool_step& next) {
    BOOST_TEST((next.todo == what::open));
    BOOST_TEST(next.connection == only);
    f.pool.opened(only, f.now);
  };
  f.wait();
  has_the_number(*f.pool.released(only, false, f.now).next);  // it broke while somebody waited
  BOOST_TEST(!f.pool.released(only, false, f.now).keep);      // and while nobody did
  has_the_number(f.pool.take(call, f.now));
  has_the_number(f.pool.stale(only, f.now));
  f.pool.released(only, true, f.now);
  f.now += 1h;
  BOOST_TEST(f.pool.expired(f.now).size() == 1u);
  has_the_number(f.pool.take(call, f.now));
}

BOOST_AUTO_TEST_CASE(an_opening_that_failed_passes_the_place_on) {
  fixture f(1);
  const pool_step opening = f.pool.take(call, f.now);
  const auto waiter = f.wait();
  const auto result = f.pool.released(opening.connection, false, f.now);
  BOOST_TEST(result.next->waiter == waiter);
  BOOST_TEST((result.next->todo == what::open));
}

BOOST_AUTO_TEST_CASE(a_waiter_that_leaves_costs_nobody_a_place) {
  fixture f(1);
  const int only = f.open();
  const auto gone = f.wait(), stays = f.wait();
  BOOST_TEST(f.pool.leave(gone));
  BOOST_TEST(f.pool.released(only, true, f.now).next->waiter == stays);
}

BOOST_AUTO_TEST_CASE(a_waiter_that_was_served_cannot_leave_any_more) {
  fixture f(1);
  const int only = f.open();
  const auto waiter = f.wait();
  f.pool.released(only, true, f.now);
  BOOST_TEST(!f.pool.leave(waiter));
  f.pool.released(only, true, f.now);  // what it does instead
  BOOST_TEST(f.pool.idle() == 1);
}

BOOST_AUTO_TEST_CASE(streams_take_no_place_from_calls_nor_calls_from_streams) {
  fixture f(1, 2);
  f.open(call);
  f.open(stream);
  f.open(stream);
  f.wait(call);
  f.wait(stream);
  BOOST_TEST(f.pool.in_use(call) == 1);
  BOOST_TEST(f.pool.in_use(stream) == 2);
  BOOST_TEST(f.pool.waiting() == 2);
}

BOOST_AUTO_TEST_CASE(streams_are_not_limited_unless_asked_to) {
  fixture f(1);
  for (int i = 0; i < 1000; ++i) f.open(stream);
  BOOST_TEST(f.pool.in_use(stream) == 1000);
}

BOOST_AUTO_TEST_CASE(a_wave_of_streams_that_end_leaves_no_more_idle_than_calls_may_use) {
  fixture f(2);
  std::vector<int> streams;
  for (int i = 0; i < 10; ++i) streams.push_back(f.open(stream));
  f.open(call);
  int kept = 0;
  for (const int id : streams) kept += f.pool.released(id, true, f.now).keep ? 1 : 0;
  BOOST_TEST(kept == 1);
  BOOST_TEST(f.pool.idle() == 1);
}

BOOST_AUTO_TEST_CASE(a_stale_connection_is_replaced_by_the_next_idle_one_and_then_by_a_new_one) {
  fixture f(2);
  const int one = f.open(), two = f.open();
  f.pool.released(one, true, f.now);
  f.pool.released(two, true, f.now);

  BOOST_TEST(f.pool.take(call, f.now).connection == two);
  const pool_step second = f.pool.stale(two, f.now);
  BOOST_TEST((second.todo == what::reuse));
  BOOST_TEST(second.connection == one);
  BOOST_TEST((f.pool.stale(one, f.now).todo == what::open));
  BOOST_TEST(f.pool.in_use() == 1);
}

BOOST_AUTO_TEST_CASE(a_connection_that_was_idle_for_too_long_is_not_used_again) {
  fixture f;
  const int id = f.open();
  f.pool.released(id, true, f.now);

  BOOST_TEST(f.pool.expired(f.now + 55s - 1ms).empty());
  const auto at_limit = f.now + 55s;
  BOOST_TEST(!f.pool.take_idle(call, at_limit));
  BOOST_TEST(f.pool.expired(at_limit) == std::vector<int>{id});
  BOOST_TEST(f.pool.idle() == 0);
}

BOOST_AUTO_TEST_CASE(idle_connections_expire_each_in_its_time) {
  fixture f(2);
  const int one = f.open(), two = f.open();
  f.pool.released(one, true, f.now);
  f.now += 10s;
  f.pool.released(two, true, f.now);
  f.now += 45s;
  BOOST_TEST(f.pool.expired(f.now) == std::vector<int>{one});
  f.now += 10s;
  BOOST_TEST(f.pool.expired(f.now) == std::vector<int>{two});
}

BOOST_AUTO_TEST_CASE(a_connection_past_its_lifetime_is_not_kept_and_not_handed_on) {
  fixture f(1);
  const int old = f.open();
  f.now += 30min;
  const auto waiter = f.wait();
  const auto result = f.pool.released(old, true, f.now);
  BOOST_TEST(!result.keep);
  BOOST_TEST(result.next->waiter == waiter);
  BOOST_TEST((result.next->todo == what::open));
}

BOOST_AUTO_TEST_CASE(a_lifetime_that_ends_while_idle_is_noticed_on_taking) {
  fixture f(2);
  const int old = f.open();
  f.now += 30min - 1s;
  f.pool.released(old, true, f.now);
  f.now += 1s;
  BOOST_TEST((f.pool.take(call, f.now).todo == what::open));
  BOOST_TEST(f.pool.expired(f.now) == std::vector<int>{old});
}

BOOST_AUTO_TEST_CASE(a_closed_pool_refuses_keeps_nothing_and_names_who_is_left) {
  fixture f(2);
  const int busy = f.open(), idle = f.open();
  const auto waiter = f.wait();
  f.pool.released(idle, false, f.now);  // goes to the waiter
  const auto second = f.wait();
  const auto left = f.pool.close();

  BOOST_TEST(left.idle.empty());
  BOOST_TEST(left.waiters == std::vector<std::uint64_t>{second});
  BOOST_TEST(waiter != second);
  BOOST_TEST((f.pool.take(call, f.now).todo == what::refuse));
  BOOST_TEST(!f.pool.released(busy, true, f.now).keep);
}

BOOST_AUTO_TEST_CASE(closing_names_the_idle_connections) {
  fixture f(2);
  const int id = f.open();
  f.pool.released(id, true, f.now);
  BOOST_TEST(f.pool.close().idle == std::vector<int>{id});
  BOOST_TEST(f.pool.close().idle.empty());
}

BOOST_AUTO_TEST_CASE(a_connection_is_not_used_for_longer_than_its_own_server_keeps_it) {
  fixture f(3);
  const int long_kept = f.open(), short_kept = f.open();
  f.pool.released(long_kept, true, f.now);
  f.pool.released(short_kept, true, f.now, 500ms);
  f.now += 499ms;
  BOOST_TEST(f.pool.take_idle(call, f.now).value() == short_kept);
  f.pool.released(short_kept, true, f.now, 500ms);
  f.now += 500ms;
  BOOST_TEST(f.pool.take_idle(call, f.now).value() == long_kept);  // the one above it is passed over
  BOOST_TEST(f.pool.expired(f.now) == std::vector<int>{short_kept}, boost::test_tools::per_element());
  f.pool.released(long_kept, true, f.now, 24h);  // no longer than the pool itself does
  BOOST_TEST(f.pool.expired(f.now + 55s).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_connection_that_comes_back_unused_is_as_old_as_before) {
  fixture f(3);
  const int short_kept = f.open(), other = f.open(), never_used = f.open();
  f.pool.released(short_kept, true, f.now, 500ms);
  f.now += 100ms;
  f.pool.released(other, true, f.now);
  f.now += 300ms;
  BOOST_TEST(f.pool.take_idle(call, f.now).value() == other);
  BOOST_TEST(f.pool.take_idle(call, f.now).value() == short_kept);
  for (const int id : {other, short_kept, never_used}) BOOST_TEST(f.pool.returned_unused(id, f.now).keep);
  BOOST_TEST(f.pool.take_idle(call, f.now).value() == other);  // the one that was used last
  BOOST_TEST(f.pool.returned_unused(other, f.now).keep);
  f.now += 100ms;
  BOOST_TEST(f.pool.expired(f.now) == std::vector<int>{short_kept}, boost::test_tools::per_element());
  f.now += 54'500ms;
  BOOST_TEST(f.pool.expired(f.now) == std::vector<int>{never_used}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_connection_that_a_waiter_was_given_and_did_not_use_is_as_old_as_before) {
  fixture f(1);
  const int only = f.open();
  const auto first = f.wait();
  BOOST_TEST(f.pool.released(only, true, f.now, 500ms).next->waiter == first);
  f.now += 500ms;
  const auto second = f.wait();
  const auto result = f.pool.returned_unused(only, f.now);
  BOOST_TEST(!result.keep);
  BOOST_TEST(result.next->waiter == second);
  BOOST_TEST((result.next->todo == what::open));
}

BOOST_AUTO_TEST_SUITE_END()
