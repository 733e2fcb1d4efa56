// How a caller comes by a lease: a place in the queue, a
// connection that is there, or one that is made for it.
#include "net/common/time_limit.hpp"
#include "net/pool/pool_core.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace mistral::workflows::net {
namespace {

[[noreturn]] void throw_closed() { throw failure(error::closed, "the connection pool is closed"); }

}  // namespace

/// A place in the queue, left in whatever way the waiting
/// ends; what was granted but not claimed goes on to the next.
class pool_core::place_in_queue {
 public:
  place_in_queue(std::shared_ptr<pool_core> core, std::uint64_t id, std::shared_ptr<waiter> queued)
      : core_(std::move(core)), id_(id), waiter_(std::move(queued)) {}
  ~place_in_queue() {
    if (!core_) return;
    step granted;
    if (core_->leave(id_, *waiter_, granted))
      core_->release(granted.connection,
                     granted.todo == step::what::reuse ? condition::unused : condition::unfit);
  }
  place_in_queue(const place_in_queue&) = delete;
  place_in_queue& operator=(const place_in_queue&) = delete;

  /// After the gate opened: what was granted, or `refuse`.
  step claim() {
    step granted;
    std::exchange(core_, nullptr)->leave(id_, *waiter_, granted);
    return granted;
  }

 private:
  std::shared_ptr<pool_core> core_;
  std::uint64_t id_;
  std::shared_ptr<waiter> waiter_;
};

/// The right to use connection `id`, passed on if nothing comes of it.
class pool_core::permission {
 public:
  permission(std::shared_ptr<pool_core> core, int id) : core_(std::move(core)), id_(id) {}
  ~permission() {
    if (core_) core_->release(id_, condition::unfit);
  }
  permission(const permission&) = delete;
  permission& operator=(const permission&) = delete;

  int id() const noexcept { return id_; }
  void used() noexcept { core_ = nullptr; }

 private:
  std::shared_ptr<pool_core> core_;
  int id_;
};

/// The caller's part in an opening: what is made but not claimed is the pool's.
class pool_core::wait_for_opening {
 public:
  wait_for_opening(std::shared_ptr<pool_core> core, std::shared_ptr<opening> what, int id)
      : core_(std::move(core)), what_(std::move(what)), id_(id) {
    const std::lock_guard lock(core_->mutex_);
    core_->connecting_.push_back(what_);
  }
  ~wait_for_opening() {
    {
      const auto lock = core_->lock_unless_parents();
      if (!lock) return;
      core_->connecting_.remove(what_);
    }
    if (const auto left = what_->leave(id_)) core_->pass_on(*left, what_->use());
    core_->stop_if_closed(*what_);
  }
  wait_for_opening(const wait_for_opening&) = delete;
  wait_for_opening& operator=(const wait_for_opening&) = delete;

 private:
  std::shared_ptr<pool_core> core_;
  std::shared_ptr<opening> what_;
  int id_;
};

/// What the maker of an opening holds, also before it has begun.
class pool_core::opening_under_way {
 public:
  opening_under_way(std::shared_ptr<pool_core> pool, std::shared_ptr<opening> made,
                    std::unique_ptr<permission> allowed)
      : core(std::move(pool)), what(std::move(made)), place(std::move(allowed)) {}
  ~opening_under_way() {
    const auto lock = core->lock_unless_parents();
    if (lock) core->openings_.erase(what.get());
  }
  opening_under_way(const opening_under_way&) = delete;
  opening_under_way& operator=(const opening_under_way&) = delete;

  std::shared_ptr<pool_core> core;
  std::shared_ptr<opening> what;
  std::unique_ptr<permission> place;
};

asio::awaitable<lease> pool_core::acquire(std::shared_ptr<pool_core> self, kind use, progress* record) {
  record->reset();
  std::shared_ptr<waiter> queued;
  step next = self->take(use, queued);
  if (queued) next = co_await wait_for_turn(self, next.waiter, queued, use);
  const std::optional<step> ready = self->check(next);
  if (!ready) throw_closed();
  auto allowed = std::make_unique<permission>(self, ready->connection);
  if (self->process_.in_child())
    throw failure(error::closed, "the connection pool belongs to the parent process");
  if (ready->todo == step::what::open) {
    lease opened = co_await open(self, std::move(allowed), use, record);
    co_return opened;
  }
  lease result = self->use_connection(*ready, use, *record);
  allowed->used();
  co_return result;
}

asio::awaitable<pool_core::step> pool_core::wait_for_turn(std::shared_ptr<pool_core> self, std::uint64_t id,
                                                          std::shared_ptr<waiter> queued, kind use) {
  place_in_queue in_queue(self, id, queued);
  std::optional<time_limit> limit;
  if (use == kind::stream) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    limit.emplace(executor, self->options_.connect_limit);
    limit->on_end([turn = queued->turn] { turn->open(asio::error::timed_out); });
  }
  const std::tuple<error_code> came = co_await queued->turn->async_wait(no_throw);
  if (std::get<0>(came) == asio::error::timed_out) {
    throw failure(error::connect_timeout, "no connection for a stream became free within the connect limit");
  }
  if (std::get<0>(came)) throw boost::system::system_error(std::get<0>(came));
  co_return in_queue.claim();
}

// The name is looked up in the caller's own coroutine: who leaves
// then leaves nothing behind. What follows goes on without it.
asio::awaitable<lease> pool_core::open(std::shared_ptr<pool_core> self, std::unique_ptr<permission> allowed,
                                       kind use, progress* record) {
  const auto until = std::chrono::steady_clock::now() + self->options_.connect_limit;
  name_cache::addresses addresses;
  if (self->connector_) addresses = co_await self->resolve(until, record);
  const int id = allowed->id();
  const auto made = std::make_shared<opening>(asio::make_strand(self->executor_.get()), use);
  const wait_for_opening part(self, made, id);
  auto under_way = std::make_unique<opening_under_way>(self, made, std::move(allowed));
  begin(make(std::move(under_way), std::move(addresses), until), made);
  while (const std::shared_ptr<gate> more = made->news(*record)) {
    const std::tuple<error_code> came = co_await more->async_wait(no_throw);
    if (!std::get<0>(came)) continue;
    made->news(*record);
    throw boost::system::system_error(std::get<0>(came));
  }
  const int ready = made->check(id);
  lease result = self->use_connection(step(step::what::open, ready, 0), use, *record);
  made->claim();
  co_return result;
}

asio::awaitable<name_cache::addresses> pool_core::resolve(std::chrono::steady_clock::time_point until,
                                                          progress* record) {
  phase_listener enter = [record](phase next) { record->reached = next; };
  try {
    name_cache::addresses found = co_await connector::resolve(connector_, until, std::move(enter));
    co_return found;
  } catch (const boost::system::system_error& problem) {
    count(problem);
    throw;
  }
}

void pool_core::begin(asio::awaitable<void> maker, const std::shared_ptr<opening>& what) {
  auto done = [what](std::exception_ptr) {};  // it has told all there is to tell
  asio::co_spawn(what->executor(), std::move(maker),
                 asio::bind_cancellation_slot(what->slot(), std::move(done)));
}

asio::awaitable<void> pool_core::make(std::unique_ptr<opening_under_way> under_way,
                                      name_cache::addresses addresses,
                                      std::chrono::steady_clock::time_point until) {
  pool_core& core = *under_way->core;
  opening& what = *under_way->what;
  if (!what.wanted()) co_return;
  const int id = under_way->place->id();
  std::exception_ptr problem;
  try {
    core.enlist(what);
    std::unique_ptr<channel> bytes = co_await core.connect(what, std::move(addresses), until);
    core.opened(id, std::move(bytes));
  } catch (...) {
    problem = std::current_exception();
  }
  if (problem) {
    under_way->place.reset();  // free before the caller hears of it
    what.failed(core.told(std::move(problem), what));
    co_return;
  }
  under_way->place->used();
  if (!what.made()) core.pass_on(id, what.use());
}

// Not before it has begun: a coroutine that has not must not be cancelled.
void pool_core::enlist(opening& what) {
  const std::lock_guard lock(mutex_);
  if (aborted_ || (state_.closed() && !what.wanted())) throw_closed();
  openings_.insert(&what);
}

asio::awaitable<std::unique_ptr<channel>> pool_core::connect(opening& what, name_cache::addresses addresses,
                                                             std::chrono::steady_clock::time_point until) {
  if (options_.connect) {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    what.enter(phase::connecting);
    time_limit limit(executor, options_.connect_limit);
    limit.on_end([&what] { what.stop(error::connect_timeout); });
    std::unique_ptr<channel> made = co_await options_.connect();
    co_return made;
  }
  phase_listener enter = [&what](phase next) { what.enter(next); };
  std::unique_ptr<channel> made =
      co_await connector::connect(connector_, std::move(addresses), until, std::move(enter));
  co_return made;
}

/// What the caller of a failed opening is told.
std::exception_ptr pool_core::told(std::exception_ptr problem, const opening& what) {
  try {
    if (what.stopped() == error::closed) throw_closed();
    if (what.stopped()) throw failure(*what.stopped(), "no connection within the connect limit");
    std::rethrow_exception(std::move(problem));
  } catch (const boost::system::system_error& e) {
    count(e);
    return std::current_exception();
  } catch (...) {
    return std::current_exception();
  }
}

void pool_core::count(const boost::system::system_error& problem) {
  if (problem.code() == asio::error::operation_aborted || problem.code() == error::closed) return;
  const std::lock_guard lock(mutex_);
  ++counted_.connect_failures;
}

void pool_core::opened(int id, std::unique_ptr<channel> bytes) {
  auto made = std::make_unique<connection>(std::move(bytes), options_.header_limit);
  const std::lock_guard lock(mutex_);
  if (connections_.size() <= static_cast<std::size_t>(id))
    connections_.resize(static_cast<std::size_t>(id) + 1);
  if (aborted_) made->abort();
  connections_[static_cast<std::size_t>(id)] = std::move(made);
  ++counted_.opened;
  state_.opened(id, now());
}

/// A connection whose caller has left: to the first who still connects for the same use, place
/// and all, else back to the pool. What that one's own connect makes is passed on in turn.
void pool_core::pass_on(int id, kind use) noexcept {
  while (const std::shared_ptr<opening> next = first_connecting(use))
    if (next->offer(id)) return;
  release(id, condition::unused);
}

std::shared_ptr<opening> pool_core::first_connecting(kind use) const noexcept {
  const auto lock = lock_unless_parents();
  if (!lock) return nullptr;
  const auto waits = [use](const auto& one) { return one->use() == use && one->waited_for(); };
  const auto found = std::find_if(connecting_.begin(), connecting_.end(), waits);
  return found == connecting_.end() ? nullptr : *found;
}

/// The caller has left: a closed pool has no use for it.
void pool_core::stop_if_closed(opening& what) noexcept {
  const auto lock = lock_unless_parents();
  if (lock && state_.closed() && !abandoned_ && openings_.contains(&what) && !what.wanted())
    what.stop(error::closed);
}

}  // namespace mistral::workflows::net
