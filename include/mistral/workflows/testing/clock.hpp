// The time of a local server: what workflows sleep on, and what stands in its events.
// Not for waiting in programs: nothing here blocks or suspends.
#pragma once

#include <mistral/workflows/export.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/system_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace mistral::workflows::testing {

/// A source of time with timers. A clock belongs to one server at a time, and all members are called on that
/// server's thread.
class MISTRAL_WORKFLOWS_EXPORT clock {
 public:
  /// UTC, nanoseconds since 1970.
  using time_point = std::chrono::sys_time<std::chrono::nanoseconds>;
  /// Names a timer: its instant, then the order in which timers were set.
  using timer_id = std::pair<time_point, std::uint64_t>;

  clock();
  virtual ~clock();
  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  /// The present instant of this clock.
  virtual time_point now() const = 0;

  /// Calls `what` once at `due`, or as soon as the clock moves if that has passed. Timers of one instant are
  /// called in the order in which they were set.
  timer_id call_at(time_point due, std::function<void()> what);
  /// Drops a timer; one that was called or dropped before is ignored.
  void forget(timer_id id);

  /// The clock must not stand before `earliest`: a server that starts again from its state folder goes on
  /// from the last instant it wrote down. Does nothing unless the clock is a manual one.
  virtual void not_before(time_point earliest);

 protected:
  /// When the first timer is due; none: there is no timer.
  std::optional<time_point> next_due() const;
  /// Calls the timer that is due first, if it is due by `limit`, and says whether there was one.
  bool call_next(time_point limit);
  /// Called when the first timer is another one than before.
  virtual void timers_changed();

 private:
  std::map<timer_id, std::function<void()>> timers_;
  std::uint64_t timers_set_ = 0;
};

/// The system's clock. Timers are called on `executor`.
class MISTRAL_WORKFLOWS_EXPORT real_clock final : public clock {
 public:
  /// `executor`: of the server.
  explicit real_clock(boost::asio::any_io_executor executor);
  ~real_clock() override;

  /// The system's time.
  time_point now() const override;

 private:
  void timers_changed() override;
  void call_due();

  boost::asio::system_timer timer_;
  std::optional<time_point> armed_for_;
};

/// Stands still until it is moved.
class MISTRAL_WORKFLOWS_EXPORT manual_clock final : public clock {
 public:
  /// Stands at the present time.
  manual_clock();
  /// Stands at `start`.
  explicit manual_clock(time_point start);
  ~manual_clock() override;

  /// Where it was moved to.
  time_point now() const override;
  void not_before(time_point earliest) override;

  /// Moves forward and calls what falls due on the way, each at its own instant and in order; timers that
  /// those set are called too if they are due by the end. Requires: time >= 0; not called from within a
  /// timer.
  void advance(std::chrono::nanoseconds time);
  /// Moves to the next instant at which a timer is due and calls the timers of that instant. False: none is
  /// due by `end`, where the clock stands now (or stood beyond). For who lets the timers' work get done
  /// before the clock moves on. Not called from within a timer.
  bool step(time_point end);

 private:
  time_point now_;
};

}  // namespace mistral::workflows::testing
