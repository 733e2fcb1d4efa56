// What all handles of one client share: pool, options as checked, key, counters.
// Not public, and not the logic of a call (call.hpp) or of a stream (stream.hpp).
#pragma once

#include "net/common/asio_compat.hpp"
#include "net/common/fork_guard.hpp"
#include "net/common/kept_executor.hpp"
#include "net/pool/pool.hpp"
#include "protocol/calls/pause.hpp"
#include "protocol/calls/retry_budget.hpp"
#include "protocol/http/request.hpp"
#include "session/client/admission.hpp"
#include "session/client/api_key.hpp"
#include "session/client/option_checks.hpp"
#include "session/frame/call_blocks.hpp"
#include "session/frame/deadlines.hpp"
#include "session/frame/live_operations.hpp"

#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

namespace mistral::workflows::session {

class client_state;
using client_state_ptr = std::shared_ptr<client_state>;

struct call_counters {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> failures{0};
  std::atomic<std::uint64_t> retries{0};
  std::atomic<std::uint64_t> retries_refused{0};
  std::atomic<std::uint64_t> rate_limited{0};
  std::atomic<std::uint64_t> gate_closings{0};
  std::atomic<std::uint64_t> stream_attempts{0};
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> hook_failures{0};
  std::atomic<std::uint64_t> numbered{0};  // calls and streams that hooks have heard of
};

/// The retry budget, for calls on many threads.
class shared_retry_budget {
 public:
  explicit shared_retry_budget(const retry_budget_options& options)
      : budget_(options.capacity, options.per_success, options.per_second) {}

  bool take() {
    const std::lock_guard lock(mutex_);
    const bool taken = budget_.take(std::chrono::steady_clock::now());
    full_.store(budget_.full(), std::memory_order_relaxed);
    return taken;
  }
  void succeeded() {
    if (full_.load(std::memory_order_relaxed)) return;
    const std::lock_guard lock(mutex_);
    budget_.succeeded(std::chrono::steady_clock::now());
    full_.store(budget_.full(), std::memory_order_relaxed);
  }

 private:
  std::mutex mutex_;
  protocol::retry_budget budget_;
  std::atomic<bool> full_{true};
};

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT client_state {
 public:
  /// Throws invalid_argument for options that cannot work.
  client_state(boost::asio::any_io_executor executor, client_options options);

  /// As the constructor, but speaks HTTP over what `connect` returns. For tests.
  static client_state_ptr over(boost::asio::any_io_executor executor, client_options options,
                               net::connect_function connect);

  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  /// Empty when its context has gone.
  const boost::asio::any_io_executor& executor() const noexcept { return executor_.get(); }

  /// Where one operation or one stream runs: a strand of
  /// its own, or the executor itself when single-threaded.
  boost::asio::any_io_executor operation_executor() const {
    if (options_.single_threaded) return executor();
    return boost::asio::make_strand(executor());
  }

  /// This is a child of the process that made the client: what is under way is under way there.
  bool in_child() const noexcept { return process_.in_child(); }
  /// Throws in such a child.
  void check_process() const {
    if (in_child()) refuse_child();
  }

  const client_options& options() const noexcept { return options_; }
  const protocol::request_defaults& defaults() const noexcept { return defaults_; }
  net::pool& pool() noexcept { return *pool_; }
  api_key_source& key() noexcept { return key_; }
  /// A text of the server's that is to be shown, without the client's key.
  std::string shown(std::string text) const { return key_.hide(text), text; }
  call_counters& counters() noexcept { return counters_; }
  shared_retry_budget& retry_budget() noexcept { return retry_budget_; }
  const std::shared_ptr<session::admission>& admission() const noexcept { return admission_; }
  /// Where the looks of batches wait: at most eight of them are under way.
  const std::shared_ptr<session::admission>& look_line() const noexcept { return look_line_; }
  /// Where those wait that ask how a followed execution stands: at most four are under way.
  const std::shared_ptr<session::admission>& status_line() const noexcept { return status_line_; }
  live_operations& live() noexcept { return *live_; }
  session::deadlines& deadlines() noexcept { return *deadlines_; }
  const std::shared_ptr<call_blocks>& blocks() const noexcept { return blocks_; }

  /// Uniform in [0, 1); safe from any thread.
  static double random01();
  /// A new version 7 UUID, random by the system's means: two sides of a fork() do not make the same.
  static std::string new_execution_id();

 private:
  client_state(boost::asio::any_io_executor executor, checked_client_options options,
               net::connect_function connect);

  [[noreturn]] static void refuse_child();

  net::fork_guard process_;
  net::kept_executor executor_;
  checked_client_options options_;
  protocol::request_defaults defaults_;
  std::shared_ptr<net::pool> pool_;
  api_key_source key_;
  call_counters counters_;
  shared_retry_budget retry_budget_;
  std::shared_ptr<session::admission> admission_;
  std::shared_ptr<session::admission> look_line_;
  std::shared_ptr<session::admission> status_line_;
  std::shared_ptr<live_operations> live_ = std::make_shared<live_operations>();
  std::shared_ptr<session::deadlines> deadlines_ =
      std::make_shared<session::deadlines>(net::below_strand(executor()));
  std::shared_ptr<call_blocks> blocks_ = std::make_shared<call_blocks>();
};

/// The shared state and the settings of one handle on it (client::with).
class client_handle {
 public:
  client_handle(
      client_state_ptr shared,  // NOLINT(google-explicit-constructor): a state is a handle without settings
      std::shared_ptr<const call_options> own = nullptr)
      : state(std::move(shared)), settings(std::move(own)) {}

  const retry_options& retry() const noexcept {
    return settings && settings->retry ? *settings->retry : state->options().retry;
  }
  /// `operation_default`: of an operation with a deadline of its own.
  std::chrono::milliseconds deadline(
      std::optional<std::chrono::milliseconds> operation_default) const noexcept {
    if (settings && settings->deadline) return *settings->deadline;
    return operation_default.value_or(state->options().call_deadline);
  }

  /// Of an operation that ends at `deadline`.
  protocol::call_rules rules(std::chrono::steady_clock::time_point deadline) const;

  /// Null where none is set.
  const std::function<void(const attempt_report&)>* attempt_hook() const noexcept {
    if (settings && settings->hooks.attempt) return &settings->hooks.attempt;
    return state->options().hooks.attempt ? &state->options().hooks.attempt : nullptr;
  }
  const std::function<call_hooks::header_list(const attempt_info&)>* header_hook() const noexcept {
    if (settings && settings->hooks.headers) return &settings->hooks.headers;
    return state->options().hooks.headers ? &state->options().hooks.headers : nullptr;
  }
  /// For the hooks; 0 where there is none.
  std::uint64_t new_call_number() const noexcept {
    if (attempt_hook() == nullptr && header_hook() == nullptr) return 0;
    return state->counters().numbered.fetch_add(1, std::memory_order_relaxed) + 1;
  }

  client_state_ptr state;
  std::shared_ptr<const call_options> settings;
};

}  // namespace mistral::workflows::session
