#include <mistral/workflows/pull_gate.hpp>

#include <mistral/workflows/error.hpp>

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/query.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <mutex>
#include <unordered_map>
#include <utility>

namespace mistral::workflows {

namespace asio = boost::asio;

namespace {

// Strands and timers must not outlive their context, but handles may. So the context owns the gates.
class gate_registry : public asio::execution_context::service {
 public:
  using key_type = gate_registry;
  static inline asio::execution_context::id id;

  explicit gate_registry(asio::execution_context& context) : service(context) {}

  void add(std::shared_ptr<pull_gate> gate) {
    const std::lock_guard lock(mutex_);
    const auto* address = gate.get();
    gates_.emplace(address, std::move(gate));
  }

  std::shared_ptr<pull_gate> remove(const pull_gate* gate) {
    const std::lock_guard lock(mutex_);
    auto found = gates_.extract(gate);
    return found ? std::move(found.mapped()) : nullptr;
  }

 private:
  void shutdown() override {
    std::unordered_map<const pull_gate*, std::shared_ptr<pull_gate>> die_unlocked;
    const std::lock_guard lock(mutex_);
    die_unlocked.swap(gates_);
  }

  std::mutex mutex_;
  std::unordered_map<const pull_gate*, std::shared_ptr<pull_gate>> gates_;
};

gate_registry& registry_of(const pull_gate& gate) {
  return asio::use_service<gate_registry>(asio::query(gate.executor(), asio::execution::context));
}

[[noreturn]] void throw_cancelled(const std::string& operation) {
  throw cancelled_error(error_context(operation, 0, server_action::no));
}

}  // namespace

void throw_closed_generator() { throw_cancelled("next"); }

/// One operation in flight. `signal` is emitted on the gate's executor only, and never after `done`.
struct pull_gate::ticket {
  asio::cancellation_signal signal;
  bool done = false;
  bool cancelled = false;

  void cancel(asio::cancellation_type type) {
    if (done) return;
    cancelled = true;
    signal.emit(type);
  }
};

pull_gate::pull_gate(asio::any_io_executor executor, std::string operation)
    : executor_(std::move(executor)), operation_(std::move(operation)) {}

pull_gate::~pull_gate() = default;

void pull_gate::keep(const std::shared_ptr<pull_gate>& gate) { registry_of(*gate).add(gate); }

void pull_gate::forget(const std::shared_ptr<pull_gate>& gate) {
  auto kept = registry_of(*gate).remove(gate.get());
  if (gate->brief_) gate->last_ = std::move(kept);
}

pull_gate::turn::~turn() {
  if (gate_) gate_->leave();
}

bool pull_gate::try_enter() noexcept { return !busy_.exchange(true); }

void pull_gate::leave() noexcept {
  release_if_closed();
  busy_.store(false);
  // `close` may have come between the two lines above, and have found the gate busy.
  if (closed_.load() && try_enter()) {
    release_if_closed();
    busy_.store(false);
  }
}

void pull_gate::release_if_closed() noexcept {
  if (!closed_.load() || std::exchange(released_, true)) return;
  release();
}

pull_gate::turn pull_gate::enter() { return enter(shared_from_this()); }

pull_gate::turn pull_gate::enter(std::shared_ptr<pull_gate> gate) {
  gate->admit(false);
  if (!gate->try_enter()) gate->refuse();
  return turn(std::move(gate));
}

void pull_gate::refuse() const {
  if (closed_.load()) throw_cancelled(operation_);
  throw invalid_argument("next", "called while an earlier call is still pending", operation_);
}

void pull_gate::closed_within() noexcept {
  release_if_closed();
  busy_.store(false);
  const auto goes_at_the_end = std::move(last_);
}

void pull_gate::close() noexcept {
  if (closed_.exchange(true)) return;
  if (try_enter()) {
    leave();
    return;
  }
  // An operation is in flight, so the context is alive.
  asio::dispatch(executor_, [self = shared_from_this()] {
    if (self->current_) self->current_->cancel(asio::cancellation_type::terminal);
  });
}

void pull_gate::interrupt() {
  if (current_ && !current_->done) current_->signal.emit(asio::cancellation_type::terminal);
}

bool pull_gate::cancelled() const noexcept { return current_ && current_->cancelled; }

asio::awaitable<void> pull_gate::recover() {
  // Not within `interrupt`, which may still be on the stack of whoever resumed this coroutine.
  co_await asio::post(executor_, asio::use_awaitable);
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await asio::this_coro::throw_if_cancelled(true);
  if (cancelled()) throw boost::system::system_error(asio::error::operation_aborted);
}

asio::awaitable<void> pull_gate::guarded(std::shared_ptr<ticket> in_flight, asio::awaitable<void> work) {
  // This is the coroutine's own state: any type of cancellation is harmless here, so all are let through.
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  struct finish {
    pull_gate* gate;
    ticket* ended;
    ~finish() {
      ended->done = true;
      gate->current_.reset();
    }
  } at_end{this, in_flight.get()};
  current_ = in_flight;
  if (closed_.load()) throw boost::system::system_error(asio::error::operation_aborted);
  std::exception_ptr failure;
  try {
    co_await std::move(work);
  } catch (...) {
    failure = std::current_exception();
  }
  // A cancellation must not disturb the way back to the caller: not one that came too late, and not where the
  // work was never suspended, as co_spawn then waits once more (a hook closes its stream; Boost 1.81).
  co_await asio::this_coro::throw_if_cancelled(false);
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> pull_gate::run(asio::awaitable<void> work) {
  auto self = shared_from_this();
  auto in_flight = std::make_shared<ticket>();
  auto start = [this, self, in_flight](auto handler, asio::awaitable<void> body) {
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto home = asio::get_associated_executor(handler, self->executor_);
    if (slot.is_connected()) {
      // The caller's signal may outlive the context, and with that whatever its slot would keep.
      slot.assign([gate = weak_from_this(), weak = std::weak_ptr(in_flight)](asio::cancellation_type type) {
        const auto waited_at = gate.lock();
        if (!waited_at) return;
        asio::dispatch(waited_at->executor_, [weak, type] {
          if (auto waiting = weak.lock()) waiting->cancel(type);
        });
      });
    }
    auto finish = [self, in_flight, handler = std::move(handler)](std::exception_ptr failure) mutable {
      std::move(handler)(failure);
    };
    auto bound =
        asio::bind_cancellation_slot(in_flight->signal.slot(), asio::bind_executor(home, std::move(finish)));
    asio::co_spawn(self->executor_, self->guarded(in_flight, std::move(body)), std::move(bound));
  };
  try {
    co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
        std::move(start), asio::use_awaitable, std::move(work));
  } catch (const error&) {
    throw;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted) throw_cancelled(operation_);
    throw;
  }
}

}  // namespace mistral::workflows
