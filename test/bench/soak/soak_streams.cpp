// Follows many executions' events at once and holds what arrives
// against what the server, in a process of its own, counted.
// Without --rate connections are cut, stalled, paused, refused and slow, statuses lag, executions
// are continued as new, and the server is killed; with it nothing is disturbed, and memory and
// lag are judged. Prints one line of JSON at the end; exits with 1 where a promise was not kept.
#include "soak_complaints.hpp"
#include "soak_followers.hpp"
#include "soak_killer.hpp"
#include "soak_process.hpp"
#include "soak_server.hpp"
#include "soak_settings.hpp"
#include "soak_tally.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace json = boost::json;

// Boost.JSON writes 12.5 as 1.25E1, which is right and hard to read.
std::string line_of(const json::object& members) {
  std::string text = "{";
  for (const auto& [name, value] : members) {
    if (text.size() > 1) text += ',';
    text += json::serialize(json::value(name)) + ':';
    std::array<char, 32> number{};
    if (value.is_double())
      text.append(number.data(), static_cast<std::size_t>(std::snprintf(number.data(), number.size(), "%.2f",
                                                                        value.get_double())));
    else
      text += value.is_object() ? line_of(value.get_object()) : json::serialize(value);
  }
  return text + '}';
}

class soak_run {
 public:
  explicit soak_run(const soak::settings& wanted)
      : wanted_(wanted),
        server_(soak::server_arguments(wanted), wanted.seed, !wanted.steady()),
        killer_(server_, wanted_, wrong_),
        followers_(server_, wanted_, wrong_,
                   [this](soak::stream_tally& stream) { killer_.connected(stream); }) {}

  /// True if every promise was kept.
  bool go() {
    const std::int64_t rss_before = soak::max_rss_kb();
    if (!wanted_.steady()) killer_.start();
    followers_.run();
    killer_.stop();
    return report(rss_before);
  }

 private:
  soak::settings wanted_;
  soak::server_process server_;
  soak::complaints wrong_;
  soak::killer killer_;
  soak::followers followers_;

  bool report(std::int64_t rss_before) {
    const std::int64_t rss = soak::max_rss_kb();
    const double cpu = soak::cpu_seconds() - followers_.steady().cpu_before;
    if (!wanted_.steady()) killer_.add_counts();
    const json::object counted = server_.counts();
    std::int64_t delivered = 0, duplicates = 0, out_of_order = 0, reconnects = 0, numbered = 0;
    const auto& tallies = followers_.tallies();
    int fewest = tallies.front().reconnects();
    for (const soak::stream_tally& one : tallies) {
      delivered += one.delivered();
      numbered += one.numbered();
      duplicates += one.duplicates();
      out_of_order += one.out_of_order();
      reconnects += one.reconnects();
      fewest = std::min(fewest, one.reconnects());
    }
    const std::int64_t expected = counted.at("events").as_int64();
    const std::int64_t promised = static_cast<std::int64_t>(wanted_.streams) * wanted_.events;

    json::object out;
    out["streams"] = wanted_.streams;
    out["expected"] = expected;
    out["delivered"] = delivered;
    out["duplicates"] = duplicates;
    out["missing"] = expected - delivered;
    out["out_of_order"] = out_of_order;
    out["reconnects"] = reconnects;
    out["max_rss_mb"] = static_cast<double>(rss) / 1024;
    out["numbered"] = numbered;
    wrong_.add_unless(duplicates == 0, "events were delivered twice");
    wrong_.add_unless(out_of_order == 0, "events were delivered out of order");
    if (wanted_.steady())
      judge_steady(out, numbered, promised, rss, rss_before, cpu);
    else
      judge_faults(out, expected == delivered && numbered == promised, fewest);
    out["server_cpu_seconds"] = counted.at("cpu_seconds");
    out["server_max_rss_mb"] = counted.at("max_rss_mb");
    for (const std::string& one : wrong_.all()) std::cerr << "soak_streams: " << one << '\n';
    std::cout << line_of(out) << std::endl;
    return wrong_.all().empty();
  }

  void judge_faults(json::object& out, bool complete, int fewest) {
    json::object struck = killer_.struck();
    struck["server_restarts"] = killer_.restarts();
    wrong_.add_unless(complete, "events are missing");
    wrong_.add_unless(fewest >= 3, "a stream reconnected less than three times");
    for (const auto& kind : struck)
      wrong_.add_unless(kind.value().as_int64() > 0, "a kind of fault never occurred");
    out["fewest_reconnects"] = fewest;
    out["faults"] = std::move(struck);
  }

  void judge_steady(json::object& out, std::int64_t numbered, std::int64_t promised, std::int64_t rss,
                    std::int64_t rss_before, double cpu) {
    const auto& seen = followers_.steady();
    std::vector<std::uint32_t> lags_us = seen.lags_us;
    std::sort(lags_us.begin(), lags_us.end());
    const auto lag_ms = [&lags_us](double share) {
      if (lags_us.empty()) return 1e9;
      const auto at = static_cast<std::size_t>(share * static_cast<double>(lags_us.size() - 1));
      return lags_us[at] / 1e3;
    };
    const double kb_each = static_cast<double>(rss - rss_before) / wanted_.streams;
    out["promised"] = promised;
    out["open_at_once"] = seen.open_at_start;
    out["opening_seconds"] = seen.opening_seconds;
    out["kb_per_stream"] = kb_each;
    out["lag_p50_ms"] = lag_ms(0.5);
    out["lag_p99_ms"] = lag_ms(0.99);
    out["lag_max_ms"] = lag_ms(1.0);
    out["client_cpu_seconds"] = cpu;
    wrong_.add_unless(seen.open_at_start == wanted_.streams, "not all streams were open at once");
    wrong_.add_unless(seen.opening_seconds <= 60, "opening the streams took more than 60 s");
    wrong_.add_unless(numbered * 100 >= promised * 99, "less than 99 % of the events were delivered");
    wrong_.add_unless(lag_ms(0.99) < 1000, "the 99th percentile of the lag is 1 s or more");
    // Of a few streams what any process needs is the larger part.
    wrong_.add_unless(kb_each < 60 || wanted_.streams < 1000, "a stream takes 60 KB of memory or more");
  }
};

}  // namespace

int main(int count, char** arguments) {
  soak::settings wanted;
  try {
    wanted = soak::read_command_line(count, arguments);
  } catch (const std::invalid_argument& e) {
    std::cerr << "soak_streams: not understood: " << e.what()
              << "\nusage: soak_streams [--streams N] [--events N] [--seconds S] [--rate EVENTS_PER_SECOND] "
                 "[--seed N]\n"
                 "With --rate no faults, and the events of a stream are rate x seconds.\n";
    return 2;
  }
  try {
    if (wanted.serve) return soak::serve(wanted);
    soak::allow_files(wanted.streams + 1000);
    if (wanted.steady()) soak::stay_on_core(0);
    soak_run run(wanted);
    return run.go() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "soak_streams: " << e.what() << '\n';
    return 1;
  }
}
