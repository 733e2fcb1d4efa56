#include "bulk/concurrency_governor.hpp"

#include "random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

using mistral::workflows::bulk_core::concurrency_governor;
using namespace std::chrono_literals;

namespace {

using time_point = concurrency_governor::time_point;
using duration = concurrency_governor::duration;

constexpr time_point begin{};

duration from_seconds(double s) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
}

/// A server of so many workers with a queue before them; beyond that it answers 503 at
/// once. A caller that always has something to send sends as much as the governor lets it.
class queueing_host {
 public:
  queueing_host(std::uint64_t seed, std::size_t most, std::size_t at_once, std::size_t waiting = 100'000)
      : workers(at_once), queue(waiting), governor(most), random_(seed) {}

  std::size_t workers;
  std::size_t queue;
  double service = 0.02;  // seconds, a mean
  bool wild = false;      // some of its answers take several times as long as others
  double way = 0.01;      // seconds, there and back together
  concurrency_governor governor;
  double now = 0;
  // Since forget():
  std::uint64_t served = 0, refused = 0;
  double waited = 0;  // seconds, of all that were served

  void forget() {
    served = refused = 0;
    waited = 0;
  }
  double latency() const { return waited / static_cast<double>(served); }

  void run(double span) {
    const double until = now + span;
    while (now < until) {
      while (in_flight_ < governor.limit()) send();
      const auto [when, what] = *events_.begin();
      events_.erase(events_.begin());
      now = std::max(now, when);
      happened(what);
    }
  }

 private:
  enum class step { arrived, served, answered, refused };
  struct event {
    step what = step::arrived;
    double sent = 0;
  };

  test::random_source random_;
  std::multimap<double, event> events_;
  std::deque<double> line_;
  std::size_t busy_ = 0;
  std::size_t in_flight_ = 0;

  void later(double seconds, step what, double sent) {
    event next;
    next.what = what;
    next.sent = sent;
    events_.emplace(now + seconds, next);
  }
  void send() {
    ++in_flight_;
    later(way / 2 * random_.between(0.8, 1.2), step::arrived, now);
  }
  void serve(double sent) {
    ++busy_;
    later(wild ? random_.exponential(service) : service * random_.between(0.5, 1.5), step::served, sent);
  }

  void happened(const event& what) {
    switch (what.what) {
      case step::arrived:
        if (busy_ < workers)
          serve(what.sent);
        else if (line_.size() < queue)
          line_.push_back(what.sent);
        else
          later(way / 2, step::refused, what.sent);
        return;
      case step::served:
        --busy_;
        later(way / 2 * random_.between(0.8, 1.2), step::answered, what.sent);
        if (line_.empty() || busy_ >= workers) return;
        serve(line_.front());
        line_.pop_front();
        return;
      case step::answered:
        ++served;
        waited += now - what.sent;
        governor.answered(begin + from_seconds(what.sent), in_flight_--, begin + from_seconds(now));
        return;
      case step::refused:
        ++refused;
        --in_flight_;
        governor.overloaded(begin + from_seconds(what.sent), begin + from_seconds(now));
        return;
    }
  }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(bulk_concurrency_governor)

BOOST_AUTO_TEST_CASE(a_server_is_kept_busy_and_its_queue_short) {
  for (const std::size_t workers : {2, 10, 100}) {
    double least_used = 1, most_latency = 0;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      queueing_host host(seed, 2000, workers);
      host.run(32);
      host.forget();
      host.run(45);
      const double possible = static_cast<double>(workers) / host.service * 45;
      least_used = std::min(least_used, static_cast<double>(host.served) / possible);
      most_latency = std::max(most_latency, host.latency());
    }
    BOOST_TEST_MESSAGE("concurrency governor: " << workers << " workers: used " << least_used * 100
                                                << " %, latency " << most_latency * 1000 << " ms of 30");
    BOOST_TEST(least_used > 0.9);
    BOOST_TEST(most_latency < 0.090);
  }
}

BOOST_AUTO_TEST_CASE(latencies_that_differ_by_chance_alone_lower_nothing) {
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    queueing_host host(seed, 100, 100'000);
    host.wild = true;
    host.way = 0;
    host.run(5);
    host.forget();
    host.run(60);
    // All that 100 at a time can have, but for the moments of looking.
    BOOST_TEST(static_cast<double>(host.served) > 0.9 * 60 * 100 / host.service);
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_loses_and_gains_workers_is_followed) {
  queueing_host host(7, 2000, 60);
  host.run(40);
  for (const std::size_t workers : {15, 80}) {
    host.workers = workers;
    host.run(35);
    host.forget();
    host.run(35);
    BOOST_TEST(static_cast<double>(host.served) > 0.9 * 35 * static_cast<double>(workers) / host.service);
    BOOST_TEST(host.latency() < 0.120);
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_beyond_a_short_queue_is_refused_little) {
  queueing_host host(3, 2000, 40, 10);
  host.run(30);
  host.forget();
  host.run(60);
  BOOST_TEST(static_cast<double>(host.served) > 0.85 * 60 * 40 / host.service);
  BOOST_TEST(static_cast<double>(host.refused) < 0.02 * static_cast<double>(host.served));
}

BOOST_AUTO_TEST_CASE(the_limit_stays_between_one_and_the_callers) {
  queueing_host few(1, 8, 1000);
  few.run(10);
  BOOST_TEST(few.governor.limit() == 8u);

  concurrency_governor governor(0);
  BOOST_TEST(governor.limit() == 1u);
  governor.set_most(100);
  for (int i = 0; i < 100; ++i) governor.overloaded(begin + i * 2s, begin + i * 2s + 1s);
  BOOST_TEST(governor.limit() == 1u);
}

BOOST_AUTO_TEST_CASE(an_outage_is_forgotten_some_seconds_after_its_end) {
  queueing_host host(1, 2000, 50);
  host.run(10);
  const std::size_t before = host.governor.limit();
  for (int i = 0; i < 20; ++i) {
    const time_point at = begin + from_seconds(host.now) + i * 1ms;
    host.governor.overloaded(at + 1us, at + 1ms);
  }
  BOOST_TEST(host.governor.limit() == 1u);
  host.run(8);
  BOOST_TEST(host.governor.limit() > before / 2);
}

BOOST_AUTO_TEST_CASE(a_lower_limit_of_the_callers_holds_at_once) {
  queueing_host host(1, 500, 400);
  host.run(10);
  BOOST_TEST(host.governor.limit() > 100u);
  host.governor.set_most(10);
  BOOST_TEST(host.governor.limit() == 10u);
}

BOOST_AUTO_TEST_CASE(requests_that_failed_together_lower_the_limit_once) {
  concurrency_governor governor(100);
  const std::size_t before = governor.limit();
  governor.overloaded(begin + 1s, begin + 2s);
  const std::size_t once = governor.limit();
  BOOST_TEST(once < before);
  for (int i = 0; i < 20; ++i) governor.overloaded(begin + 1500ms, begin + 2100ms);
  BOOST_TEST(governor.limit() == once);
  governor.overloaded(begin + 2200ms, begin + 2300ms);
  BOOST_TEST(governor.limit() < once);
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_not_reached_does_not_rise) {
  concurrency_governor governor(1000);
  const std::size_t before = governor.limit();
  for (int i = 0; i < 5'000; ++i) governor.answered(begin + i * 10ms, 3, begin + i * 10ms + 5ms);
  BOOST_TEST(governor.limit() <= before);
}

BOOST_AUTO_TEST_SUITE_END()
