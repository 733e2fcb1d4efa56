// TCP connections to several addresses of one host, begun one after another until the first is there.
// Does not decide which is begun when (happy_eyeballs.hpp), and has no limit of its own.
#pragma once

#include "net/common/asio_compat.hpp"
#include "net/common/gate.hpp"
#include "net/connect/happy_eyeballs.hpp"

#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace mistral::workflows::net {

/// Used on one executor that runs a handler at a time. Whoever starts one
/// calls stop() in the end, whatever happened: no attempt goes on after that.
class connect_race : public std::enable_shared_from_this<connect_race> {
 public:
  /// `sockets` is what sockets are made on, `callbacks` where
  /// this is used. `addresses` are tried in their order.
  connect_race(asio::any_io_executor sockets, asio::any_io_executor callbacks,
               std::vector<asio::ip::address> addresses, std::uint16_t port, std::chrono::milliseconds delay);

  /// At least one address is needed. decided() opens when it is over: without an error if winner()
  /// can be taken, with that of one attempt if all have failed, or with what stop() says.
  void start();
  void stop(error_code why) noexcept;
  const std::shared_ptr<gate>& decided() const noexcept { return decided_; }

  tcp_socket take_winner() { return std::move(attempts_[winner_].socket); }

  /// How each attempt went: "127.0.0.1: Connection refused; ::1: no answer".
  std::string story() const;

 private:
  struct tcp_attempt {
    tcp_attempt(const asio::any_io_executor& executor, asio::ip::address address)
        : where(std::move(address)), socket(executor) {}
    asio::ip::address where;
    tcp_socket socket;
    bool begun = false;
    error_code result;
  };

  asio::any_io_executor callbacks_;
  std::uint16_t port_;
  std::chrono::milliseconds delay_;
  asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>,
                             asio::any_io_executor>
      timer_;
  attempt_schedule schedule_;
  std::vector<tcp_attempt> attempts_;
  std::size_t winner_ = 0;
  bool over_ = false;
  std::shared_ptr<gate> decided_ = std::make_shared<gate>();

  void act(const attempt_step& step);
  void ended(std::size_t index, error_code result);
  void finish(error_code result, const tcp_attempt* winner) noexcept;
  error_code telling_failure() const;
};

}  // namespace mistral::workflows::net
