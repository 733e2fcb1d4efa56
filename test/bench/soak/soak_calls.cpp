// Many callers against a server in another process that fails in every way, is killed and starts
// again: is anything started twice, does a run end that nobody asked to end, is a connection lost,
// do the calls succeed? The last line it prints is JSON; it fails unless all is as it should be.
#include "soak_callers.hpp"
#include "soak_calls_server.hpp"
#include "soak_process.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;
using soak::call_class;
namespace json = boost::json;
namespace wf = soak::wf;

// The short form is a test, also with sanitizers and on
// busy machines, where a restart alone may take seconds.
wf::client_options options_for(const soak::server_process& server, bool full) {
  wf::client_options options;
  options.server_url = server.url();
  options.api_key = "soak";
  options.tls.ca_file = server.ca_file();
  options.max_connections = 64;
  options.call_deadline = options.handler_deadline = full ? 2'500ms : 15'000ms;
  options.retry.max_attempts = 30;
  options.retry.initial_backoff = 20ms;
  options.retry.max_backoff = 200ms;
  options.retry.within_budget = false;
  return options;
}

void print(const wf::client_options& options) {
  std::cout << "call_deadline and handler_deadline " << options.call_deadline.count() << " ms, back-off "
            << options.retry.initial_backoff.count() << " to " << options.retry.max_backoff.count()
            << " ms, at most " << options.retry.max_attempts << " attempts, no retry budget, "
            << options.max_connections << " connections\n";
}

class soak_run {
 public:
  explicit soak_run(const soak::settings& wanted)
      : wanted_(wanted),
        server_(std::vector<std::string>(), wanted.seed, true),
        options_(options_for(server_, full())),
        client_(io_, options_),
        callers_(io_, client_, wanted.callers, std::chrono::milliseconds(full() ? 1500 : 100), wanted.seed) {}

  /// True if every promise was kept.
  bool go() {
    print(options_);
    auto keep_running = boost::asio::make_work_guard(io_);
    std::thread runner([this] { io_.run(); });
    callers_.start();
    const auto began = clock_type::now();
    disturb_until(began + std::chrono::duration_cast<clock_type::duration>(
                              std::chrono::duration<double>(wanted_.seconds)));
    server_.tell("quiet");
    on_client([this] { callers_.stop(); });
    while (on_client([this] { return callers_.left(); }) > 0) std::this_thread::sleep_for(20ms);
    collect();
    count_leaks();
    const json::object done = server_.ask("done");
    keep_running.reset();
    runner.join();
    started_twice_ = beyond(done.at("started").as_object(), callers_.tally().starts_asked, 1);
    ended_unasked_ = beyond(done.at("ended").as_object(), callers_.tally().endings_asked, 0);
    ids_ = static_cast<std::int64_t>(done.at("started").as_object().size());
    return report();
  }

 private:
  soak::settings wanted_;
  soak::server_process server_;
  wf::client_options options_;
  boost::asio::io_context io_;
  wf::client client_;
  soak::callers callers_;
  std::map<std::string, std::int64_t> struck_;
  std::vector<std::int64_t> bursts_;
  int restarts_ = 0;
  std::int64_t leaked_ = 0;
  std::int64_t ids_ = 0;
  std::int64_t started_twice_ = 0;  // ids
  std::int64_t ended_unasked_ = 0;  // ids
  bool kept_ = true;

  /// Long enough that the counts of the issue can be asked for.
  bool full() const { return wanted_.seconds >= 45; }

  template <class Work>
  std::invoke_result_t<Work> on_client(Work work) {
    auto task = std::make_shared<std::packaged_task<std::invoke_result_t<Work>()>>(std::move(work));
    auto result = task->get_future();
    boost::asio::post(io_, [task] { (*task)(); });
    return result.get();
  }

  // Bursts of 429, broken handshakes and kills, spread over the time.
  void disturb_until(clock_type::time_point end) {
    const int rounds = full() ? 5 : 1;
    const auto began = clock_type::now();
    for (int round = 0; round < rounds; ++round) {
      const auto at = [&](double share) { return began + (end - began) * (round + share) / rounds; };
      const int breaks = full() ? 6 : 2;
      for (int i = 1; i <= breaks; ++i) {
        std::this_thread::sleep_until(at(0.4 * i / breaks));
        server_.tell("break");
      }
      std::this_thread::sleep_until(at(0.5));
      server_.tell("burst");
      std::this_thread::sleep_for(700ms);
      server_.tell("calm");
      std::this_thread::sleep_until(at(0.9));
      collect();
      server_.kill_and_restart();
      ++restarts_;
    }
    std::this_thread::sleep_until(end);
  }

  /// Of how many ids the server did something more often than
  /// it was asked for. `usual`: where nothing was noted.
  static std::int64_t beyond(const json::object& done, const std::map<std::string, std::int64_t>& asked,
                             std::int64_t usual) {
    return std::count_if(done.begin(), done.end(), [&](const auto& one) {
      const auto noted = asked.find(std::string(one.key()));
      return one.value().as_int64() > (noted == asked.end() ? usual : noted->second);
    });
  }

  // What this life of the server has counted; its next one begins at 0.
  void collect() {
    const json::object counts = server_.counts();
    for (const auto& [kind, times] : counts.at("struck").as_object()) struck_[kind] += times.as_int64();
    for (const auto& times : counts.at("bursts").as_array()) bursts_.push_back(times.as_int64());
  }

  void count_leaks() {
    leaked_ = static_cast<std::int64_t>(client_.stats().connections_in_use);
    client_.close();
    // The server reads the ends of the connections in its own time.
    std::int64_t open = 1;
    for (const auto limit = clock_type::now() + 5s; open > 0 && clock_type::now() < limit;) {
      open = server_.counts().at("connections_open").as_int64();
      if (open > 0) std::this_thread::sleep_for(10ms);
    }
    leaked_ += open;
  }

  void demand(bool holds, const std::string& otherwise) {
    if (holds) return;
    kept_ = false;
    std::cout << "FAILED: " << otherwise << '\n';
  }

  void print_counts() {
    soak::call_tally& tally = callers_.tally();
    for (const auto& [kind, times] : struck_) std::cout << kind << ": struck " << times << " times\n";
    for (const std::int64_t times : bursts_)
      std::cout << "burst of 429 with Retry-After: struck " << times << " times\n";
    constexpr std::array<const char*, soak::class_count> names = {"read", "keyed", "ending", "once",
                                                                  "keyed again"};
    for (std::size_t i = 0; i < names.size(); ++i)
      std::cout << names[i] << ": " << tally.classes[i].calls << " calls, " << tally.classes[i].failed
                << " failed\n";
    const wf::client_stats stats = client_.stats();
    std::cout << "attempts " << stats.attempts << ", connections " << stats.connections_opened
              << ", restarts " << restarts_ << ", executions started " << ids_
              << ", starts that callers know of " << tally.started << ", ids run again "
              << tally.starts_asked.size() << ", ids of asked endings " << tally.endings_asked.size()
              << ", fewest calls of a caller "
              << *std::min_element(tally.by_caller.begin(), tally.by_caller.end()) << '\n';
  }

  void judge() {
    soak::call_tally& tally = callers_.tally();
    demand(started_twice_ == 0, "an execution was started twice");
    demand(ended_unasked_ == 0, "a run was ended that nobody had asked to end");
    demand(ids_ >= tally.started, "an execution that a caller was told of was not started");
    demand(leaked_ == 0, "connections were left over");
    std::int64_t calls = 0, failed = 0;
    for (const call_class which : {call_class::read, call_class::keyed}) {
      calls += tally.of(which).calls;
      failed += tally.of(which).failed;
    }
    demand(failed * 100 <= calls, "fewer than 99 % of read and keyed calls succeeded");
    demand(restarts_ >= (full() ? 3 : 1), "the server was not killed often enough");
    if (!full()) return;
    demand(tally.calls > 10'000, "10,000 calls or fewer were made");
    demand(*std::min_element(tally.by_caller.begin(), tally.by_caller.end()) >= 20,
           "a caller made fewer than 20 calls");
    demand(std::count_if(bursts_.begin(), bursts_.end(), [](std::int64_t times) { return times >= 20; }) >= 3,
           "fewer than 3 bursts of 429 hit 20 calls at once");
    for (const auto& [kind, times] : struck_) demand(times >= 50, kind + " struck fewer than 50 times");
  }

  bool report() {
    print_counts();
    judge();
    soak::call_tally& tally = callers_.tally();
    json::object failures;
    for (const auto& [kind, times] : tally.failures) failures[kind] = times;
    json::object line;
    line["calls"] = tally.calls;
    line["failures"] = std::move(failures);
    line["duplicates_started"] = started_twice_;
    line["endings_not_asked_for"] = ended_unasked_;
    line["leaked_connections"] = leaked_;
    line["p50_ms"] = tally.percentile(0.5);
    line["p99_ms"] = tally.percentile(0.99);
    std::cout << json::serialize(line) << std::endl;
    return kept_;
  }
};

}  // namespace

int main(int count, char** arguments) {
  soak::settings wanted;
  try {
    wanted = soak::read_command_line(count, arguments);
  } catch (const std::invalid_argument& e) {
    std::cerr << "soak_calls: not understood: " << e.what()
              << "\nusage: soak_calls [--seconds S] [--callers N] [--seed N]\nFrom 45 seconds on the number "
                 "of calls and of "
                 "faults is asked for, too.\n";
    return 2;
  }
  try {
    if (wanted.serve) return soak::serve_calls(wanted);
    soak::allow_files(2000);
    soak_run run(wanted);
    return run.go() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "soak_calls: " << e.what() << '\n';
    return 1;
  }
}
