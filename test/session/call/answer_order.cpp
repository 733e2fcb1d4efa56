#include "session/call/answer_order.hpp"

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <thread>
#include <vector>

using mistral::workflows::session::answer_memory;
using mistral::workflows::session::answer_order;

namespace {

const char calls[2 * answer_order::most] = {};

std::vector<answer_order::number> send(std::size_t count, const char* first) {
  std::vector<answer_order::number> out;
  for (std::size_t i = 0; i < count; ++i) {
    answer_memory used;
    used.operation = first + i;
    out.push_back(answer_order::sent(used));
  }
  return out;
}

// So many in flight that they are kept from here on.
void crowd() { answer_order::came(send(200, calls).front()); }

// On a thread of its own, where nothing was sent before.
template <class Body>
void on_new_thread(Body body) {
  std::thread(body).join();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_order_of_answers)

BOOST_AUTO_TEST_CASE(what_comes_soon_is_what_was_sent_soon_after) {
  on_new_thread([] {
    crowd();
    const auto numbers = send(10, calls);
    for (std::size_t i = 0; i + 2 < numbers.size(); ++i) {
      const answer_memory* const next = answer_order::soon_after(numbers[i]);
      BOOST_REQUIRE(next != nullptr);
      BOOST_TEST(next->operation == calls + i + 2);
    }
    BOOST_TEST(answer_order::soon_after(numbers[8]) == nullptr);
    BOOST_TEST(answer_order::soon_after(numbers[9]) == nullptr);
  });
}

BOOST_AUTO_TEST_CASE(of_a_few_in_flight_none_is_kept) {
  on_new_thread([] {
    crowd();
    const auto few = send(10, calls);
    answer_order::came(few[0]);
    const auto later = send(10, calls);
    BOOST_TEST(answer_order::soon_after(later[0]) == nullptr);
  });
}

BOOST_AUTO_TEST_CASE(what_is_too_long_ago_is_not_taken_for_another) {
  on_new_thread([] {
    crowd();
    const auto numbers = send(answer_order::most + 3, calls);
    BOOST_TEST(answer_order::soon_after(numbers[0]) == nullptr);
    BOOST_REQUIRE(answer_order::soon_after(numbers[1]) != nullptr);
    BOOST_TEST(answer_order::soon_after(numbers[1])->operation == calls + 3);
  });
}

BOOST_AUTO_TEST_CASE(an_answer_on_another_thread_or_after_all_is_gone_does_no_harm) {
  crowd();
  const auto numbers = [] {
    const std::vector<char> gone(200);
    return send(200, gone.data());
  }();
  for (const auto number : numbers) answer_order::came(number);
  on_new_thread([&] {
    BOOST_TEST(answer_order::soon_after(numbers[0]) == nullptr);
    answer_order::came(numbers[0]);
  });
}

BOOST_AUTO_TEST_SUITE_END()
