// Who may send now and who waits, after the server said 429 with a time, and under the client's own limits.
// Not the waiting (session/client/admission.cpp): no clock, no timer and no lock.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

namespace mistral::workflows::protocol {

struct rate_limits {
  rate_limits() = default;

  double per_second = 0;  ///< 0: no limit
  int burst = 1;
  int in_flight = 0;  ///< 0: no limit
};

/// Where a request waits: nobody of a line goes while somebody stands in one before it.
enum class waiting_line : std::uint8_t {
  first,  ///< cancel, terminate
  usual,
  last,  ///< what a client asks by itself: how an execution stands
};

/// Closed by a 429 with Retry-After until that time is over. Then it opens paced: one
/// request, and for each that succeeds twice as many may be under way, until it is
/// open for all. A request that has not been answered after `patience` counts as a
/// success here: a refusal comes at once, and a long one must not hold up the others.
///
/// Who must wait stands in one of three lines, each first come first served.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT rate_gate {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  using id = std::uint64_t;

  /// A longer Retry-After does not close the gate.
  static constexpr std::chrono::milliseconds longest{60'000};
  static constexpr std::chrono::milliseconds patience{1'000};
  /// So many under way at once are no pacing any more.
  static constexpr int open_window = 256;

  explicit rate_gate(rate_limits limits);

  enum class answer {
    go,      ///< send, and report with done()
    wait,    ///< until next() names it, or leave()
    refuse,  ///< the gate opens after its deadline: `opens`
  };

  struct verdict {
    verdict() = default;
    verdict(id who, answer said, time_point at) : request(who), what(said), opens(at) {}

    id request = 0;
    answer what = answer::go;
    time_point opens{};
  };

  /// A request wants to be sent.
  verdict arrive(waiting_line line, time_point deadline, time_point now);

  /// The server refused a request with Retry-After. True: this closed the gate; false: it was
  /// closed, and stays so until the later of both times, or the time is beyond `longest`.
  bool refused(time_point until, time_point now);

  /// A request that was let go has ended. `success`: answered,
  /// and neither with 429 nor with a failure of the server.
  void done(id request, bool success, time_point now);

  /// One that waits gives up. False: it does not wait (any more).
  bool leave(id request);

  /// One that waited and is to go on now, to be asked until
  /// there is none: after every other function, and at `wake`.
  std::optional<verdict> next(time_point now);

  /// When next() is to be asked again although nothing happened; nothing while nobody waits.
  std::optional<time_point> wake() const;

  /// Who was let go before and has not sent yet arrives anew.
  bool closed() const noexcept { return state_ == state::closed; }

  /// Nothing is limited: requests need not arrive.
  bool unrestricted() const noexcept { return state_ == state::open && !limited_; }
  std::size_t waiting() const noexcept { return lines_[0].size() + lines_[1].size() + lines_[2].size(); }

 private:
  enum class state { open, closed, opening };

  struct sent {
    unsigned epoch = 0;  // of the opening it was let go in; another one's success says nothing
    time_point since{};
    bool counted = false;
  };

  rate_limits limits_;
  bool limited_;
  state state_ = state::open;
  time_point opens_{};
  bool moved_ = false;  // since who waits was last compared with it
  unsigned epoch_ = 0;
  int window_ = 0;           // how many of this opening may be under way
  int in_window_ = 0;        // how many are
  time_point next_start_{};  // when the next is due at an even rate
  id last_ = 0;
  std::map<id, time_point> lines_[3];  // who waits, in the order they came, with their deadlines
  std::map<id, sent> under_way_;

  void pass_time(time_point now);
  bool window_full() const noexcept;
  bool flight_full() const noexcept;
  bool room(time_point now) const;
  std::optional<verdict> next_too_late();
  std::chrono::nanoseconds interval() const;
  void let_go(id request, time_point now);
  void grow();
};

}  // namespace mistral::workflows::protocol
