// Who gets a connection whose caller has left while it was made.
#include "net/pool/callers.hpp"

#include <cstddef>

using namespace test;

namespace {

/// A pool with one place, where the first connects and the second waits.
struct one_place {
  one_place() {
    run_until(io, [this] { return connects.gates.size() == 1 && pool.stats().waiting == 1; });
  }

  asio::io_context io;
  held_connects connects;
  net::pool pool{io.get_executor(), options()};
  caller first{io.get_executor(), pool};
  caller second{io.get_executor(), pool};

 private:
  net::pool_options options() {
    net::pool_options out;
    out.call_connections = 1;
    out.connect = connects.function();
    return out;
  }
};

/// A pool with room for all.
struct many_places {
  asio::io_context io;
  held_connects connects;
  net::pool pool{io.get_executor(), options()};

  /// So many connects, since the beginning.
  void begun(std::size_t count) {
    run_until(io, [this, count] { return connects.gates.size() == count; });
  }

 private:
  net::pool_options options() {
    net::pool_options out;
    out.connect = connects.function();
    return out;
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(passed_on)

BOOST_AUTO_TEST_CASE(one_that_fails_leaves_its_place_to_who_waits) {
  one_place here;
  leave(here.io, here.first);
  here.connects.gates[0]->open(asio::error::connection_refused);
  run_until(here.io, [&here] { return here.connects.gates.size() == 2; });
  here.connects.gates[1]->open();
  run_to_end(here.io, here.second);
  BOOST_TEST(here.second.got.has_value());
  here.second.got.reset();
  BOOST_TEST(here.pool.stats().connect_failures == 1u);
  BOOST_TEST(here.pool.stats().in_use == 0);
}

BOOST_FIXTURE_TEST_CASE(who_connects_meanwhile_takes_what_is_left_behind_and_leaves_its_own_to_the_next,
                        many_places) {
  caller first(io.get_executor(), pool);
  begun(1);
  leave(io, first);
  caller stream(io.get_executor(), pool, net::kind::stream);
  begun(2);
  caller second(io.get_executor(), pool);
  begun(3);
  caller third(io.get_executor(), pool);
  begun(4);
  connects.gates[0]->open();
  run_to_end(io, second);
  BOOST_TEST(second.got.has_value());
  BOOST_TEST(!second.record.reused);
  BOOST_TEST(!third.ended);
  connects.gates[2]->open();  // the second's own
  run_to_end(io, third);
  BOOST_TEST(third.got.has_value());
  BOOST_TEST(!stream.ended);
  BOOST_TEST(pool.stats().in_use == 4);
  connects.gates[3]->open(asio::error::connection_refused);
  connects.gates[1]->open();
  io.run();
  BOOST_TEST(stream.got.has_value());
  BOOST_TEST(pool.stats().in_use == 3);
  BOOST_TEST(pool.stats().opened == 3u);
  for (caller* const one : {&second, &third, &stream}) one->got.reset();
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().idle == 3);
}

BOOST_FIXTURE_TEST_CASE(what_is_left_behind_to_one_who_leaves_too_is_the_pools, many_places) {
  caller first(io.get_executor(), pool);
  begun(1);
  leave(io, first);
  caller second(io.get_executor(), pool);
  begun(2);
  connects.gates[0]->open();
  run_until(io, [this] { return pool.stats().opened == 1u; });
  second.leave();
  connects.gates[1]->open();
  io.run();
  BOOST_TEST(second.ended);
  second.got.reset();
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().idle == 2);
}

BOOST_AUTO_TEST_CASE(none_is_begun_for_a_caller_that_has_left) {
  one_place here;
  here.connects.gates[0]->open();
  run_to_end(here.io, here.first);
  const auto close_and_leave = [&here] {
    here.first.got->close();  // the second may connect now, and leaves before it has heard of that
    here.second.leave();
  };
  asio::post(here.io, close_and_leave);
  here.io.restart();
  here.io.run();
  BOOST_TEST(here.second.ended);
  BOOST_TEST(!here.second.got.has_value());
  BOOST_TEST(here.connects.gates.size() == 1u);
  BOOST_TEST(here.pool.stats().in_use == 0);
  BOOST_TEST(here.pool.stats().waiting == 0);
}

BOOST_FIXTURE_TEST_CASE(a_connection_that_is_made_as_its_caller_leaves_is_the_pools, many_places) {
  for (const bool made_first : {true, false}) {
    {
      const std::size_t number = connects.gates.size() + 1;
      caller one(io.get_executor(), pool);
      begun(number);
      if (!made_first) one.leave();
      connects.gates.back()->open();
      if (made_first) one.leave();
      io.run();
      BOOST_TEST(one.ended);
    }
    BOOST_TEST(pool.stats().in_use == 0);
    BOOST_TEST(pool.stats().idle == 1);
    net::progress record;
    net::lease taken = pool.try_acquire(net::kind::call, record);
    BOOST_TEST(static_cast<bool>(taken));
    taken.close();
  }
}

BOOST_AUTO_TEST_SUITE_END()
