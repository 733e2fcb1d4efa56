#include "session/simulation/virtual_time.hpp"

#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

namespace simulation {
namespace {

// Of a process whose one thread runs the io_context; atomic for those that only look at the clock.
std::atomic<std::int64_t> nanoseconds{std::int64_t{3'600'000'000'000}};
int timer = -1;  // the reactor's
std::int64_t due = 0;

void strike() {
  itimerspec at_once{};
  at_once.it_value.tv_nsec = 1;
  ::syscall(SYS_timerfd_settime, timer, TFD_TIMER_ABSTIME, &at_once, nullptr);
}

}  // namespace

time_point now() { return time_point(std::chrono::nanoseconds(nanoseconds.load(std::memory_order_relaxed))); }

bool run_until(boost::asio::io_context& io, const std::function<bool()>& ended) {
  io.restart();
  while (!ended()) {
    if (io.poll_one() > 0) continue;
    if (io.stopped() || timer < 0) return false;
    if (due > nanoseconds.load(std::memory_order_relaxed)) nanoseconds.store(due, std::memory_order_relaxed);
    strike();
    if (io.poll_one() == 0 && due <= nanoseconds.load(std::memory_order_relaxed)) return false;
  }
  return true;
}

}  // namespace simulation

std::chrono::steady_clock::time_point std::chrono::steady_clock::now() noexcept { return simulation::now(); }

// Asio's reactor says here how long it is to its next timer.
extern "C" int timerfd_settime(int fd, int flags, const itimerspec* wait, itimerspec* /*before*/) noexcept {
  using namespace simulation;
  timer = fd;
  const bool at_once = (flags & TFD_TIMER_ABSTIME) != 0;
  const std::int64_t wanted =
      at_once ? 0 : wait->it_value.tv_sec * std::int64_t{1'000'000'000} + wait->it_value.tv_nsec;
  due = nanoseconds.load(std::memory_order_relaxed) + wanted;
  if (at_once) strike();
  return 0;
}
