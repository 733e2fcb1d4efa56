#include "protocol/pool/pool_state.hpp"

#include <algorithm>
#include <utility>

namespace mistral::workflows::protocol {

pool_state::pool_state(pool_limits limits) : limits_(limits) {}

bool pool_state::full(lease_kind use) const noexcept {
  const int limit = use == lease_kind::call ? limits_.calls : limits_.streams;
  return (use == lease_kind::call || limit > 0) && in_use(use) >= limit;
}

bool pool_state::too_old(const pooled_connection& which, time_point now) const noexcept {
  return now - which.born >= limits_.lifetime;
}

pool_state::time_point pool_state::expiry(const pooled_connection& idle) const noexcept {
  return std::min(idle.idle_since + idle.idle_limit, idle.born + limits_.lifetime);
}

// A stream may have taken an idle connection, or bring one back: calls in use and idle ones together
// stay under the limit for calls, so that a wave of streams that end leaves no more than that behind.
bool pool_state::room_for_idle() const noexcept { return in_use(lease_kind::call) + idle() < limits_.calls; }

int pool_state::new_id(lease_kind use) {
  int id = static_cast<int>(connections_.size());
  if (unused_.empty()) {
    connections_.emplace_back();
  } else {
    id = unused_.back();
    unused_.pop_back();
  }
  connections_[static_cast<std::size_t>(id)] = pooled_connection();
  connections_[static_cast<std::size_t>(id)].use = use;
  connections_[static_cast<std::size_t>(id)].live = true;
  return id;
}

void pool_state::forget(int connection) {
  connections_[static_cast<std::size_t>(connection)].live = false;
  unused_.push_back(connection);
}

std::optional<int> pool_state::take_idle(lease_kind use, time_point now) {
  if (closed_ || full(use)) return std::nullopt;
  for (auto at = idle_.rbegin(); at != idle_.rend(); ++at) {
    pooled_connection& candidate = connections_[static_cast<std::size_t>(*at)];
    if (now - candidate.idle_since >= limits_.idle)
      break;  // the ones below it have been idle for longer still
    if (now >= expiry(candidate)) continue;
    const int id = *at;
    idle_.erase(std::next(at).base());
    candidate.use = use;
    ++in_use_[index(use)];
    return id;
  }
  return std::nullopt;
}

pool_step pool_state::reuse_or_open(lease_kind use, time_point now, std::uint64_t waiter) {
  if (const auto id = take_idle(use, now)) return pool_step(pool_step::what::reuse, *id, waiter);
  ++in_use_[index(use)];
  return pool_step(pool_step::what::open, new_id(use), waiter);
}

pool_step pool_state::take(lease_kind use, time_point now) {
  if (closed_) return pool_step();
  if (!full(use)) return reuse_or_open(use, now, 0);
  waiting_[index(use)].push_back(++last_waiter_);
  return pool_step(pool_step::what::wait, -1, last_waiter_);
}

pool_step pool_state::stale(int connection, time_point now) {
  const lease_kind use = connections_[static_cast<std::size_t>(connection)].use;
  --in_use_[index(use)];
  forget(connection);
  if (closed_) return pool_step();
  return reuse_or_open(use, now, 0);
}

void pool_state::opened(int connection, time_point now) {
  pooled_connection& made = connections_[static_cast<std::size_t>(connection)];
  made.born = made.idle_since = now;
  made.idle_limit = limits_.idle;
}

pool_state::release pool_state::released(int connection, bool reusable, time_point now,
                                         std::chrono::milliseconds kept_for) {
  pooled_connection& back = connections_[static_cast<std::size_t>(connection)];
  back.idle_since = now;
  back.idle_limit = std::min(limits_.idle, kept_for);
  return pass_on_or_keep(connection, reusable && !too_old(back, now), now);
}

pool_state::release pool_state::returned_unused(int connection, time_point now) {
  return pass_on_or_keep(connection, now < expiry(connections_[static_cast<std::size_t>(connection)]), now);
}

pool_state::release pool_state::pass_on_or_keep(int connection, bool fit, time_point now) {
  const lease_kind use = connections_[static_cast<std::size_t>(connection)].use;
  auto& queue = waiting_[index(use)];
  release result;
  result.keep = fit && !closed_;

  if (!queue.empty()) {  // the place passes on without becoming free in between, so nobody overtakes
    const std::uint64_t waiter = queue.front();
    queue.pop_front();
    if (result.keep) {
      result.next = pool_step(pool_step::what::reuse, connection, waiter);
      return result;
    }
    forget(connection);
    --in_use_[index(use)];
    result.next = reuse_or_open(use, now, waiter);
    return result;
  }

  --in_use_[index(use)];
  result.keep = result.keep && room_for_idle();
  if (result.keep)
    lay_down(connection);
  else
    forget(connection);
  return result;
}

// At the end, but for one that comes back unused.
void pool_state::lay_down(int connection) {
  const pooled_connection& back = connections_[static_cast<std::size_t>(connection)];
  const auto later = [this](time_point since, int id) {
    return since < connections_[static_cast<std::size_t>(id)].idle_since;
  };
  idle_.insert(std::upper_bound(idle_.begin(), idle_.end(), back.idle_since, later), connection);
  next_expiry_ = std::min(next_expiry_, expiry(back));
}

bool pool_state::leave(std::uint64_t waiter) {
  for (auto& queue : waiting_) {
    const auto at = std::find(queue.begin(), queue.end(), waiter);
    if (at == queue.end()) continue;
    queue.erase(at);
    return true;
  }
  return false;
}

std::vector<int> pool_state::expired(time_point now) {
  std::vector<int> gone;
  if (now < next_expiry_) return gone;
  next_expiry_ = time_point::max();
  std::erase_if(idle_, [&](int id) {
    const time_point at = expiry(connections_[static_cast<std::size_t>(id)]);
    if (now < at) {
      next_expiry_ = std::min(next_expiry_, at);
      return false;
    }
    gone.push_back(id);
    return true;
  });
  for (const int id : gone) forget(id);
  return gone;
}

pool_state::leftovers pool_state::close() {
  closed_ = true;
  leftovers result;
  result.idle = std::exchange(idle_, {});
  for (const int id : result.idle) forget(id);
  for (auto& queue : waiting_) {
    result.waiters.insert(result.waiters.end(), queue.begin(), queue.end());
    queue.clear();
  }
  return result;
}

}  // namespace mistral::workflows::protocol
