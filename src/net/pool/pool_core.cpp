#include "net/pool/pool_core.hpp"

#include "net/common/time_limit.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <set>

namespace mistral::workflows::net {

// Which pools live on a context.
class pool_core::registry {
 public:
  std::mutex mutex;
  bool stopped = false;
  std::set<pool_core*> pools;
};

namespace {

// Idle connections that keep the memory they work with, 33 KB each in OpenSSL 3.0.
constexpr int most_warm = 64;

class pool_service final : public asio::execution_context::service {
 public:
  using key_type = pool_service;
  static asio::execution_context::id id;

  explicit pool_service(asio::execution_context& context)
      : service(context), pools(std::make_shared<pool_core::registry>()) {}

  void shutdown() override {
    std::vector<std::shared_ptr<pool_core>> left;
    {
      const std::lock_guard lock(pools->mutex);
      pools->stopped = true;
      for (pool_core* const one : pools->pools) {
        if (auto still_there = one->weak_from_this().lock()) left.push_back(std::move(still_there));
      }
    }
    for (const auto& one : left) one->abandon();
  }

  std::shared_ptr<pool_core::registry> pools;
};

asio::execution_context::id pool_service::id;

protocol::pool_limits limits_of(const pool_options& options) {
  if (options.call_connections < 1) throw option_error("call_connections", "must be at least 1");
  if (options.stream_connections < 0) throw option_error("stream_connections", "must not be negative");
  protocol::pool_limits limits;
  limits.calls = options.call_connections;
  limits.streams = options.stream_connections;
  limits.idle = options.idle_limit;
  limits.lifetime = options.lifetime;
  return limits;
}

pool_options with_clock(pool_options options) {
  if (!options.now) options.now = [] { return std::chrono::steady_clock::now(); };
  return options;
}

}  // namespace

/// A place in the queue, left in whatever way the waiting ends; what was granted but not claimed goes on to the next.
class pool_core::place_in_queue {
 public:
  place_in_queue(std::shared_ptr<pool_core> core, std::uint64_t id, std::shared_ptr<waiter> place)
      : core_(std::move(core)), id_(id), place_(std::move(place)) {}
  ~place_in_queue() {
    if (!core_) return;
    step granted;
    if (core_->leave(id_, *place_, granted)) core_->release(granted.connection, granted.todo == step::what::reuse);
  }
  place_in_queue(const place_in_queue&) = delete;
  place_in_queue& operator=(const place_in_queue&) = delete;

  /// After the gate opened: what was granted, or `refuse`.
  step claim() {
    step granted;
    std::exchange(core_, nullptr)->leave(id_, *place_, granted);
    return granted;
  }

 private:
  std::shared_ptr<pool_core> core_;
  std::uint64_t id_;
  std::shared_ptr<waiter> place_;
};

/// The right to use connection `id`, passed on if nothing comes of it.
class pool_core::permission {
 public:
  permission(std::shared_ptr<pool_core> core, int id) : core_(std::move(core)), id_(id) {}
  ~permission() {
    if (core_) core_->release(id_, false);
  }
  permission(const permission&) = delete;
  permission& operator=(const permission&) = delete;
  void used() noexcept { core_ = nullptr; }

 private:
  std::shared_ptr<pool_core> core_;
  int id_;
};

std::shared_ptr<pool_core> pool_core::make(asio::any_io_executor executor, pool_options options) {
  auto made = std::make_shared<pool_core>(below_strand(executor), with_clock(std::move(options)));
  made->registry_ = asio::use_service<pool_service>(context_of(made->executor_)).pools;
  const std::lock_guard lock(made->registry_->mutex);
  made->registry_->pools.insert(made.get());
  return made;
}

pool_core::pool_core(asio::any_io_executor executor, pool_options options)
    : executor_(std::move(executor)),
      options_(std::move(options)),
      connector_(options_.connect ? nullptr : std::make_shared<connector>(executor_, options_)),
      state_(limits_of(options_)) {}

pool_core::~pool_core() {
  if (!registry_) return;
  const std::lock_guard lock(registry_->mutex);
  registry_->pools.erase(this);
}

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

/// `found` if its connection is alive, else what to do instead; nullopt if the pool was closed meanwhile.
std::optional<pool_core::step> pool_core::check(step found) {
  while (found.todo == step::what::reuse) {
    connection* candidate = nullptr;
    {
      const std::lock_guard lock(mutex_);
      candidate = connections_[static_cast<std::size_t>(found.connection)].get();
    }
    if (candidate->quiet()) return found;  // without the mutex: it is ours, and this is a system call
    found = replace_stale(found.connection);
  }
  if (found.todo == step::what::refuse) return std::nullopt;
  return found;
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
  taken.suit(use == kind::stream);
  return lease(shared_from_this(), &taken, ready.connection);
}

lease pool_core::try_acquire(kind use, progress& record) {
  record.reset();
  step found;
  connection* candidate = nullptr;
  {
    closing old;
    const std::lock_guard lock(mutex_);
    const auto at = now();
    collect(state_.expired(at), old);
    const auto id = state_.take_idle(use, at);
    if (!id) return lease();
    idle_.store(state_.idle(), std::memory_order_relaxed);
    found = step(step::what::reuse, *id, 0);
    candidate = connections_[static_cast<std::size_t>(*id)].get();
  }
  if (candidate->quiet()) return use_connection(*candidate, found, use, record);
  const auto ready = check(replace_stale(found.connection));
  if (!ready) return lease();
  if (ready->todo == step::what::reuse) return use_connection(*ready, use, record);
  release(ready->connection, false);
  return lease();
}

asio::awaitable<lease> pool_core::acquire(std::shared_ptr<pool_core> self, kind use, progress* record) {
  record->reset();
  std::shared_ptr<waiter> queued;
  step next = self->take(use, queued);
  if (queued) next = co_await wait_for_turn(self, next, queued, use);
  const std::optional<step> ready = self->check(next);
  if (!ready) throw failure(error::closed, "the connection pool is closed");
  permission allowed(self, ready->connection);
  if (ready->todo == step::what::open) {
    std::unique_ptr<channel> bytes = co_await self->open(record);
    self->opened(ready->connection, std::move(bytes));
  }
  lease result = self->use_connection(*ready, use, *record);
  allowed.used();
  co_return result;
}

asio::awaitable<pool_core::step> pool_core::wait_for_turn(std::shared_ptr<pool_core> self, step queued,
                                                          std::shared_ptr<waiter> place, kind use) {
  place_in_queue in_queue(self, queued.waiter, place);
  std::optional<time_limit> limit;
  if (use == kind::stream) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    limit.emplace(executor, self->options_.connect_limit);
    limit->on_end([turn = place->turn] { turn->open(asio::error::timed_out); });
  }
  const std::tuple<error_code> came = co_await place->turn->async_wait(no_throw);
  if (std::get<0>(came) == asio::error::timed_out) {
    throw failure(error::connect_timeout, "no connection for a stream became free within the connect limit");
  }
  if (std::get<0>(came)) throw boost::system::system_error(std::get<0>(came));
  co_return in_queue.claim();
}

asio::awaitable<std::unique_ptr<channel>> pool_core::open(progress* record) {
  std::unique_ptr<channel> made;
  try {
    if (options_.connect) {
      record->reached = phase::connecting;
      made = co_await options_.connect();
    } else {
      made = co_await connector::connect(connector_, record);
    }
  } catch (const boost::system::system_error& problem) {
    if (problem.code() != asio::error::operation_aborted) {
      const std::lock_guard lock(mutex_);
      ++counted_.connect_failures;
    }
    throw;
  }
  co_return made;
}

void pool_core::opened(int id, std::unique_ptr<channel> bytes) {
  auto made = std::make_unique<connection>(std::move(bytes), options_.header_limit);
  const std::lock_guard lock(mutex_);
  if (connections_.size() <= static_cast<std::size_t>(id)) connections_.resize(static_cast<std::size_t>(id) + 1);
  if (aborted_) made->abort();
  connections_[static_cast<std::size_t>(id)] = std::move(made);
  ++counted_.opened;
  state_.opened(id, now());
}

void pool_core::give_back(connection& returned, int id) noexcept {
  const bool reusable = returned.reusable();
  returned.idle();
  // The last to come back is the first to be taken: those below it in the pile are not needed soon.
  if (reusable && idle_.load(std::memory_order_relaxed) >= most_warm) returned.rest();
  release(id, reusable);
}

void pool_core::release(int id, bool reusable) noexcept {
  closing old;
  std::shared_ptr<gate> woken;
  {
    const std::lock_guard lock(mutex_);
    const auto at = now();
    const auto result = state_.released(id, reusable, at);
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

/// True: `claimed` was granted, and is now the caller's to use or to release.
bool pool_core::leave(std::uint64_t id, waiter& left, step& claimed) {
  const std::lock_guard lock(mutex_);
  if (left.granted) {
    claimed = *left.granted;
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

void pool_core::trim() noexcept {
  closing old;
  {
    const std::lock_guard lock(mutex_);
    collect(state_.expired(now()), old);
  }
}

void pool_core::close() noexcept {
  closing old;
  std::map<std::uint64_t, std::shared_ptr<waiter>> refused;
  {
    const std::lock_guard lock(mutex_);
    collect(state_.close().idle, old);
    refused.swap(waiters_);
  }
  for (const auto& [id, one] : refused) one->turn->open();
}

void pool_core::abort() noexcept {
  close();
  if (connector_) connector_->abort();
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  for (const auto& one : connections_) {
    if (one) one->abort();
  }
}

void pool_core::abandon() noexcept {
  close();
  std::vector<connection*> on_loan;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& one : connections_) {
      if (one) on_loan.push_back(one.get());
    }
  }
  for (connection* const one : on_loan) one->drop();
}

pool_stats pool_core::stats() const {
  const std::lock_guard lock(mutex_);
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
