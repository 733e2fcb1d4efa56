// The threads of look-ups: who shares one, which are begun
// again, how many there are, and what a child has of them.
#include "forked.hpp"
#include "net/connect/name_service.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <semaphore>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// Look-ups whose time a test moves.
struct timed_look_ups {
  timed_look_ups() = default;

  std::atomic<std::chrono::steady_clock::duration> time{0s};
  name_service names;
  answers came, others;
  net::lookup_threads threads{means()};

  net::lookup_means means() {
    net::lookup_means out = names.means();
    out.now = [this] { return std::chrono::steady_clock::time_point(time); };
    return out;
  }
  void pass(std::chrono::steady_clock::duration by) { time = time.load() + by; }
};

/// What a child says once it has done that; one that hangs is killed, and says nothing.
std::string child_that(const std::function<void()>& does) {
  return told_by_child([&does] {
    ::alarm(20);
    does();
    return std::string("done");
  });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(threads_of_look_ups)

BOOST_AUTO_TEST_CASE(who_asks_for_a_name_that_hangs_joins_its_look_up) {
  name_service names;
  answers came;
  net::lookup_threads threads(names.means());
  threads.start("hangs.example", came.take());
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(1);
  threads.start("hangs.example", came.take());
  names.let_go();
  for (int i = 0; i < 3; ++i) came.wait();
  BOOST_TEST(names.asked == 1);
  threads.start("hangs.example", came.take());  // over by now, so this is a new one
  names.let_go();
  came.wait();
  BOOST_TEST(names.asked == 2);
}

BOOST_FIXTURE_TEST_CASE(a_look_up_that_hangs_for_long_is_begun_again_and_the_first_answer_counts_for_all,
                        timed_look_ups) {
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(1);
  pass(net::lookup_threads::patience - 1ms);
  threads.start("hangs.example", came.take());
  pass(1ms);
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(2);
  threads.start("hangs.example", came.take());  // joins the second
  BOOST_TEST(names.asked == 2);
  BOOST_TEST(!came.came());
  names.let_go();
  for (int i = 0; i < 4; ++i) came.wait();
  names.let_go();
  names.wait_until_hanging(0);
  threads.end();
  BOOST_TEST(!came.came());  // whose answer came second told nobody
}

BOOST_FIXTURE_TEST_CASE(who_asks_after_an_answer_does_not_join_a_look_up_taken_for_lost, timed_look_ups) {
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(1);
  pass(net::lookup_threads::patience);
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(2);
  names.let_go();
  for (int i = 0; i < 2; ++i) came.wait();
  pass(net::lookup_threads::patience);  // of whichever is left
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(2);
  BOOST_TEST(names.asked == 3);
  names.let_go(2);
  came.wait();
}

BOOST_FIXTURE_TEST_CASE(a_name_begun_again_and_again_leaves_half_of_the_threads_to_others, timed_look_ups) {
  for (int i = 0; i < 8; ++i) {
    threads.start("hangs.example", came.take());
    names.wait_until_hanging(std::min(i + 1, 4));
    pass(net::lookup_threads::patience);
  }
  BOOST_TEST(names.asked == 4);
  for (int i = 0; i < 4; ++i) threads.start("quick" + std::to_string(i) + ".example", others.take());
  for (int i = 0; i < 4; ++i) others.wait();
  BOOST_TEST(names.hanging == 4);
  names.let_go(4);
  for (int i = 0; i < 8; ++i) came.wait();
}

BOOST_FIXTURE_TEST_CASE(a_name_that_cannot_be_begun_again_waits_for_the_look_up_that_was_taken_for_lost,
                        timed_look_ups) {
  std::atomic<bool> refused{false};
  net::lookup_means with_few = means();
  with_few.start_thread = [&refused](std::function<void()> work) {
    if (refused) throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    return std::thread(std::move(work));
  };
  net::lookup_threads few(with_few);
  few.start("hangs.example", came.take());
  names.wait_until_hanging(1);
  pass(net::lookup_threads::patience);
  refused = true;
  few.start("hangs.example", came.take());
  names.let_go();
  for (int i = 0; i < 2; ++i) came.wait();
  BOOST_TEST(names.asked == 1);
}

BOOST_AUTO_TEST_CASE(eight_names_may_hang_and_a_ninth_has_the_thread_of_the_first_that_does_not) {
  name_service names;
  net::lookup_means means = names.means();
  std::atomic<int> begun{0};
  means.start_thread = [&](std::function<void()> work) {
    ++begun;
    return std::thread(std::move(work));
  };
  answers hanging, ninth;
  net::lookup_threads threads(means);
  for (int i = 0; i < 8; ++i) threads.start("hangs" + std::to_string(i) + ".example", hanging.take());
  names.wait_until_hanging(8);
  threads.start("ninth.example", ninth.take());
  BOOST_TEST(names.asked == 8);
  BOOST_TEST(!ninth.came());
  names.let_go();
  hanging.wait();
  ninth.wait();
  BOOST_TEST(begun == 8);
  names.let_go(7);
  for (int i = 0; i < 7; ++i) hanging.wait();
}

BOOST_AUTO_TEST_CASE(a_child_ends_its_context_while_a_look_up_of_its_parents_answers) {
  name_service names;
  std::binary_semaphore answers(0), go_on(0);
  auto io = std::make_unique<asio::io_context>();
  net::look_up_by(*io, names.means());
  net::look_up(*io, "quick.example", [&](boost::system::error_code, const addresses&) {
    answers.release();
    go_on.acquire();
  });
  answers.acquire();
  BOOST_TEST(child_that([&io] { io.reset(); }) == "done");
  go_on.release();
}

BOOST_AUTO_TEST_CASE(a_child_ends_look_ups_that_its_parent_was_beginning) {
  name_service names;
  net::lookup_means means = names.means();
  std::binary_semaphore begins(0), go_on(0);
  means.start_thread = [&](std::function<void()> work) {
    begins.release();
    go_on.acquire();
    return std::thread(std::move(work));
  };
  answers came;
  auto threads = std::make_unique<net::lookup_threads>(means);
  std::thread other([&] { threads->start("quick.example", came.take()); });
  begins.acquire();
  BOOST_TEST(child_that([&threads] { threads.reset(); }) == "done");
  go_on.release();
  other.join();
  came.wait();
}

BOOST_AUTO_TEST_CASE(a_child_asks_anew_for_a_name_that_hangs_in_its_parent) {
  name_service names;
  net::lookup_means means = names.means();
  bool here = true;
  means.start_thread = [&here](std::function<void()> work) {
    if (here) return std::thread(std::move(work));
    throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
  };
  answers came;
  net::lookup_threads threads(means);
  threads.start("hangs.example", came.take());
  names.wait_until_hanging(1);
  const std::string told = told_by_child([&] {
    here = false;
    try {
      threads.start("hangs.example", came.take());
    } catch (const std::system_error&) {
      return std::string("would have begun a thread");
    }
    return std::string("has joined what is not there");
  });
  BOOST_TEST(told == "would have begun a thread");
  names.let_go();
  came.wait();
}

BOOST_AUTO_TEST_SUITE_END()
