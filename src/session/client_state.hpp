// What all handles of one client share: pool, options as checked, key, counters.
// Not public, and not the logic of a call (call.hpp) or of a stream (stream.hpp).
#pragma once

#include "net/pool.hpp"
#include "protocol/request.hpp"
#include "session/api_key.hpp"

#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace mistral::workflows::session {

class client_state;
using client_state_ptr = std::shared_ptr<client_state>;

struct call_counters {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> failures{0};
};

/// Throws invalid_argument naming `field` for names and values that no header may have, and for those the client sets.
void check_headers(const protocol::header_list& headers, const std::string& field);

/// Throws invalid_argument naming the member of `field`.
void check_retry(const retry_options& retry, const std::string& field);

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT client_state {
 public:
  /// Throws invalid_argument for options that cannot work.
  client_state(boost::asio::any_io_executor executor, client_options options);

  /// As the constructor, but speaks HTTP over what `connect` returns. For tests.
  static client_state_ptr over(boost::asio::any_io_executor executor, client_options options,
                               net::connect_function connect);

  client_state(const client_state&) = delete;
  client_state& operator=(const client_state&) = delete;

  const boost::asio::any_io_executor& executor() const noexcept { return executor_; }

  /// Where one operation or one stream runs: a strand of its own, or the executor itself when single-threaded.
  boost::asio::any_io_executor operation_executor() const {
    if (options_.single_threaded) return executor_;
    return boost::asio::make_strand(executor_);
  }

  const client_options& options() const noexcept { return options_; }
  const protocol::request_defaults& defaults() const noexcept { return defaults_; }
  net::pool& pool() noexcept { return *pool_; }
  api_key_source& key() noexcept { return key_; }
  call_counters& counters() noexcept { return counters_; }

  /// Uniform in [0, 1); safe from any thread.
  static double random01();
  /// A new version 7 UUID.
  static std::string new_execution_id();

 private:
  client_state(boost::asio::any_io_executor executor, client_options checked, net::connect_function connect);

  boost::asio::any_io_executor executor_;
  client_options options_;
  protocol::request_defaults defaults_;
  std::shared_ptr<net::pool> pool_;
  api_key_source key_;
  call_counters counters_;
};

/// The shared state and the settings of one handle on it (client::with).
class client_handle {
 public:
  client_handle(client_state_ptr shared,  // NOLINT(google-explicit-constructor): a state is a handle without settings
                std::shared_ptr<const call_options> own = nullptr)
      : state(std::move(shared)), settings(std::move(own)) {}

  const retry_options& retry() const noexcept {
    return settings && settings->retry ? *settings->retry : state->options().retry;
  }
  /// `operation_default`: of an operation with a deadline of its own.
  std::chrono::milliseconds deadline(std::optional<std::chrono::milliseconds> operation_default) const noexcept {
    if (settings && settings->deadline) return *settings->deadline;
    return operation_default.value_or(state->options().call_deadline);
  }

  client_state_ptr state;
  std::shared_ptr<const call_options> settings;
};

}  // namespace mistral::workflows::session
