// A connection that is being made: between the coroutine that
// makes it and the caller that waits for it, or has left.
// Does not make it (connector.hpp), and does not know what becomes of it (pool_acquire.cpp).
#pragma once

#include "net/common/failure.hpp"
#include "net/common/gate.hpp"
#include "net/pool/pool.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace mistral::workflows::net {

/// Thread-safe.
class opening : public std::enable_shared_from_this<opening> {
 public:
  /// `executor`: where it is made; runs one handler at a time.
  opening(asio::any_io_executor executor, kind use) : executor_(std::move(executor)), use_(use) {}

  kind use() const noexcept { return use_; }

  // The caller's side, on the caller's executor.

  /// Writes down the phases since the last time, and gives a gate
  /// that opens when there is more to know; null when it is over.
  std::shared_ptr<gate> news(progress& record);
  /// After that: which connection is there, `own` or another
  /// that was offered. Throws what it failed with, if so.
  int check(int own);
  /// After check(): the connection is the caller's to use.
  void claim();
  /// Nobody waits any more. A connection that is there and was not claimed is given back.
  std::optional<int> leave(int own) noexcept;

  // The maker's side, on its executor.

  const asio::any_io_executor& executor() const noexcept { return executor_; }
  asio::cancellation_slot slot() noexcept { return cancel_.slot(); }
  bool wanted() const noexcept;
  void enter(phase next);
  /// False: the caller has left, so that the connection is the pool's.
  bool made() noexcept;
  void failed(std::exception_ptr why) noexcept;

  // Anybody's.

  bool waited_for() const noexcept;
  /// Another connection, which the caller takes in place of this
  /// one: what is made then is the pool's. False: nobody waits.
  bool offer(int connection) noexcept;

  // Anybody's, but not when the executor's context has gone.

  /// Has the maker, which has begun, end with operation_aborted. The first counts.
  void stop(error why);
  std::optional<error> stopped() const noexcept;

 private:
  enum class state { waited_for, offered, left, made, claimed, failed };

  const asio::any_io_executor executor_;
  const kind use_;
  asio::cancellation_signal cancel_;  // touched on the executor

  mutable std::mutex mutex_;
  state now_ = state::waited_for;
  int offered_ = -1;
  std::optional<error> stopped_;
  std::exception_ptr why_;
  std::vector<std::pair<phase, std::chrono::steady_clock::time_point>> entered_;
  std::shared_ptr<gate> news_;

  bool over(state next, int offered = -1) noexcept;
};

}  // namespace mistral::workflows::net
