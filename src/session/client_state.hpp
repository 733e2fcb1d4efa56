// What all handles of one client share: pool, options as checked, key, counters.
// Not public, and not the logic of a call (call.hpp) or of a stream (stream.hpp).
#pragma once

#include "net/pool.hpp"
#include "protocol/request.hpp"
#include "session/api_key.hpp"

#include <mistral/workflows/client_options.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/strand.hpp>

#include <atomic>
#include <cstdint>
#include <memory>

namespace mistral::workflows::session {

struct call_counters {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> failures{0};
};

class client_state {
 public:
  /// Throws invalid_argument for options that cannot work.
  client_state(boost::asio::any_io_executor executor, client_options options);

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
  boost::asio::any_io_executor executor_;
  client_options options_;
  protocol::request_defaults defaults_;
  std::shared_ptr<net::pool> pool_;
  api_key_source key_;
  call_counters counters_;
};

using client_state_ptr = std::shared_ptr<client_state>;

}  // namespace mistral::workflows::session
