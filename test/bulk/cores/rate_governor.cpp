#include "bulk/rate_governor.hpp"

#include "bulk/cores/random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <vector>

using mistral::workflows::bulk_core::rate_governor;
using namespace std::chrono_literals;

namespace {

using time_point = rate_governor::time_point;
using duration = rate_governor::duration;

duration from_seconds(double s) { return std::chrono::duration_cast<duration>(std::chrono::duration<double>(s)); }

/// A server that lets so many through a second.
struct server_rules {
  std::string name;
  double burst = 0.1;               // seconds of its limit that it lets through at once
  std::optional<double> wait{};     // Retry-After, seconds
  double latency_from = 0.02;       // seconds
  double latency_to = 0.08;
  bool windows = false;             // so many in each whole second, in place of a bucket
};

/// 200 a second, then 50, then 400: 60 s each. What a governor makes of it that always has something to send.
class scripted_host {
 public:
  scripted_host(const server_rules& rules, std::uint64_t seed, double callers_limit = 0)
      : rules_(rules), random_(seed), governor_(callers_limit) {}

  static constexpr double phase = 60;
  static constexpr double limits[] = {200, 50, 400};
  static double limit_at(double s) { return limits[std::min<std::size_t>(2, static_cast<std::size_t>(s / phase))]; }

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
  bulk_test::random_source random_;
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
      governor_.accepted(made.sent, at_);
    else
      governor_.throttled(made.sent, rules_.wait ? std::optional(from_seconds(*rules_.wait)) : std::nullopt, at_);
  }
};

std::vector<server_rules> servers() {
  std::vector<server_rules> all(7);
  all[0].name = "no burst, no Retry-After";
  all[0].burst = 0;
  all[1].name = "a tenth of a second's burst, no Retry-After";
  all[2].name = "a second's burst, no Retry-After";
  all[2].burst = 1;
  all[3].name = "a second's burst, Retry-After of 1 s";
  all[3].burst = 1;
  all[3].wait = 1;
  all[4].name = "a tenth of a second's burst, slow answers";
  all[4].latency_from = 0.1;
  all[4].latency_to = 0.6;
  all[5].name = "no burst, Retry-After 1s";
  all[5].burst = 0.0;
  all[5].wait = 1;
  all[6].name = "whole seconds, Retry-After 1s";
  all[6].windows = true;
  all[6].wait = 1;
  return all;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(bulk_rate_governor)

BOOST_AUTO_TEST_CASE(a_governed_rate_is_within_a_tenth_of_the_servers_limit_half_a_minute_after_each_change) {
  for (const server_rules& server : servers()) {
    double worst = 0, refused = 0, mean=0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      scripted_host host(server, seed);
      host.run();
      worst = std::max(worst, host.worst());
      refused = std::max(refused, host.share_refused());
      mean += (host.mean(30,60)/200+host.mean(90,120)/50+host.mean(150,180)/400)/24;
    for (double t = 0; t < 180 && seed==1 && getenv("V"); t += 5) printf("%g ", host.mean(t, t + 5));
    }
    BOOST_TEST_MESSAGE("rate governor: " << server.name << ": at worst " << worst * 100 << " % off, " << refused * 100 << "mean " << mean
                                         << " % refused");
    BOOST_TEST(worst < 0.1, server.name);
    BOOST_TEST(refused < 0.05, server.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
