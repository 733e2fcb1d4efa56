#include "net/pool/pool_core.hpp"

#include <utility>

namespace mistral::workflows::net {

namespace {

// Idle connections that keep the memory they work with, 33 KB each in OpenSSL 3.0.
constexpr int most_warm = 64;

}  // namespace

pool_core::step pool_core::take(kind use, std::shared_ptr<waiter>& queued) {
  closing old;
  const std::lock_guard lock(mutex_);
  const auto at = now();
  collect(state_.expired(at), old);
  const step next = state_.take(use, at);
  if (next.todo == step::what::wait) {
    queued = std::make_shared<waiter>();
    waiters_.emplace(next.waiter, queued);
  }
  return next;
}

/// `next` if its connection is alive, else what to do instead; nullopt if the pool was closed meanwhile.
std::optional<pool_core::step> pool_core::check(step next) {
  while (next.todo == step::what::reuse) {
    connection* candidate = nullptr;
    {
      const std::lock_guard lock(mutex_);
      candidate = connections_[static_cast<std::size_t>(next.connection)].get();
    }
    if (candidate->alive()) return next;  // without the mutex: it is ours, and this is a system call
    next = replace_stale(next.connection);
  }
  if (next.todo == step::what::refuse) return std::nullopt;
  return next;
}

pool_core::step pool_core::replace_stale(int id) {
  closing dead;
  const std::lock_guard lock(mutex_);
  ++counted_.stale;
  collect({id}, dead);
  return state_.stale(id, now());
}

lease pool_core::use_connection(step ready, kind use, progress& record) {
  connection* taken = nullptr;
  {
    const std::lock_guard lock(mutex_);
    taken = connections_[static_cast<std::size_t>(ready.connection)].get();
  }
  return use_connection(*taken, ready, use, record);
}

lease pool_core::use_connection(connection& taken, step ready, kind use, progress& record) {
  if (ready.todo == step::what::reuse) reused_.fetch_add(1, std::memory_order_relaxed);
  record.reused = taken.used();
  taken.taken(record, use == kind::call ? std::optional<std::uint64_t>(options_.body_limit) : std::nullopt);
  taken.prepare_for(use);
  return lease(shared_from_this(), &taken, ready.connection);
}

lease pool_core::try_acquire(kind use, progress& record) {
  record.reset();
  step next;
  connection* candidate = nullptr;
  {
    closing old;
    const std::lock_guard lock(mutex_);
    const auto at = now();
    collect(state_.expired(at), old);
    const auto id = state_.take_idle(use, at);
    if (!id) return lease();
    idle_.store(state_.idle(), std::memory_order_relaxed);
    next = step(step::what::reuse, *id, 0);
    candidate = connections_[static_cast<std::size_t>(*id)].get();
  }
  if (candidate->alive()) return use_connection(*candidate, next, use, record);
  const auto ready = check(replace_stale(next.connection));
  if (!ready) return lease();
  if (ready->todo == step::what::reuse) return use_connection(*ready, use, record);
  release(ready->connection, condition::unfit);
  return lease();
}

void pool_core::give_back(connection& returned, int id) noexcept {
  const bool reusable = returned.reusable();
  const condition fit = returned.untouched() ? condition::unused : condition::used;
  const std::chrono::milliseconds kept_for = returned.kept_for();
  returned.idle();
  // The last to come back is the first to be taken: those below it in the pile are not needed soon.
  if (reusable && idle_.load(std::memory_order_relaxed) >= most_warm) returned.release_buffers();
  release(id, reusable ? fit : condition::unfit, kept_for);
}

void pool_core::release(int id, condition how, std::chrono::milliseconds kept_for) noexcept {
  closing old;
  std::shared_ptr<gate> woken;
  {
    const auto lock = lock_unless_parents();
    if (!lock) return;
    const auto at = now();
    const auto result = how == condition::unused ? state_.returned_unused(id, at)
                                                 : state_.released(id, how == condition::used, at, kept_for);
    if (!result.keep) collect({id}, old);
    if (result.next) woken = grant(*result.next);
    collect(state_.expired(at), old);
    idle_.store(state_.idle(), std::memory_order_relaxed);
  }
  if (woken) woken->open();
}

std::shared_ptr<gate> pool_core::grant(const step& next) {
  const auto found = waiters_.find(next.waiter);
  found->second->granted = next;
  std::shared_ptr<gate> turn = found->second->turn;
  waiters_.erase(found);
  return turn;
}

/// True: `granted` is now the caller's to use or to release.
bool pool_core::leave(std::uint64_t id, waiter& left, step& granted) {
  const auto lock = lock_unless_parents();
  if (!lock) return false;
  if (left.granted) {
    granted = *left.granted;
    left.granted.reset();
    return true;
  }
  state_.leave(id);
  waiters_.erase(id);
  return false;
}

void pool_core::collect(const std::vector<int>& ids, closing& out) {
  for (const int id : ids) {
    if (static_cast<std::size_t>(id) < connections_.size() && connections_[static_cast<std::size_t>(id)]) {
      out.push_back(std::move(connections_[static_cast<std::size_t>(id)]));
    }
  }
}

/// In a child of the process the mutex may be held for ever, by a thread that only
/// the parent has: then it is not taken, and nothing that it guards may be touched.
std::unique_lock<std::mutex> pool_core::lock_unless_parents() const {
  if (process_.in_child()) return std::unique_lock(mutex_, std::try_to_lock);
  return std::unique_lock(mutex_);
}

void pool_core::trim() noexcept {
  closing old;
  {
    const auto lock = lock_unless_parents();
    if (!lock) return;
    collect(state_.expired(now()), old);
    idle_.store(state_.idle(), std::memory_order_relaxed);
  }
}

void pool_core::close() noexcept {
  closing old;
  std::map<std::uint64_t, std::shared_ptr<waiter>> refused;
  {
    const auto lock = lock_unless_parents();
    if (!lock) return;
    collect(state_.close().idle, old);
    refused.swap(waiters_);
    for (opening* const one : openings_) {
      if (!abandoned_ && !one->wanted()) one->stop(error::closed);
    }
  }
  for (const auto& [id, one] : refused) one->turn->open();
}

void pool_core::abort() noexcept {
  close();
  if (process_.in_child()) return;  // nothing of it is under way here
  if (connector_) connector_->abort();
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  for (opening* const one : openings_) one->stop(error::closed);
  for (const auto& one : connections_) {
    if (one) one->abort();
  }
}

void pool_core::abandon() noexcept {
  {
    const auto lock = lock_unless_parents();
    out_of_reach_ = !lock;
    if (!lock) return;
    abandoned_ = true;
  }
  close();
  std::vector<connection*> on_loan;
  {
    const auto lock = lock_unless_parents();
    if (!lock) return;
    for (const auto& one : connections_) {
      if (one) on_loan.push_back(one.get());
    }
  }
  for (connection* const one : on_loan) one->drop();
}

pool_stats pool_core::stats() const {
  const auto lock = lock_unless_parents();
  if (!lock) return pool_stats();
  pool_stats result = counted_;
  result.reused = reused_.load(std::memory_order_relaxed);
  result.handshakes = connector_ ? connector_->handshakes() : 0;
  result.resumed_handshakes = connector_ ? connector_->resumed_handshakes() : 0;
  result.idle = state_.idle();
  result.in_use = state_.in_use();
  result.waiting = state_.waiting();
  return result;
}

}  // namespace mistral::workflows::net
