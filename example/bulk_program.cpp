#include "bulk_program.hpp"

#include "bulk_job_file.hpp"
#include "bulk_outcome_file.hpp"
#include "bulk_progress_line.hpp"

#include <mistral/workflows/bulk/bulk.hpp>
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/journal/sqlite.hpp>
#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace bulk_run {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
namespace wft = mistral::workflows::testing;

namespace {

class batch_run {
 public:
  batch_run(const settings& wanted, const seams& parts);
  int go();

 private:
  void start_server();
  wf::client_options client_options() const;
  wf::bulk_options bulk_options();
  wf::bulk_source source();
  asio::awaitable<void> follow(wf::async_generator<wf::bulk_outcome> outcomes);
  void take(const wf::bulk_outcome& outcome);
  void show(const wf::bulk_progress& progress);
  void await_signal();
  int verdict() const;

  const settings wanted_;
  const seams parts_;
  std::optional<checked_jobs> checked_;
  outcome_file outcomes_;
  std::optional<wft::local_server> server_;
  asio::io_context io_{1};
  asio::signal_set signals_{io_, SIGINT, SIGTERM};
  std::optional<wf::client> client_;
  wf::bulk_control control_;
  progress_line line_;
  std::exception_ptr failure_;
  int signals_seen_ = 0;
  bool gave_up_ = false;
  std::uint64_t unfinished_ = 0;  // outcomes that another run of this program goes on with
  std::uint64_t twice_ = 0;
};

std::optional<checked_jobs> checked(const settings& wanted) {
  if (wanted.jobs == "-" || wanted.begin == wf::bulk_begin::report) return std::nullopt;
  return check_jobs(wanted.jobs);
}

/// A file of outcomes must not get the number of a standard stream that is closed. What is written to such a
/// stream is dropped; nothing can be read from it.
bool keep_standard_streams() {
  for (;;) {
    const int made = ::open("/dev/null", O_CLOEXEC | O_WRONLY);
    if (made < 0) return false;
    if (made <= STDERR_FILENO) continue;
    ::close(made);
    return true;
  }
}

/// It was started, and the service does not know it any more: nor will it when this program is run again.
bool is_forgotten(const wf::bulk_outcome& outcome) {
  return outcome.status == wf::bulk_status::unknown && outcome.started &&
         outcome.code == wf::errc::workflow_not_found;
}

batch_run::batch_run(const settings& wanted, const seams& parts)
    : wanted_(wanted), parts_(parts), checked_(checked(wanted)), outcomes_(wanted.outcomes) {}

void batch_run::start_server() {
  if (wanted_.server != "local") return;
  wft::local_server_options options;
  options.workflows = parts_.workflows;
  server_.emplace(options);
  line_.say("a server of its own at " + server_->url());
}

wf::client_options batch_run::client_options() const {
  wf::client_options options;
  if (server_) {
    options.server_url = server_->url();
    options.tls.ca_pem = server_->ca_pem();
    options.api_key = "local";
  } else if (wanted_.server != "real") {
    options.server_url = wanted_.server;
    options.tls.ca_file = wanted_.ca_file;
    if (!std::getenv("MISTRAL_API_KEY")) options.api_key = "local";
  }
  options.single_threaded = true;
  if (parts_.client) parts_.client(options);
  return options;
}

wf::bulk_options batch_run::bulk_options() {
  wf::bulk_options options(wanted_.batch);
  options.most_in_flight = wanted_.most_in_flight;
  options.most_unacknowledged = wanted_.most_unacknowledged;
  options.starts_per_second = wanted_.starts_per_second;
  options.deadline = wanted_.deadline;
  options.wait = wanted_.only_start ? wf::bulk_wait::start : wf::bulk_wait::result;
  options.failure_limit = wanted_.limit;
  options.when_stopping = wanted_.stopping;
  options.begin = wanted_.begin;
  options.shard = wanted_.shard;
  options.quota_codes = wanted_.quota_codes;
  if (checked_) options.source_hash = checked_->hash;
  options.journal = wf::open_sqlite_journal(wanted_.journal);
  if (parts_.journal) options.journal = parts_.journal(options.journal);
  options.control = control_;
  options.on_progress = [this](const wf::bulk_progress& progress) { show(progress); };
  return options;
}

wf::bulk_source batch_run::source() {
  if (wanted_.begin == wf::bulk_begin::report) return wf::bulk_source();
  auto file = std::make_shared<job_file>(wanted_.jobs);
  wf::bulk_source jobs([file] { return file->next(); });
  // Of a shard it is not known how many of them it has.
  if (checked_ && wanted_.shard.count() == 1) jobs.expect(checked_->count);
  return jobs;
}

int batch_run::go() {
  start_server();
  client_.emplace(io_, client_options());
  auto outcomes = wf::bulk(*client_).run(wanted_.workflow, source(), bulk_options());
  await_signal();
  const auto ended = [this](std::exception_ptr failure) {
    failure_ = std::move(failure);
    signals_.cancel();
  };
  asio::co_spawn(io_, follow(std::move(outcomes)), ended);
  io_.run();
  outcomes_.sync();
  line_.end();
  try {
    if (failure_) std::rethrow_exception(failure_);
  } catch (const reading_interrupted&) {  // as with every other source: it has been told that it stops
  }
  return verdict();
}

asio::awaitable<void> batch_run::follow(wf::async_generator<wf::bulk_outcome> outcomes) {
  // Asking for the next says that this one is safe: it is in the file by then.
  while (auto outcome = co_await outcomes.next()) take(*outcome);
}

void batch_run::take(const wf::bulk_outcome& outcome) {
  if (parts_.outcome) parts_.outcome(outcome);
  if (!outcome.started_twice.empty()) {
    ++twice_;
    line_.say("started twice: job " + outcome.key + ", execution " + outcome.execution_id + ", runs " +
              outcome.started_twice.front() + " and " + outcome.started_twice.back());
    return;
  }
  const bool settled = outcome.final() || is_forgotten(outcome) ||
                       ((wanted_.only_start || wanted_.begin == wf::bulk_begin::report) &&
                        outcome.status == wf::bulk_status::started);
  if (settled)
    outcomes_.add(outcome);
  else
    ++unfinished_;
}

void batch_run::show(const wf::bulk_progress& progress) {
  line_.show(progress);
  if (!wanted_.no_wait || gave_up_ || progress.phase != wf::bulk_phase::paused) return;
  gave_up_ = true;
  line_.say("giving up: " + progress.paused_because);
  control_.stop(wf::when_stopping::drain);
}

void batch_run::await_signal() {
  signals_.async_wait([this](const boost::system::error_code& failed, int) {
    if (failed) return;
    const bool first = ++signals_seen_ == 1;
    line_.say(first ? "waiting for what runs; once more leaves it running" : "leaving what runs");
    control_.stop(first ? wf::when_stopping::drain : wf::when_stopping::leave);
    await_signal();
  });
}

int batch_run::verdict() const {
  const wf::bulk_progress progress = control_.progress();
  // A report takes no jobs, and has nothing to finish.
  const bool taken = progress.source_ended || wanted_.begin == wf::bulk_begin::report;
  if (taken && unfinished_ == 0) return outcomes_.failures() > 0 || twice_ > 0 ? some_failed : all_done;
  if (gave_up_) return gave_up;
  if (signals_seen_ > 0) return interrupted;
  const auto stopped = progress.count(wf::bulk_status::not_started) + progress.count(wf::bulk_status::left);
  return taken && stopped == 0 ? some_failed : stopped_by_failures;  // of the former it is not known
}

}  // namespace

int run(const settings& wanted, const seams& parts) {
  try {
    return batch_run(wanted, parts).go();
  } catch (const usage_error& wrong) {
    std::cerr << "bulk_run: " << wrong.what() << '\n';
    return refused;
  } catch (const wf::error& failure) {
    std::cerr << "bulk_run: " << failure.what() << '\n';
    return failure.code() == wf::errc::invalid_argument ? refused : interrupted;
  } catch (const std::exception& failure) {
    std::cerr << "bulk_run: " << failure.what() << '\n';
    return interrupted;
  }
}

int run(int count, char** arguments, const seams& parts) {
  if (!keep_standard_streams()) return refused;
  settings wanted;
  try {
    wanted = read_command_line(count, arguments);
  } catch (const usage_error& wrong) {
    std::cerr << "bulk_run: " << wrong.what() << "\n\n" << usage;
    return refused;
  }
  if (wanted.help) {
    std::cout << usage;
    return all_done;
  }
  return run(wanted, parts);
}

}  // namespace bulk_run
