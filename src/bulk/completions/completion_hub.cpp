// Who waits, and how waits end. The coroutines that bring the news: completion_loops.cpp.
#include "bulk/completions/completion_hub.hpp"

#include "bulk/completions/completion_waiter.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace mistral::workflows::bulk_run {

namespace asio = boost::asio;
using bulk_core::instant;
using namespace std::chrono_literals;

namespace {

constexpr const char* wait_operation = "completions.wait";
constexpr std::size_t longest_id = 256;

// Ends that come within such a time are read together. Of so many waits that last as long as their number
// says at 2,000 ends a second, each is told at most a hundredth later; few are told of at once.
constexpr auto gathering_each = 5us;
constexpr auto longest_gathering = 10ms;
constexpr auto shortest_gathering = 1ms;

instant steady_now() { return std::chrono::steady_clock::now(); }

error_context nothing_sent(const char* operation) { return error_context(operation, 0, server_action::no); }

std::exception_ptr cancelled_failure(const char* operation) {
  return std::make_exception_ptr(cancelled_error(nothing_sent(operation)));
}

std::exception_ptr bad_wait(const char* field, const char* reason) {
  return std::make_exception_ptr(invalid_argument(field, reason, wait_operation));
}

const char* problem_of(const std::string& execution_id) {
  if (execution_id.empty()) return "must not be empty";
  return execution_id.size() > longest_id ? "must have at most 256 characters" : nullptr;
}

}  // namespace

std::exception_ptr closed_failure() {
  return std::make_exception_ptr(
      error(make_error_code(errc::closed), "completions: closed", nothing_sent(wait_operation)));
}

hub::hub(client client, completions_options options)
    : pull_gate(client.serial_executor(), wait_operation),
      client_(std::move(client)),
      options_(std::move(options)),
      core_(options_) {}

hub::~hub() = default;

waiter_id hub::expect(std::string execution_id) {
  if (const char* const problem = problem_of(execution_id))
    throw invalid_argument("execution_id", problem, "completions.expect");
  handing out;
  const std::lock_guard lock(mutex_);
  if (closed_) std::rethrow_exception(closed_failure());
  const waiter_id who = core_.expect(std::move(execution_id));
  places_.try_emplace(who);
  stir(out);
  return who;
}

void hub::started(waiter_id who, std::string run_id, timestamp at, bool ask_now) {
  handing out;
  const std::lock_guard lock(mutex_);
  core_.started(who, std::move(run_id), at, ask_now, steady_now());
  ended(out, nullptr);
  stir(out);
}

void hub::forget(waiter_id who) {
  handing out;
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(who);
  if (found == places_.end()) return;
  if (found->second.waiting) {
    tokens_.erase(found->second.token);
    out.give(std::move(found->second.waiting), cancelled_failure(wait_operation));
  }
  places_.erase(found);
  core_.forget(who);
  stir(out);
}

void hub::wait(waiter_id who, std::uint64_t token, std::unique_ptr<completion_wait> made) {
  handing out;
  const std::lock_guard lock(mutex_);
  const auto found = places_.find(who);
  if (found == places_.end())
    return out.give(std::move(made),
                    closed_ ? closed_failure() : bad_wait("wait", "called on an empty place"));
  place& here = found->second;
  if (here.handed) return out.give(std::move(made), bad_wait("wait", "the completion was handed out before"));
  if (here.waiting)
    return out.give(std::move(made), bad_wait("wait", "called while an earlier call is still pending"));
  if (!here.end && !here.failure) {
    here.waiting = std::move(made);
    here.token = token;
    tokens_.emplace(token, who);
    return;
  }
  here.handed = true;
  const auto end = std::exchange(here.end, nullptr);
  out.give(std::move(made), std::exchange(here.failure, nullptr), end ? std::move(*end) : completion());
}

void hub::wait_alone(std::string execution_id, std::string run_id, std::uint64_t token,
                     std::unique_ptr<completion_wait> made) {
  handing out;
  const std::lock_guard lock(mutex_);
  if (const char* const problem = problem_of(execution_id))
    return out.give(std::move(made), bad_wait("execution_id", problem));
  if (!run_id.empty() && !bulk_core::names_run(run_id))
    return out.give(std::move(made), bad_wait("run_id", "must be a UUID"));
  if (closed_) return out.give(std::move(made), closed_failure());
  const waiter_id who = core_.add(std::move(execution_id), std::move(run_id), steady_now());
  place& here = places_[who];
  here.alone = true;
  here.waiting = std::move(made);
  here.token = token;
  tokens_.emplace(token, who);
  stir(out);
}

void hub::wait_ready(std::uint64_t token, std::unique_ptr<ready_wait> made) {
  handing out;
  const std::lock_guard lock(mutex_);
  if (closed_) return out.give(std::move(made), closed_failure());
  if (refused_ || core_.stats().streaming) return out.give(std::move(made), nullptr);
  readies_.emplace(token, std::move(made));
  stir(out);
}

void hub::cancel(std::uint64_t token) {
  handing out;
  const std::lock_guard lock(mutex_);
  if (const auto ready = readies_.find(token); ready != readies_.end()) {
    out.give(std::move(ready->second), cancelled_failure("completions.ready"));
    readies_.erase(ready);
    return stir(out);
  }
  const auto found = tokens_.find(token);
  if (found == tokens_.end()) return;
  const waiter_id who = found->second;
  tokens_.erase(found);
  place& here = places_.at(who);
  out.give(std::move(here.waiting), cancelled_failure(wait_operation));
  if (!here.alone) return;
  places_.erase(who);
  core_.forget(who);
  stir(out);
}

completions_stats hub::stats() const {
  const std::lock_guard lock(mutex_);
  completions_stats out = core_.stats();
  out.pages += more_pages_;
  out.stream_failures = stream_failures_;
  return out;
}

void hub::shut() {
  handing out;
  const std::lock_guard lock(mutex_);
  if (!closed_) close_all(out);
}

void hub::close_all(handing& out) {
  closed_ = true;
  for (auto& [who, here] : places_) {
    core_.forget(who);
    if (here.waiting) out.give(std::move(here.waiting), closed_failure());
    // What has ended already is still handed out.
    if (!here.end && !here.failure && !here.handed) here.failure = closed_failure();
  }
  tokens_.clear();
  for (auto& [token, ready] : readies_) out.give(std::move(ready), closed_failure());
  readies_.clear();
  stir(out);
}

/// Hands out what the core has ended; `failure`: why, where it is no end.
void hub::ended(handing& out, const std::exception_ptr& failure) {
  for (bulk_core::wait_end& one : core_.take_ended()) {
    const auto found = places_.find(one.who);
    if (found == places_.end()) continue;
    place& here = found->second;
    if (here.waiting) {
      tokens_.erase(here.token);
      here.handed = true;
      out.give(std::move(here.waiting), one.failed ? failure : nullptr, std::move(one.end));
      if (here.alone) places_.erase(found);
    } else if (one.failed) {
      here.failure = failure;
    } else {
      here.end = std::make_unique<completion>(std::move(one.end));
    }
  }
}

void hub::heads_up(handing& out, const std::exception_ptr& failure) {
  for (auto& [token, ready] : readies_) out.give(std::move(ready), failure);
  readies_.clear();
}

/// To be woken by each of many ends costs more than all that is done with them.
asio::awaitable<void> hub::gather() {
  std::chrono::microseconds time;
  {
    const std::lock_guard lock(mutex_);
    time = std::min<std::chrono::microseconds>(places_.size() * gathering_each, longest_gathering);
  }
  if (time < shortest_gathering) co_return;
  asio::steady_timer timer(executor(), time);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
}

/// After each change: whoever has work is begun or woken, and who has none rests.
void hub::stir(handing& out) {
  const bool works = active();
  if (works && !following_ && !refused_) {
    following_ = true;
    out.then([self = self()] { asio::post(self->executor(), [self] { self->begin_stream(); }); });
  }
  if (works && !timing_) {
    timing_ = true;
    armed_ = instant::max();
    out.then([self = self()] { asio::post(self->executor(), [self] { self->begin_clock(); }); });
  } else if (timing_ && (!works || core_.wake().value_or(instant::max()) < armed_)) {
    armed_ = instant::min();  // once is enough
    out.then([self = self()] {
      asio::post(self->executor(), [self] {
        if (const auto timer = self->timer_.lock()) timer->cancel();
      });
    });
  }
  if (!works && (following_ || timing_))
    out.then([self = self()] { asio::post(self->executor(), [self] { self->end_work(); }); });
}

hub_owner::~hub_owner() {
  if (const auto owned = get()) {
    owned->shut();
    pull_gate::forget(owned);
  }
}

}  // namespace mistral::workflows::bulk_run
