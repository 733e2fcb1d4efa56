// Values that come in sequence, one for each co_await: pages, log lines, outcomes of many calls.
// Not a queue: nothing is fetched before it is asked for, and no coroutine runs while nobody waits.
#pragma once

#include <mistral/workflows/pull_gate.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows {

/// A sequence of values, pulled one at a time:
///
///     while (auto value = co_await generator.next()) use(*value);
///
/// Move-only. Lifetime: may be destroyed while `next()` is pending, which then ends with `operation_aborted`;
/// may outlive its io_context. Threads: one generator is used by one coroutine or strand at a time.
template <class T>
class async_generator {
 public:
  /// What it makes.
  using value_type = T;
  /// Makes the next value, or none at the end. Called again after it threw or was cancelled: it must keep its
  /// state until it returns, and must not suspend after it has made up its mind which value to return.
  using pull_function = std::function<boost::asio::awaitable<std::optional<T>>()>;
  /// Hears of the generator's end. Must not throw.
  using close_function = std::function<void()>;

  /// A generator without values.
  async_generator() = default;

  /// `pull` runs on `executor`, which must be a strand if its context is run by several threads. `operation`
  /// is how errors name it, for example "runs.list". `on_close` is called once by `close()` or the
  /// destructor, on the thread of that call: a `pull` that waits ends only later, on `executor`. It is not
  /// called once the io_context is gone.
  async_generator(boost::asio::any_io_executor executor, std::string operation, pull_function pull,
                  close_function on_close = close_function()) {
    auto made = std::make_shared<state>(std::move(executor), std::move(operation), std::move(pull),
                                        std::move(on_close));
    pull_gate::keep(made);
    state_ = made;
    alive_ = true;
  }

  async_generator(async_generator&& other) noexcept
      : state_(std::exchange(other.state_, {})), alive_(std::exchange(other.alive_, false)) {}
  async_generator& operator=(async_generator&& other) noexcept {
    if (this == &other) return *this;
    close();
    state_ = std::exchange(other.state_, {});
    alive_ = std::exchange(other.alive_, false);
    return *this;
  }
  ~async_generator() { close(); }

  /// The next value; none at the end, and ever after.
  /// Errors:   invalid_argument - another `next()` is pending (thrown when awaited); what fetching ends with
  /// Cancel:   terminal, partial, total: nothing is lost, `next()` can be called again. A value that was made
  ///           in the same instant is returned; in `next() || timer` the loser's value is thrown away by the
  ///           operator.
  boost::asio::awaitable<std::optional<T>> next() { return pull(state_.lock(), alive_); }

  /// Ends the sequence: a pending `next()` ends with operation_aborted, as do later ones.
  void close() noexcept {
    if (auto locked = state_.lock()) {
      if (locked->on_close) locked->on_close();
      locked->close();
      pull_gate::forget(locked);
    }
    state_.reset();
  }

 private:
  struct state : pull_gate {
    state(boost::asio::any_io_executor executor, std::string operation, pull_function function,
          close_function closing)
        : pull_gate(std::move(executor), std::move(operation)),
          pull(std::move(function)),
          on_close(std::move(closing)) {}

    pull_function pull;
    close_function on_close;
    std::optional<T> value;
    bool ended = false;

    boost::asio::awaitable<void> fetch(std::shared_ptr<state> self) {
      self->value = co_await self->pull();
      if (!self->value) self->ended = true;
    }
  };

  static boost::asio::awaitable<std::optional<T>> pull(std::shared_ptr<state> source, bool alive) {
    if (!source) {
      if (alive) throw_closed_generator();
      co_return std::nullopt;
    }
    auto turn = source->enter();
    if (!source->ended) co_await source->run(source->fetch(source));
    co_return std::exchange(source->value, std::nullopt);
  }

  std::weak_ptr<state> state_;
  bool alive_ = false;
};

}  // namespace mistral::workflows
