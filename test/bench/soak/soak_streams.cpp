// Follows many executions' events at once and holds what arrives
// against what the server, in a process of its own, counted.
// Without --rate connections are cut, stalled, paused, refused and slow, statuses lag, executions
// are continued as new, and the server is killed; with it nothing is disturbed, and memory and
// lag are judged. Prints one line of JSON at the end; exits with 1 where a promise was not kept.
#include "soak_process.hpp"
#include "soak_server.hpp"
#include "soak_settings.hpp"
#include "soak_tally.hpp"

#include <mistral/workflows.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wf = mistral::workflows;
using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr int kills = 3;
constexpr int opened_at_once = 64;

wf::client_options client_options_for(const soak::server_process& server) {
  wf::client_options options;
  options.server_url = server.url();
  options.api_key = "soak";
  options.tls.ca_file = server.ca_file();
  options.retry.max_attempts = 20;
  options.retry.max_backoff = 1s;
  return options;
}

json::object input_of(const soak::settings& wanted, int stream) {
  const double every = wanted.steady() ? 1e9 / wanted.rate : wanted.seconds * 1e9 / wanted.events;
  const std::int64_t burst =
      wanted.steady() ? 1 : std::max<std::int64_t>(1, static_cast<std::int64_t>(2e8 / every));
  json::object input;
  input["events"] = wanted.events;
  input["every_ns"] = static_cast<std::int64_t>(every);
  input["burst"] = burst;
  input["phase_ns"] = static_cast<std::int64_t>(every * static_cast<double>(burst) * stream / wanted.streams);
  input["steady"] = wanted.steady();
  input["first"] = 0;
  // Of three streams one is of one run, and two go on with
  // another, of which one stands under an id of its own.
  input["continues"] = !wanted.steady() && stream % 3 != 0;
  input["elsewhere"] = stream % 3 == 2;
  return input;
}

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

/// The client's side of a run.
class run {
 public:
  explicit run(const soak::settings& wanted)
      : wanted_(wanted),
        server_(soak::server_arguments(wanted), wanted.seed, !wanted.steady()),
        client_(io_, client_options_for(server_)),
        tallies_(static_cast<std::size_t>(wanted.streams)),
        watchdog_(io_),
        opened_(io_, clock_type::time_point::max()),
        began_(clock_type::now()) {
    lags_us_.reserve(wanted.steady() ? tallies_.size() * static_cast<std::size_t>(wanted.events) : 0);
  }

  /// True if every promise was kept.
  bool go() {
    const std::int64_t rss_before = soak::max_rss_kb();
    if (wanted_.steady())
      asio::co_spawn(io_, open_all_and_go(this), asio::detached);
    else
      for (int i = 0; i < wanted_.streams; ++i)
        asio::co_spawn(io_, start_and_follow(this, i), asio::detached);
    // Only a run that hangs is to be stopped: a machine that is busy otherwise may take many times `seconds`.
    const auto length = std::chrono::duration<double>(5 * wanted_.seconds);
    bark_at(began_ + 300s + std::chrono::duration_cast<clock_type::duration>(length));
    std::thread killer;
    if (!wanted_.steady()) killer = std::thread([this] { disturb(); });
    io_.run();
    leave_alone();
    if (killer.joinable()) killer.join();
    return report(rss_before);
  }

 private:
  soak::settings wanted_;
  soak::server_process server_;
  asio::io_context io_;
  wf::client client_;
  std::vector<soak::stream_tally> tallies_;
  asio::steady_timer watchdog_;
  asio::steady_timer opened_;  // cancelled whenever a stream has opened
  clock_type::time_point began_;
  std::vector<std::uint32_t> lags_us_;
  std::set<std::string> wrong_;  // guarded by mutex_
  int finished_ = 0;
  int next_ = 0;
  int open_at_start_ = 0;
  double opening_seconds_ = 0;
  double cpu_before_ = 0;

  std::mutex mutex_;
  std::condition_variable news_;
  bool over_ = false;
  int restarts_ = 0;
  int connected_since_restart_ = 0;  // how many streams, at least once
  json::object struck_;

  // ---------------------------------------------------------------------------------------------- following

  wf::stream_options options_for(int index) {
    soak::stream_tally* tally = &tallies_[static_cast<std::size_t>(index)];
    wf::stream_options options;
    if (!wanted_.steady()) {
      options.idle_limit = 1500ms;
      options.status_check = 5s;
      options.drain_time = 500ms;
      options.initial_backoff = 50ms;
      options.max_backoff = 1s;
    }
    const auto connected = [this, tally] {
      tally->connected();
      opened_.cancel();
      const std::lock_guard lock(mutex_);
      if (tally->first_in_life(restarts_) && ++connected_since_restart_ == wanted_.streams)
        news_.notify_all();
    };
    options.hooks.connected = connected;
    options.hooks.resumed = [connected](const std::string&) { connected(); };
    options.hooks.disconnected = [tally](const wf::stream_disconnect&) { tally->disconnected(); };
    return options;
  }

  static std::string id_of(int index) { return "soak-" + std::to_string(index); }

  static asio::awaitable<void> start(run* self, int index) {
    wf::execute_request request(input_of(self->wanted_, index));
    request.execution_id = id_of(index);
    co_await self->client_.workflows().execute("soak", std::move(request));
  }

  static asio::awaitable<void> follow(run* self, int index) {
    soak::stream_tally& tally = self->tallies_[static_cast<std::size_t>(index)];
    try {
      auto events = self->client_.executions().stream(id_of(index), self->options_for(index));
      while (auto event = co_await events.next()) {
        const std::int64_t before = tally.numbered();
        tally.add(*event);
        if (!self->wanted_.steady() || tally.numbered() == before) continue;
        self->lags_us_.push_back(static_cast<std::uint32_t>(std::max<std::int64_t>(0, tally.lag() / 1us)));
        if (tally.numbered() == self->wanted_.events) break;
      }
    } catch (const std::exception& e) {
      self->blame(std::string("a stream failed: ") + e.what());
    }
    if (++self->finished_ == self->wanted_.streams) self->io_.stop();
  }

  static asio::awaitable<void> start_and_follow(run* self, int index) {
    try {
      co_await start(self, index);
    } catch (const std::exception& e) {
      self->blame(std::string("an execution did not start: ") + e.what());
    }
    co_await follow(self, index);
  }

  // ------------------------------------------------------------------------------------------------- steady

  static asio::awaitable<void> open_some(run* self) {
    while (self->next_ < self->wanted_.streams) {
      const int index = self->next_++;
      try {
        co_await start(self, index);
      } catch (const std::exception& e) {
        self->blame(std::string("an execution did not start: ") + e.what());
        co_return;
      }
      asio::co_spawn(self->io_, follow(self, index), asio::detached);
      while (!self->tallies_[static_cast<std::size_t>(index)].open()) co_await self->next_opened();
    }
  }

  asio::awaitable<void> next_opened() {
    boost::system::error_code ignored;
    co_await opened_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }

  int open_now() const {
    return static_cast<int>(
        std::count_if(tallies_.begin(), tallies_.end(), [](const auto& one) { return one.open(); }));
  }

  static asio::awaitable<void> open_all_and_go(run* self) {
    const auto began = clock_type::now();
    for (int i = 0; i < opened_at_once; ++i) asio::co_spawn(self->io_, open_some(self), asio::detached);
    while (self->open_now() < self->wanted_.streams) co_await self->next_opened();
    self->opening_seconds_ = std::chrono::duration<double>(clock_type::now() - began).count();
    self->open_at_start_ = self->open_now();
    self->cpu_before_ = soak::cpu_seconds();
    self->server_.tell("go");
    const auto length = std::chrono::duration<double>(self->wanted_.seconds);
    self->bark_at(clock_type::now() + std::chrono::duration_cast<clock_type::duration>(length) + 7s);
  }

  void bark_at(clock_type::time_point limit) {
    watchdog_.expires_at(limit);
    watchdog_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      blame("the time was up before all streams had their events");
      io_.stop();
    });
  }

  // --------------------------------------------------------------------------------------------- disturbing

  // Until this share of the time has passed and every stream has been connected in this life
  // of the server, so that each kill costs each of them a connection. False: the run is over.
  bool sleep_until(double share) {
    const auto due = began_ + std::chrono::duration_cast<clock_type::duration>(
                                  std::chrono::duration<double>(wanted_.seconds * share));
    std::unique_lock lock(mutex_);
    if (news_.wait_until(lock, due, [this] { return over_; })) return false;
    news_.wait(lock, [this] { return over_ || connected_since_restart_ == wanted_.streams; });
    return !over_;
  }

  void leave_alone() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    news_.notify_all();
  }

  void add_counts() {
    const json::object now = server_.counts();
    for (const char* kind : {"cuts", "stalls", "pauses", "unavailable", "edge_statuses", "error_events",
                             "slow_starts", "lagging_statuses"}) {
      json::value& sum = struck_[kind];
      sum = (sum.is_null() ? 0 : sum.as_int64()) + now.at(kind).as_int64();
    }
  }

  // The only thread that talks to the server's process while it runs.
  void disturb() {
    try {
      for (int kill = 1; kill <= kills; ++kill) {
        if (!sleep_until(static_cast<double>(kill) / (kills + 1))) return;
        add_counts();
        {
          const std::lock_guard lock(mutex_);
          ++restarts_;
          connected_since_restart_ = 0;
        }
        server_.kill_and_restart();
      }
      if (!sleep_until(1.0)) return;
      server_.tell("quiet");
      server_.tell("go");  // no execution ends before
    } catch (const std::exception& e) {
      blame(e.what());
    }
  }

  // ------------------------------------------------------------------------------------------------ judging

  void blame(std::string what) {
    const std::lock_guard lock(mutex_);
    wrong_.insert(std::move(what));
  }

  void demand(bool kept, const char* promise) {
    if (!kept) blame(promise);
  }

  bool report(std::int64_t rss_before) {
    const std::int64_t rss = soak::max_rss_kb();
    const double cpu = soak::cpu_seconds() - cpu_before_;
    if (!wanted_.steady()) add_counts();
    const json::object counted = server_.counts();
    std::int64_t delivered = 0, duplicates = 0, out_of_order = 0, reconnects = 0, numbered = 0;
    int fewest = tallies_.front().reconnects();
    for (const soak::stream_tally& one : tallies_) {
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
    demand(duplicates == 0, "events were delivered twice");
    demand(out_of_order == 0, "events were delivered out of order");
    if (wanted_.steady())
      judge_steady(out, numbered, promised, rss, rss_before, cpu);
    else
      judge_faults(out, expected == delivered && numbered == promised, fewest);
    out["server_cpu_seconds"] = counted.at("cpu_seconds");
    out["server_max_rss_mb"] = counted.at("max_rss_mb");
    for (const std::string& one : wrong_) std::cerr << "soak_streams: " << one << '\n';
    std::cout << line_of(out) << std::endl;
    return wrong_.empty();
  }

  void judge_faults(json::object& out, bool complete, int fewest) {
    struck_["server_restarts"] = restarts_;
    demand(complete, "events are missing");
    demand(fewest >= 3, "a stream reconnected less than three times");
    for (const auto& kind : struck_) demand(kind.value().as_int64() > 0, "a kind of fault never occurred");
    out["fewest_reconnects"] = fewest;
    out["faults"] = struck_;
  }

  void judge_steady(json::object& out, std::int64_t numbered, std::int64_t promised, std::int64_t rss,
                    std::int64_t rss_before, double cpu) {
    std::sort(lags_us_.begin(), lags_us_.end());
    const auto lag_ms = [this](double share) {
      if (lags_us_.empty()) return 1e9;
      const auto at = static_cast<std::size_t>(share * static_cast<double>(lags_us_.size() - 1));
      return lags_us_[at] / 1e3;
    };
    const double kb_each = static_cast<double>(rss - rss_before) / wanted_.streams;
    out["promised"] = promised;
    out["open_at_once"] = open_at_start_;
    out["opening_seconds"] = opening_seconds_;
    out["kb_per_stream"] = kb_each;
    out["lag_p50_ms"] = lag_ms(0.5);
    out["lag_p99_ms"] = lag_ms(0.99);
    out["lag_max_ms"] = lag_ms(1.0);
    out["client_cpu_seconds"] = cpu;
    demand(open_at_start_ == wanted_.streams, "not all streams were open at once");
    demand(opening_seconds_ <= 60, "opening the streams took more than 60 s");
    demand(numbered * 100 >= promised * 99, "less than 99 % of the events were delivered");
    demand(lag_ms(0.99) < 1000, "the 99th percentile of the lag is 1 s or more");
    // Of a few streams what any process needs is the larger part.
    demand(kb_each < 60 || wanted_.streams < 1000, "a stream takes 60 KB of memory or more");
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
    run all(wanted);
    return all.go() ? 0 : 1;
  } catch (const std::exception& e) {
    std::cerr << "soak_streams: " << e.what() << '\n';
    return 1;
  }
}
