// The shared state behind net::pool: the rules (protocol::pool_state)
// joined to connections, waiters and one mutex.
// Opens and checks nothing: who holds a place does that, outside the mutex.
#pragma once

#include "net/common/fork_guard.hpp"
#include "net/common/gate.hpp"
#include "net/common/kept_executor.hpp"
#include "net/pool/connection.hpp"
#include "net/pool/connector.hpp"
#include "net/pool/opening.hpp"
#include "net/pool/pool.hpp"
#include "protocol/pool/pool_state.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace mistral::workflows::net {

class pool_core : public std::enable_shared_from_this<pool_core> {
 public:
  using step = protocol::pool_step;

  /// Known to the service of the executor's context from here on.
  static std::shared_ptr<pool_core> create(asio::any_io_executor executor, pool_options options);

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
  class wait_for_opening;
  class opening_under_way;

  const fork_guard process_;
  const kept_executor executor_;
  const pool_options options_;
  const std::shared_ptr<connector> connector_;  // null where options_.connect is there
  std::shared_ptr<registry> registry_;

  mutable std::mutex mutex_;
  protocol::pool_state state_;
  std::vector<std::unique_ptr<connection>> connections_;  // by id
  std::map<std::uint64_t, std::shared_ptr<waiter>> waiters_;
  pool_stats counted_;
  std::atomic<std::uint64_t> reused_{0};            // by no lock: each call counts here
  std::atomic<int> idle_{0};                        // as state_ has it
  std::set<opening*> openings_;                     // that have begun, also for callers that have left
  std::list<std::shared_ptr<opening>> connecting_;  // by those who wait for them, in the order they began to
  bool aborted_ = false;
  bool abandoned_ = false;
  bool out_of_reach_ = false;  // as abandoned_, where the parent's lock stood before it

  using closing =
      std::vector<std::unique_ptr<connection>>;  // destroyed, which closes them, after the mutex is released

  std::chrono::steady_clock::time_point now() const { return options_.now(); }
  std::unique_lock<std::mutex> lock_unless_parents() const;
  step take(kind use, std::shared_ptr<waiter>& queued);
  std::optional<step> check(step next);
  step replace_stale(int id);
  lease use_connection(step ready, kind use, progress& record);
  lease use_connection(connection& taken, step ready, kind use, progress& record);
  /// How a connection comes back; `unused`: nothing was sent on it.
  enum class condition { used, unused, unfit };
  void release(int id, condition how,
               std::chrono::milliseconds kept_for = std::chrono::milliseconds::max()) noexcept;
  bool leave(std::uint64_t id, waiter& left, step& granted);
  std::shared_ptr<gate> grant(const step& next);
  void collect(const std::vector<int>& ids, closing& out);
  static asio::awaitable<step> wait_for_turn(std::shared_ptr<pool_core> self, std::uint64_t id,
                                             std::shared_ptr<waiter> queued, kind use);

  static asio::awaitable<lease> open(std::shared_ptr<pool_core> self, std::unique_ptr<permission> allowed,
                                     kind use, progress* record);
  asio::awaitable<name_cache::addresses> resolve(std::chrono::steady_clock::time_point until,
                                                 progress* record);
  static void begin(asio::awaitable<void> maker, const std::shared_ptr<opening>& what);
  static asio::awaitable<void> make(std::unique_ptr<opening_under_way> under_way,
                                    name_cache::addresses addresses,
                                    std::chrono::steady_clock::time_point until);
  void enlist(opening& what);
  asio::awaitable<std::unique_ptr<channel>> connect(opening& what, name_cache::addresses addresses,
                                                    std::chrono::steady_clock::time_point until);
  std::exception_ptr told(std::exception_ptr problem, const opening& what);
  void count(const boost::system::system_error& problem);
  void stop_if_closed(opening& what) noexcept;
  void pass_on(int id, kind use) noexcept;
  std::shared_ptr<opening> first_connecting(kind use) const noexcept;
  void opened(int id, std::unique_ptr<channel> bytes);
};

}  // namespace mistral::workflows::net
