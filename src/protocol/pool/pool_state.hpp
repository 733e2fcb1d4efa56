// Who gets which connection, who opens one, who waits,
// and which idle ones are too old: the rules of the pool.
// Not the connections themselves, no clock and no lock: net/pool/pool.cpp has those.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mistral::workflows::protocol {

enum class lease_kind { call, stream };

struct pool_limits {
  pool_limits() = default;

  int calls = 32;   ///< connections for calls, idle ones included; at least 1
  int streams = 0;  ///< connections for streams; 0: no limit
  std::chrono::milliseconds idle{55'000};
  std::chrono::milliseconds lifetime{30 * 60'000};
};

/// What the one who asked has to do next.
struct pool_step {
  enum class what {
    reuse,   ///< check `connection`; use it, or report stale()
    open,    ///< open a connection, which is to be `connection`; report opened() or released()
    wait,    ///< as `waiter`, until a step for it comes out of released(), or leave()
    refuse,  ///< the pool is closed
  };

  pool_step() = default;
  pool_step(what next, int connection_id, std::uint64_t waiter_id)
      : todo(next), connection(connection_id), waiter(waiter_id) {}

  what todo = what::refuse;
  int connection = -1;       ///< a small number, used again after its connection is gone
  std::uint64_t waiter = 0;  ///< who the step is for, where it comes out of released()
};

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT pool_state {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit pool_state(pool_limits limits);

  /// Somebody asks for a connection: the most recently used idle
  /// one, else a new one, else a place at the end of the queue.
  pool_step take(lease_kind use, time_point now);

  /// As take(), if that would be `reuse`; else nothing happens.
  std::optional<int> take_idle(lease_kind use, time_point now);

  /// The connection of a `reuse` step is dead: another one, or
  /// permission to open. Never `wait`: who was served keeps its turn.
  pool_step stale(int connection, time_point now);

  /// The connection of an `open` step is there; its lifetime begins.
  void opened(int connection, time_point now);

  struct release {
    release() = default;
    bool keep = false;              ///< false: the connection is to be closed now
    std::optional<pool_step> next;  ///< `reuse` or `open` for the waiter it names
  };

  /// A connection comes back (or could not be opened, or is
  /// no longer fit to be used: then `reusable` is false).
  /// `kept_for`: how long its server lets it lie idle, where that said so.
  release released(int connection, bool reusable, time_point now,
                   std::chrono::milliseconds kept_for = std::chrono::milliseconds::max());

  /// One that nothing was sent on comes back, fit to be used: its server goes on counting from the time
  /// before.
  release returned_unused(int connection, time_point now);

  /// A waiter gives up. False: it was served already, and what it was given must be released.
  bool leave(std::uint64_t waiter);

  /// Idle connections past a limit; they are forgotten here
  /// and to be closed by the caller. Empty almost always.
  std::vector<int> expired(time_point now);

  struct leftovers {
    leftovers() = default;
    std::vector<int> idle;               ///< to be closed
    std::vector<std::uint64_t> waiters;  ///< to be refused
  };
  /// From now on everything is refused, and nothing that comes back is kept.
  leftovers close();

  int idle() const noexcept { return static_cast<int>(idle_.size()); }
  int in_use() const noexcept { return in_use_[0] + in_use_[1]; }
  int in_use(lease_kind use) const noexcept { return in_use_[index(use)]; }
  int waiting() const noexcept { return static_cast<int>(waiting_[0].size() + waiting_[1].size()); }
  bool closed() const noexcept { return closed_; }

 private:
  struct pooled_connection {
    lease_kind use = lease_kind::call;
    bool live = false;  // an id that stands for a connection or for one being opened
    time_point born{};
    time_point idle_since{};  // since it was opened or used last
    std::chrono::milliseconds idle_limit{0};
  };

  pool_limits limits_;
  bool closed_ = false;
  std::uint64_t last_waiter_ = 0;
  std::vector<pooled_connection> connections_;  // by connection id
  std::vector<int> unused_;                     // ids to use again
  std::vector<int> idle_;                       // in the order of idle_since
  time_point next_expiry_ = time_point::max();  // no idle connection is past a limit before it
  std::deque<std::uint64_t> waiting_[2];
  int in_use_[2] = {0, 0};

  static int index(lease_kind use) noexcept { return use == lease_kind::call ? 0 : 1; }
  bool full(lease_kind use) const noexcept;
  bool too_old(const pooled_connection& which, time_point now) const noexcept;
  time_point expiry(const pooled_connection& idle) const noexcept;
  bool room_for_idle() const noexcept;
  int new_id(lease_kind use);
  void forget(int connection);
  void lay_down(int connection);
  release pass_on_or_keep(int connection, bool fit, time_point now);
  pool_step reuse_or_open(lease_kind use, time_point now, std::uint64_t waiter);
};

}  // namespace mistral::workflows::protocol
