#include "bulk/rate_governor.hpp"

#include "random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using mistral::workflows::bulk_core::rate_governor;
using namespace std::chrono_literals;

namespace {

using time_point = rate_governor::time_point;
using duration = rate_governor::duration;

duration from_seconds(double s) {
  return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s));
}

/// A server that lets so many through a second.
struct server_rules {
  std::string name;
  double burst = 0.1;            // seconds of its limit that it lets through at once
  std::optional<double> wait{};  // Retry-After, seconds
  double latency_from = 0.02;    // seconds
  double latency_to = 0.08;
  bool windows = false;  // so many in each whole second, in place of a bucket
};

/// 200 a second, then 50, then 400: 60 s each. What a governor makes of it that always has something to send.
class scripted_host {
 public:
  scripted_host(const server_rules& rules, std::uint64_t seed, double callers_limit = 0)
      : rules_(rules), random_(seed), governor_(callers_limit) {}

  static constexpr double phase = 60;
  static constexpr double limits[] = {200, 50, 400};
  static double limit_at(double s) {
    return limits[std::min<std::size_t>(2, static_cast<std::size_t>(s / phase))];
  }

  void run(double until = 3 * phase) {
    while (now() < until) {
      const std::optional<duration> wait = governor_.take(at_);
      if (!wait) {
        send();
        continue;
      }
      const time_point next = at_ + *wait;
      if (!answers_.empty() && answers_.begin()->first <= next)
        take_answer();
      else
        at_ = next;
    }
  }

  double share_refused() const { return static_cast<double>(refused_) / static_cast<double>(sent_); }
  /// Accepted per second in [from, to).
  double mean(double from, double to) const {
    const auto first = std::lower_bound(accepted_.begin(), accepted_.end(), from);
    const auto last = std::lower_bound(accepted_.begin(), accepted_.end(), to);
    return static_cast<double>(last - first) / (to - from);
  }
  /// By which part of the limit the worst mean over 10 s is off, from 30 s after each change on.
  double worst() const {
    double most = 0;
    for (int change = 0; change < 3; ++change)
      for (double from = change * phase + 30; from + 10 <= (change + 1) * phase; from += 1)
        most = std::max(most, std::abs(mean(from, from + 10) / limits[change] - 1));
    return most;
  }

 private:
  struct answer {
    bool good = false;
    time_point sent{};
  };

  server_rules rules_;
  test::random_source random_;
  rate_governor governor_;
  time_point at_{};
  std::multimap<time_point, answer> answers_;
  double tokens_ = 0;
  double counted_to_ = 0;
  std::uint64_t sent_ = 0, refused_ = 0;
  std::vector<double> accepted_;

  double now() const { return std::chrono::duration<double>(at_.time_since_epoch()).count(); }

  void send() {
    ++sent_;
    const double limit = limit_at(now());
    if (!rules_.windows)
      tokens_ = std::min(std::max(1.0, limit * rules_.burst), tokens_ + limit * (now() - counted_to_));
    else if (std::floor(now()) > std::floor(counted_to_))
      tokens_ = limit;
    counted_to_ = now();
    answer made;
    made.sent = at_;
    made.good = tokens_ >= 1;
    if (made.good) {
      tokens_ -= 1;
      accepted_.push_back(now());
    } else {
      ++refused_;
    }
    answers_.emplace(at_ + from_seconds(random_.between(rules_.latency_from, rules_.latency_to)), made);
  }

  void take_answer() {
    const auto [when, made] = *answers_.begin();
    answers_.erase(answers_.begin());
    at_ = std::max(at_, when);
    if (made.good)
      governor_.accepted(at_);
    else
      governor_.throttled(made.sent, rules_.wait ? std::optional(from_seconds(*rules_.wait)) : std::nullopt,
                          at_);
  }
};

server_rules server(std::string name, double burst, std::optional<double> wait) {
  server_rules rules;
  rules.name = std::move(name);
  rules.burst = burst;
  rules.wait = wait;
  return rules;
}

std::vector<server_rules> servers_that_count_in_a_bucket() {
  std::vector<server_rules> all{
      server("no burst", 0, std::nullopt), server("a burst of 0.1 s", 0.1, std::nullopt),
      server("a burst of 1 s", 1, std::nullopt), server("a burst of 1 s, Retry-After", 1, 1.0)};
  all.push_back(server("a burst of 0.1 s, slow answers", 0.1, std::nullopt));
  all.back().latency_from = 0.1;
  all.back().latency_to = 0.6;
  return all;
}

std::vector<server_rules> servers_that_forget() {
  std::vector<server_rules> all{server("no burst, Retry-After", 0, 1.0),
                                server("whole seconds, Retry-After", 0, 1.0)};
  all.back().windows = true;
  return all;
}

/// What was the worst of several runs.
struct several_runs {
  explicit several_runs(const server_rules& rules) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      scripted_host host(rules, seed);
      host.run();
      off = std::max(off, host.worst());
      refused = std::max(refused, host.share_refused());
      for (int change = 0; change < 3; ++change)
        used = std::min(used,
                        host.mean(change * host.phase + 30, (change + 1) * host.phase) / host.limits[change]);
    }
    BOOST_TEST_MESSAGE("rate governor, " << rules.name << ": a mean over 10 s is off by " << off * 100
                                         << " % at worst, refused " << refused * 100 << " %, of 30 s it used "
                                         << used * 100 << " % or more");
  }

  static constexpr std::uint64_t seeds = 8;
  double off = 0, refused = 0, used = 1;
};

constexpr time_point begin{};

/// How many starts are allowed from `from` on for `span`, by somebody who always waits.
int starts(rate_governor& governor, time_point from, duration span) {
  int count = 0;
  for (time_point at = from; at < from + span;) {
    const auto wait = governor.take(at);
    count += wait ? 0 : 1;
    if (wait) at += *wait;
  }
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bulk_rate_governor)

// The server's limit is 200 a second, then 50, then 400.
BOOST_AUTO_TEST_CASE(half_a_minute_after_each_change_the_rate_is_within_a_tenth_of_the_servers_limit) {
  for (const server_rules& rules : servers_that_count_in_a_bucket()) {
    const several_runs runs(rules);
    BOOST_TEST(runs.off < 0.09, rules.name);
    BOOST_TEST(runs.refused < 0.02, rules.name);
  }
}

BOOST_AUTO_TEST_CASE(where_each_refusal_costs_a_second_for_good_two_thirds_of_the_limit_are_used) {
  for (const server_rules& rules : servers_that_forget()) {
    const several_runs runs(rules);
    BOOST_TEST(runs.used > 0.66, rules.name);
    BOOST_TEST(runs.refused < 0.02, rules.name);
  }
}

BOOST_AUTO_TEST_CASE(the_callers_limit_holds_from_the_first_second_and_where_the_server_allows_more) {
  rate_governor governor(20);
  BOOST_TEST(governor.current() == 20);
  for (int second = 0; second < 10; ++second) {
    const int count = starts(governor, begin + std::chrono::seconds(second), 1s);
    BOOST_TEST(count >= 19);
    BOOST_TEST(count <= 21);
  }
  scripted_host host(servers_that_count_in_a_bucket()[1], 1, 40);
  host.run();
  BOOST_TEST(host.mean(0, 180) < 41);
  BOOST_TEST(host.mean(0, 180) > 39);
  BOOST_TEST(host.share_refused() < 0.001);
}

BOOST_AUTO_TEST_CASE(a_limit_under_which_a_start_takes_longer_than_a_clock_counts_is_one_in_a_century) {
  constexpr auto year = std::chrono::hours(24 * 365);
  for (const double limit : {1e-11, 1e-300}) {
    rate_governor first(limit);
    rate_governor changed;
    changed.set_limit(limit, begin);
    for (rate_governor* const each : {&first, &changed}) {
      while (!each->take(begin)) {  // what was saved up
      }
      const duration wait = each->take(begin).value();
      BOOST_TEST((wait > 40 * year));  // a part of the next may be saved up, too
      BOOST_TEST((wait < 101 * year));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_changed_holds_from_then_on) {
  rate_governor governor(100);
  starts(governor, begin, 1s);
  governor.set_limit(10, begin + 1s);
  BOOST_TEST(starts(governor, begin + 1s, 10s) <= 106);  // with what a moment of the old rate had saved up
  governor.set_limit(0, begin + 11s);
  BOOST_TEST(governor.current() == 0);
  BOOST_TEST(starts(governor, begin + 11s, 5s) > 100);
}

BOOST_AUTO_TEST_CASE(nothing_is_sent_before_a_retry_after_is_over) {
  rate_governor governor;
  BOOST_TEST(!governor.take(begin));
  governor.throttled(begin, 7s, begin + 100ms);
  BOOST_TEST(governor.take(begin + 100ms).value() == 7s);
  BOOST_TEST(governor.take(begin + 7s).value() == 100ms);
  BOOST_TEST(governor.take(begin + 7100ms).value() > 0ns);  // and then not all at once
  BOOST_TEST(starts(governor, begin + 7100ms, 2s) > 0);
}

BOOST_AUTO_TEST_CASE(refusals_of_requests_that_were_under_way_together_lower_the_rate_once) {
  rate_governor governor(100);
  for (int i = 0; i < 200; ++i) governor.accepted(begin + i * 10ms);
  governor.throttled(begin + 1900ms, std::nullopt, begin + 2s);
  const double once = governor.current();
  BOOST_TEST(once < 100);
  BOOST_TEST(once > 80);
  for (int i = 0; i < 20; ++i) governor.throttled(begin + 1950ms, std::nullopt, begin + 2010ms);
  BOOST_TEST(governor.current() == once);
  BOOST_TEST(governor.refusals() == 21u);
  governor.throttled(begin + 2020ms, std::nullopt, begin + 2100ms);
  BOOST_TEST(governor.current() < once);
}

BOOST_AUTO_TEST_CASE(a_rate_that_nobody_uses_does_not_rise) {
  rate_governor governor;
  starts(governor, begin, 1s);
  governor.throttled(begin + 1s, std::nullopt, begin + 1s);
  const double after = governor.current();
  for (int i = 0; i < 600; ++i) governor.take(begin + 2s + i * 1s);  // one a second
  BOOST_TEST(governor.current() == after, boost::test_tools::tolerance(0.05));
}

BOOST_AUTO_TEST_CASE(a_server_that_refuses_everything_is_asked_less_and_less_but_not_forgotten) {
  rate_governor governor;
  time_point at = begin;
  int sent = 0;
  while (at < begin + 10min) {
    if (const auto wait = governor.take(at)) {
      at += *wait;
      continue;
    }
    ++sent;
    governor.throttled(at, std::nullopt, at + 1ms);
    at += 1ms;
  }
  BOOST_TEST(sent >= 8);
  BOOST_TEST(sent < 200);
}

BOOST_AUTO_TEST_CASE(a_limit_that_is_taken_away_holds_nobody_up) {
  const time_point begin{};
  rate_governor governor(0.02);
  BOOST_TEST(!governor.take(begin).has_value());
  BOOST_TEST((governor.take(begin).value() > from_seconds(40)));
  governor.set_limit(0, begin);
  BOOST_TEST(governor.current() == 0);
  BOOST_TEST((governor.take(begin).value() < from_seconds(0.1)));
}

BOOST_AUTO_TEST_SUITE_END()
