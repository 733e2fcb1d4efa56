// Opens a connection to one host: name, TCP, TLS, all within one limit.
// Does not decide when to open one, and keeps none.
#pragma once

#include "net/channel/channel.hpp"
#include "net/common/asio_compat.hpp"
#include "net/common/fork_guard.hpp"
#include "net/common/kept_executor.hpp"
#include "net/connect/name_cache.hpp"
#include "net/pool/pool.hpp"
#include "net/tls/tls_context.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>

namespace mistral::workflows::net {

using phase_listener = std::function<void(phase)>;

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT connector {
 public:
  /// Errors: option_error.
  connector(asio::any_io_executor executor, const pool_options& options);

  using time_point = std::chrono::steady_clock::time_point;

  // Both run on the executor of the calling coroutine, and `enter` hears of each phase there.
  // Errors and cancellation as pool::acquire(); `until` is the end of the limit on both together.

  /// The addresses of the server, or of the proxy in front of it.
  static asio::awaitable<name_cache::addresses> resolve(std::shared_ptr<connector> self, time_point until,
                                                        phase_listener enter);
  static asio::awaitable<std::unique_ptr<channel>> connect(std::shared_ptr<connector> self,
                                                           name_cache::addresses addresses, time_point until,
                                                           phase_listener enter);

  /// Ends the attempts under way, and every later one at once, with error::closed. From any thread.
  void abort() noexcept;

  std::uint64_t handshakes() const noexcept { return handshakes_; }
  std::uint64_t resumed_handshakes() const noexcept { return resumed_handshakes_; }

 private:
  class connect_attempt;

  fork_guard process_;
  kept_executor executor_;
  origin server_;
  proxy_options proxy_;
  std::chrono::milliseconds limit_;
  std::chrono::milliseconds attempt_delay_;
  std::size_t header_limit_;
  std::shared_ptr<name_cache> names_;
  std::optional<tls_context> tls_;

  std::mutex mutex_;
  bool aborted_ = false;
  std::set<connect_attempt*> under_way_;

  std::atomic<std::uint64_t> handshakes_{0};
  std::atomic<std::uint64_t> resumed_handshakes_{0};
};

}  // namespace mistral::workflows::net
