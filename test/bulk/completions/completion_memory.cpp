// What a wait costs while its execution runs: bytes of this process, and requests.
#include "bulk/completions/completion_support.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

using namespace mistral::workflows;
using hub_test::with_hub;
using test::asio::awaitable;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool counts_bytes = false;
#elif defined(__has_feature)
constexpr bool counts_bytes = !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer);
#else
constexpr bool counts_bytes = true;
#endif

std::size_t bytes_in_use() {
  const auto now = mallinfo2();
  return now.uordblks + now.hblkhd;
}

std::string run_id_of(int number) {
  char text[37];
  std::snprintf(text, sizeof(text), "00000000-0000-4000-8000-%012d", number);
  return text;
}

// As bulk names them: a slug, and 40 digits.
std::string execution_id_of(int number) {
  char text[80];
  std::snprintf(text, sizeof(text), "nightly-batch-of-invoices-%040d", number);
  return text;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(completion_memory, with_hub)

BOOST_AUTO_TEST_CASE(a_wait_on_a_running_execution_costs_under_2_kilobytes_and_no_request) {
  // BULK_WAITS=50000 in the environment for as many as a controller may have.
  const char* const wanted = std::getenv("BULK_WAITS");
  const int count = wanted ? std::atoi(wanted) : 5'000;
  completions hub(client);
  int cancelled = 0;
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    expected keeps_it_at_work = hub.expect("other");
    co_await run_one(hub, "echo", "first");
    std::vector<expected> places;
    places.reserve(static_cast<std::size_t>(count));
    const std::size_t before = bytes_in_use();
    const timestamp at = std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    for (int i = 0; i < count; ++i) {
      places.push_back(hub.expect(execution_id_of(i)));
      places.back().started(run_id_of(i), at);
      // The coroutine that waits is counted, too.
      boost::asio::co_spawn(io, places.back().wait(),
                            [&](const std::exception_ptr& thrown, const completion&) {
                              if (thrown) ++cancelled;
                            });
    }
    // All of them wait when what was spawned before this has run.
    co_await boost::asio::post(io, boost::asio::use_awaitable);
    BOOST_TEST(hub.stats().waiting == static_cast<std::size_t>(count));
    const std::size_t each = (bytes_in_use() - before) / static_cast<std::size_t>(count);
    std::cout << "a wait: " << each << " bytes" << (counts_bytes ? "" : " (not counted)") << std::endl;
    if (counts_bytes) BOOST_TEST(each < 2'048u);
    // Among them the hub still sees ends.
    const completion end = co_await run_one(hub, "echo", "last");
    BOOST_TEST((end.seen_by == completion_source::event));
  });
  BOOST_TEST(cancelled == count);  // their places went with the body
  BOOST_TEST(gets() == 0);
  BOOST_TEST(hub.stats().waiting == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
