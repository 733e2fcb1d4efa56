#include "bulk_clients.hpp"

#include <mistral/workflows.hpp>
#include <mistral/workflows/bulk/bulk.hpp>
#ifdef BULK_BENCH_HAS_JOURNAL
#include <mistral/workflows/journal/sqlite.hpp>
#endif

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

namespace bulk_bench {

namespace asio = boost::asio;
namespace json = boost::json;
namespace wf = mistral::workflows;

namespace {

using steady = std::chrono::steady_clock;

/// What has been heard of the jobs.
class tally {
 public:
  explicit tally(const job_plan& plan) : plan_(plan), seen_(plan.jobs, false) {}

  void add(const std::string& key, wf::bulk_status status, const json::value& result) {
    const auto number = number_of(key);
    if (!number || *number >= plan_.jobs || seen_[*number] || !is_right(*number, status, result)) {
      ++wrong_;
      return;
    }
    seen_[*number] = true;
    ++outcomes_;
  }
  std::uint64_t outcomes() const { return outcomes_; }
  std::uint64_t wrong() const { return wrong_; }

 private:
  bool is_right(std::uint64_t number, wf::bulk_status status, const json::value& result) const {
    switch (plan_.fate_of(number)) {
      case fate::completes:
        return status == wf::bulk_status::completed && result.is_string() &&
               result.as_string().size() == plan_.result_size;
      case fate::fails:
        return status == wf::bulk_status::failed;
      case fate::is_terminated:
        return status == wf::bulk_status::terminated;
    }
    return false;
  }

  const job_plan plan_;
  std::vector<bool> seen_;
  std::uint64_t outcomes_ = 0;
  std::uint64_t wrong_ = 0;
};

/// The most memory that was resident since this program began:
/// what its parent had does not count, unlike in getrusage.
double peak_rss_mb() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return kilobytes / 1024;
  }
  return 0;
}

wf::client_options options_for(const client_settings& wanted) {
  wf::client_options options;
  options.server_url = wanted.url;
  options.tls.ca_file = wanted.ca_file;
  options.api_key = "bench";
  options.single_threaded = true;
  return options;
}

json::object run_to_end(const client_settings& wanted,
                        const std::function<asio::awaitable<void>(wf::client, tally&)>& work) {
  asio::io_context io(1);
  wf::client client(io, options_for(wanted));
  tally found(wanted.plan);
  std::exception_ptr failure;
  const auto began = steady::now();
  asio::co_spawn(io, work(client, found),
                 [&failure](std::exception_ptr thrown) { failure = std::move(thrown); });
  io.run();
  if (failure) std::rethrow_exception(failure);
  json::object out;
  out["outcomes"] = found.outcomes();
  out["wrong"] = found.wrong();
  out["seconds"] = std::chrono::duration<double>(steady::now() - began).count();
  out["max_rss_mb"] = peak_rss_mb();
  return out;
}

wf::bulk_options bulk_options_for(const client_settings& wanted) {
  wf::bulk_options options("bench " + std::to_string(wanted.plan.seed));
  options.most_in_flight = wanted.in_flight;
  options.begin = wf::bulk_begin::first_run;
  options.waiting.workflow_name = "job";
  if (wanted.journal.empty()) return options;
#ifdef BULK_BENCH_HAS_JOURNAL
  options.journal = wf::open_sqlite_journal(wanted.journal);
  options.most_unacknowledged = 256;  // with 1 it is the disk that is measured
#else
  throw std::runtime_error("built without the journal in SQLite");
#endif
  return options;
}

asio::awaitable<void> take_all(wf::async_generator<wf::bulk_outcome> outcomes, tally& found) {
  while (auto outcome = co_await outcomes.next()) {
    if (!outcome->started_twice.empty()) throw std::runtime_error("started twice: " + outcome->key);
    found.add(outcome->key, outcome->status, outcome->result);
  }
}

wf::bulk_status status_of(const wf::execution& ended) {
  if (!ended.status) return wf::bulk_status::unknown;
  const std::string text(ended.status->text());
  if (text == "COMPLETED") return wf::bulk_status::completed;
  if (text == "FAILED") return wf::bulk_status::failed;
  if (text == "TERMINATED") return wf::bulk_status::terminated;
  return text == "RUNNING" ? wf::bulk_status::started : wf::bulk_status::unknown;
}

/// What one writes who has no bulk: start it, and ask once a second.
asio::awaitable<void> execute_and_poll(wf::client client, wf::bulk_job job, tally& found) {
  wf::execute_request request(job.input);
  const wf::started_execution started = co_await client.workflows().execute("job", request);
  asio::steady_timer timer(client.executor());
  for (;;) {
    timer.expires_after(std::chrono::seconds(1));
    co_await timer.async_wait(asio::use_awaitable);
    const wf::execution now = co_await client.executions().get(started.execution_id);
    const wf::bulk_status status = status_of(now);
    if (status == wf::bulk_status::started) continue;
    found.add(job.key, status, now.result);
    co_return;
  }
}

/// As many at the same time as bulk has in flight.
asio::awaitable<void> worker(wf::client client, const job_plan& plan, std::uint64_t& next, tally& found) {
  while (next < plan.jobs) {
    wf::bulk_job job = plan.job(next++);
    co_await execute_and_poll(client, std::move(job), found);
  }
}

}  // namespace

json::object run_bulk(const client_settings& wanted) {
  return run_to_end(wanted, [&wanted](wf::client client, tally& found) {
    auto number = std::make_shared<std::uint64_t>(0);
    const job_plan plan = wanted.plan;
    wf::bulk_source jobs([number, plan]() -> std::optional<wf::bulk_job> {
      if (*number == plan.jobs) return std::nullopt;
      return plan.job((*number)++);
    });
    return take_all(wf::bulk(client).run("job", jobs, bulk_options_for(wanted)), found);
  });
}

json::object run_plain(const client_settings& wanted) {
  std::uint64_t next = 0;
  std::exception_ptr failure;
  json::object out = run_to_end(wanted, [&](wf::client client, tally& found) -> asio::awaitable<void> {
    const auto at_once = std::min<std::uint64_t>(wanted.in_flight, wanted.plan.jobs);
    for (std::uint64_t count = 1; count < at_once; ++count)
      asio::co_spawn(client.executor(), worker(client, wanted.plan, next, found),
                     [&failure](std::exception_ptr thrown) {
                       if (thrown) failure = std::move(thrown);
                     });
    return worker(client, wanted.plan, next, found);
  });
  if (failure) std::rethrow_exception(failure);
  return out;
}

}  // namespace bulk_bench
