// The shared state behind net::pool: the rules (protocol::pool_state) joined to connections, waiters and one mutex.
// Opens and checks nothing: who holds a place does that, outside the mutex.
#pragma once

#include "net/common/gate.hpp"
#include "net/pool/connection.hpp"
#include "net/pool/connector.hpp"
#include "net/pool/pool.hpp"
#include "protocol/pool/pool_state.hpp"

#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace mistral::workflows::net {

class pool_core : public std::enable_shared_from_this<pool_core> {
 public:
  using step = protocol::pool_step;

  /// Known to the service of the executor's context from here on.
  static std::shared_ptr<pool_core> make(asio::any_io_executor executor, pool_options options);

  pool_core(asio::any_io_executor executor, pool_options options);
  ~pool_core();

  static asio::awaitable<lease> acquire(std::shared_ptr<pool_core> self, kind use, progress* record);
  lease try_acquire(kind use, progress& record);

  void give_back(connection& returned, int id) noexcept;
  void close() noexcept;
  void abort() noexcept;
  void trim() noexcept;
  pool_stats stats() const;

  /// The context goes away: every connection closes now, on loan or not.
  void abandon() noexcept;

  class registry;

 private:
  /// One coroutine that waits for its turn.
  struct waiter {
    waiter() = default;
    std::shared_ptr<gate> turn = std::make_shared<gate>();
    std::optional<step> granted;  // guarded by mutex_; what is not claimed goes back
  };
  class place_in_queue;
  class permission;

  const asio::any_io_executor executor_;
  const pool_options options_;
  const std::shared_ptr<connector> connector_;  // null where options_.connect is there
  std::shared_ptr<registry> registry_;

  mutable std::mutex mutex_;
  protocol::pool_state state_;
  std::vector<std::unique_ptr<connection>> connections_;  // by id
  std::map<std::uint64_t, std::shared_ptr<waiter>> waiters_;
  pool_stats counted_;
  std::atomic<std::uint64_t> reused_{0};  // by no lock: each call counts here
  std::atomic<int> idle_{0};              // as state_ has it
  bool aborted_ = false;

  using closing =
      std::vector<std::unique_ptr<connection>>;  // destroyed, which closes them, after the mutex is released

  std::chrono::steady_clock::time_point now() const { return options_.now(); }
  step take(kind use, std::shared_ptr<waiter>& queued);
  std::optional<step> check(step found);
  step replace_stale(int id);
  lease use_connection(step ready, kind use, progress& record);
  lease use_connection(connection& taken, step ready, kind use, progress& record);
  void release(int id, bool reusable) noexcept;
  bool leave(std::uint64_t id, waiter& left, step& claimed);
  std::shared_ptr<gate> grant(const step& next);
  void collect(const std::vector<int>& ids, closing& out);
  asio::awaitable<std::unique_ptr<channel>> open(progress* record);
  static asio::awaitable<step> wait_for_turn(std::shared_ptr<pool_core> self, step queued,
                                             std::shared_ptr<waiter> place, kind use);
  void opened(int id, std::unique_ptr<channel> bytes);
};

}  // namespace mistral::workflows::net
