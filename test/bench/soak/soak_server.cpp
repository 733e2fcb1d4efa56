#include "soak_server.hpp"

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <iostream>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace soak {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wft = mistral::workflows::testing;
using namespace std::chrono_literals;

namespace {

using handles = std::vector<wft::fault_handle>;

std::int64_t struck(const handles& all) {
  std::int64_t count = 0;
  for (const wft::fault_handle& one : all) count += one.struck();
  return count;
}

std::int64_t now_ns() { return std::chrono::system_clock::now().time_since_epoch() / 1ns; }

// Lets all executions that wait for it go on at the same instant.
class starting_gun {
 public:
  /// On the server's thread. The instant of the beginning, nanoseconds since 1970.
  static asio::awaitable<json::value> wait(std::shared_ptr<starting_gun> gun) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    std::shared_ptr<asio::steady_timer> waiting;
    {
      const std::lock_guard lock(gun->mutex_);
      if (gun->fired_ == 0) {
        if (!gun->waiting_)
          gun->waiting_ =
              std::make_shared<asio::steady_timer>(executor, asio::steady_timer::time_point::max());
        waiting = gun->waiting_;
      }
    }
    boost::system::error_code ignored;
    if (waiting) co_await waiting->async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    const std::lock_guard lock(gun->mutex_);
    co_return json::value(gun->fired_);
  }

  void fire(std::chrono::nanoseconds lead) {
    const std::lock_guard lock(mutex_);
    fired_ = now_ns() + lead.count();
    if (waiting_) asio::post(waiting_->get_executor(), [waiting = waiting_] { waiting->cancel(); });
  }

 private:
  std::mutex mutex_;
  std::int64_t fired_ = 0;
  std::shared_ptr<asio::steady_timer> waiting_;
};

// GETs of an execution tell for up to 5 s of a run that
// has ended meanwhile as if it went on, as the API's do.
class lagging_status {
 public:
  void begin(wft::fault_list& faults, std::uint64_t seed) {
    const std::lock_guard lock(mutex_);
    faults_ = &faults;
    random_.seed(seed);
  }

  /// The run is about to end.
  void ends(const wft::workflow_context& run) {
    const std::lock_guard lock(mutex_);
    if (!faults_) return;  // the events of an earlier life are still being read
    json::object state;
    state["workflow_name"] = "soak";
    state["execution_id"] = run.execution_id();
    state["root_execution_id"] = run.execution_id();
    state["run_id"] = run.run_id();
    state["status"] = "RUNNING";
    state["start_time"] = "2026-01-01T00:00:00Z";
    state["end_time"] = nullptr;
    state["result"] = nullptr;
    const std::chrono::milliseconds lag(std::uniform_int_distribution<int>(0, 5000)(random_));
    const auto lags = [until = std::chrono::steady_clock::now() + lag](const wft::seen_request&) {
      return std::chrono::steady_clock::now() < until;
    };
    wft::fault old;
    old.on("executions.get").execution(run.execution_id()).times(0).when(lags);
    old.answer_text(200, "application/json", json::serialize(state));
    handles_.push_back(faults_->add(old));
  }

  std::int64_t struck() const {
    const std::lock_guard lock(mutex_);
    return soak::struck(handles_);
  }

 private:
  mutable std::mutex mutex_;
  wft::fault_list* faults_ = nullptr;
  std::mt19937_64 random_;
  handles handles_;
};

// Input: "events", "every_ns" between two of them, "burst" of events at once, "phase_ns"
// before the first, and "steady": begins with the gun, and goes on for ever when all events
// are out. Else it begins at once, and completes with the gun; where it has "continues",
// half of the events are another run's, under the same id or, with "elsewhere", another.
asio::awaitable<json::value> emit_events(std::shared_ptr<starting_gun> gun,
                                         std::shared_ptr<lagging_status> status,
                                         wft::workflow_context context) {
  const json::value input = context.input();
  const auto member = [&input](const char* name) { return input.at(name).to_number<std::int64_t>(); };
  const std::int64_t events = member("events");
  const std::int64_t burst = member("burst");
  const bool steady = input.at("steady").as_bool();
  std::int64_t due = context.now().time_since_epoch().count();
  const wft::workflow_context::async_work wait = [gun](json::value) { return starting_gun::wait(gun); };
  if (steady) {
    const json::value begin = co_await context.async_activity("wait_for_the_gun", nullptr, wait);
    due = begin.to_number<std::int64_t>();
  }
  due += member("phase_ns");
  const std::int64_t first = member("first");
  const bool continues = input.at("continues").as_bool();
  const std::int64_t last = continues ? events / 2 : events;
  const wft::custom_task task = context.start_task("soak");
  for (std::int64_t n = first; n < last;) {
    const std::int64_t left = due - context.now().time_since_epoch().count();
    if (left > 0) co_await context.sleep_for(std::chrono::nanoseconds(left));
    for (std::int64_t i = 0; i < burst && n < last; ++i, ++n) {
      json::object state;
      state["n"] = n;
      state["due"] = due;
      task.progress(std::move(state));
    }
    due += burst * member("every_ns");
  }
  if (continues) {
    task.complete();
    json::object next = input.as_object();
    next["first"] = last;
    next["phase_ns"] = member("every_ns");
    next["continues"] = false;
    wft::continue_options where;
    where.new_execution_id = input.at("elsewhere").as_bool();
    status->ends(context);
    co_return context.continue_as_new(std::move(next), where);
  }
  if (steady)
    co_await context.wait_signal("end");
  else
    co_await context.async_activity("wait_for_the_gun", nullptr, wait);
  task.complete();
  if (!steady) status->ends(context);
  co_return nullptr;
}

/// What happens to the requests for streams: most are struck by something.
class misbehaviour {
 public:
  misbehaviour(wft::fault_list& faults, const settings& wanted) : faults_(faults), random_(wanted.seed) {
    for (const int after : {300, 800, 1500})
      slow_starts_.push_back(add(on_stream(0.04).delay(std::chrono::milliseconds(after))));
    unavailable_.push_back(add(on_stream(0.08).answer(503)));
    unavailable_.push_back(add(on_stream(0.03).answer(503).retry_after(1s)));
    const int most = std::max(2, wanted.events / 6);
    for (const int status : {520, 522, 524}) edges_.push_back(add(on_stream(0.03).answer(status)));
    for (const char* reason : {"read_error", "stream_error", "internal_error"})
      errors_.push_back(add(on_stream(0.03).stream_error("the broker is away", reason, up_to(most))));
    for (int i = 0; i < 2; ++i) stalls_.push_back(add(on_stream(0.04).stall_stream_after(up_to(most))));
    // Longer than the client's streams drain, and shorter than they take for a loss.
    for (int i = 0; i < 2; ++i)
      pauses_.push_back(add(on_stream(0.04).pause_stream_after(up_to(most), 900ms)));
    constexpr std::array<wft::ending, 5> endings = {wft::ending::clean, wft::ending::eof,
                                                    wft::ending::truncated_chunk,
                                                    wft::ending::no_close_notify, wft::ending::reset};
    for (std::size_t i = 0; i < 10; ++i) {
      const wft::ending how = endings[i % endings.size()];
      cuts_.push_back(add(on_stream(0.2).cut_stream_after(up_to(most), how)));
      const auto bytes = static_cast<std::size_t>(up_to(most * 700));
      cuts_.push_back(add(on_stream(0.2).cut_stream_at(bytes, how)));
    }
  }

  void stop() {
    for (const auto* kind : {&slow_starts_, &unavailable_, &edges_, &errors_, &stalls_, &pauses_, &cuts_})
      for (wft::fault_handle one : *kind) one.remove();
  }

  void report(json::object& out) const {
    out["cuts"] = struck(cuts_);
    out["stalls"] = struck(stalls_);
    out["pauses"] = struck(pauses_);
    out["unavailable"] = struck(unavailable_);
    out["edge_statuses"] = struck(edges_);
    out["error_events"] = struck(errors_);
    out["slow_starts"] = struck(slow_starts_);
  }

 private:
  wft::fault_list& faults_;
  std::mt19937_64 random_;
  handles cuts_, stalls_, pauses_, unavailable_, edges_, errors_, slow_starts_;

  wft::fault on_stream(double chance) {
    return wft::fault().on("executions.stream").times(0).chance(chance, random_());
  }
  wft::fault_handle add(const wft::fault& one) { return faults_.add(one); }
  int up_to(int most) { return std::uniform_int_distribution<int>(1, most)(random_); }
};

wft::local_server_options options_for(const settings& wanted, const std::shared_ptr<starting_gun>& gun,
                                      const std::shared_ptr<lagging_status>& status) {
  wft::local_server_options options;
  options.port = wanted.port;
  options.state_folder = wanted.state_folder;
  options.ca_file = std::filesystem::path(wanted.ca_folder) / "ca.pem";
  // Well within the idle limit of the client's streams.
  if (!wanted.steady()) options.comment_interval = 250ms;
  options.workflows.emplace_back("soak", [gun, status](wft::workflow_context context) {
    return emit_events(gun, status, std::move(context));
  });
  return options;
}

}  // namespace

int serve(const settings& wanted) {
  if (wanted.steady()) stay_on_core(1);
  allow_files(wanted.streams + 1000);
  const auto gun = std::make_shared<starting_gun>();
  const auto status = std::make_shared<lagging_status>();
  wft::local_server server(options_for(wanted, gun, status));
  std::optional<misbehaviour> faults;
  if (!wanted.steady()) {
    faults.emplace(server.faults(), wanted);
    status->begin(server.faults(), wanted.seed);
  }
  std::cout << "ready " << server.port() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    if (line == "go") gun->fire(2s);
    if (line == "quiet" && faults) faults->stop();
    if (line != "counts") continue;
    json::object counts;
    counts["events"] = server.last_sequence();
    if (faults) faults->report(counts);
    counts["lagging_statuses"] = status->struck();
    counts["cpu_seconds"] = cpu_seconds();
    counts["max_rss_mb"] = max_rss_kb() / 1024;
    std::cout << json::serialize(counts) << std::endl;
  }
  return 0;
}

}  // namespace soak
