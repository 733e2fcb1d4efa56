// Callers who ask a pool for a connection and may leave, over connects that a test lets go on.
// Runs the context a handler at a time: nothing here waits for a clock.
#pragma once

#include "net/channel/memory_channel.hpp"
#include "net/common/gate.hpp"
#include "net/pool/pool.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace test {

/// A way to connect that a test opens: how many have begun, and a gate for each.
class held_connects {
 public:
  std::vector<std::shared_ptr<net::gate>> gates;
  std::vector<std::unique_ptr<net::memory_channel>> servers;

  net::connect_function function() {
    return [this]() -> asio::awaitable<std::unique_ptr<net::channel>> {
      const auto mine = std::make_shared<net::gate>();
      gates.push_back(mine);
      co_await mine->async_wait(asio::use_awaitable);
      auto ends = net::memory_channel::make_pair();
      servers.push_back(std::move(ends.second));
      co_return std::move(ends.first);
    };
  }
};

/// A caller that asks for a connection, and can be made to leave.
class caller {
 public:
  caller(const asio::any_io_executor& executor, net::pool& pool, net::kind use = net::kind::call) {
    asio::co_spawn(executor, ask(pool, use),
                   asio::bind_cancellation_slot(signal_.slot(), [this](std::exception_ptr e) {
                     ended = true;
                     why = std::move(e);
                   }));
  }
  void leave() { signal_.emit(asio::cancellation_type::terminal); }

  boost::system::error_code code() const {
    try {
      if (why) std::rethrow_exception(why);
    } catch (const boost::system::system_error& e) {
      return e.code();
    }
    return {};
  }

  bool ended = false;
  std::exception_ptr why;
  net::progress record;
  std::optional<net::lease> got;

 private:
  asio::cancellation_signal signal_;

  asio::awaitable<void> ask(net::pool& pool, net::kind use) { got = co_await pool.acquire(use, record); }
};

/// Runs the context, a handler at a time, until that holds. Each handler is waited for.
template <typename Condition>
void run_until(asio::io_context& io, Condition holds) {
  io.restart();
  while (!holds()) BOOST_REQUIRE(io.run_one() == 1u);
}

inline void run_to_end(asio::io_context& io, const caller& one) {
  run_until(io, [&one] { return one.ended; });
}

inline void run_to_handshake(asio::io_context& io, const caller& one) {
  run_until(io, [&one] { return one.record.reached == net::phase::tls_handshake; });
}

inline void leave(asio::io_context& io, caller& one) {
  one.leave();
  run_to_end(io, one);
}

}  // namespace test
