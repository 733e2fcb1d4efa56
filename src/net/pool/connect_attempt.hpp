// One try to get a connection through, step by step, and what its steps share. For connector.cpp alone.
// Does not decide which steps are taken.
#pragma once

#include "net/channel/channel.hpp"
#include "net/channel/stream.hpp"
#include "net/common/time_limit.hpp"
#include "net/connect/name_cache.hpp"
#include "net/http/read_buffer.hpp"
#include "net/http/response_parser.hpp"
#include "net/pool/connector.hpp"
#include "net/tls/tls_channel.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace mistral::workflows::net {

class connector::connect_attempt {
 public:
  connect_attempt(std::shared_ptr<connector> parent, time_point until, phase_listener enter,
                  const asio::any_io_executor& executor);
  ~connect_attempt();
  connect_attempt(const connect_attempt&) = delete;
  connect_attempt& operator=(const connect_attempt&) = delete;

  /// Under the parent's lock, from any thread.
  void abort() const { limit_.interrupter()(); }

  asio::awaitable<name_cache::addresses> resolve();
  asio::awaitable<tcp_socket> connect(name_cache::addresses addresses);
  /// Through the proxy to the server (CONNECT); nothing of a request or of its key is shown to the proxy.
  asio::awaitable<tcp_socket> tunnel(tcp_socket socket);
  asio::awaitable<std::unique_ptr<channel>> secure(tcp_socket socket);

 private:
  std::shared_ptr<connector> parent_;
  phase_listener enter_;
  asio::any_io_executor executor_;
  time_limit limit_;

  static std::chrono::milliseconds left_until(time_point until);
  std::string server() const;
  std::string target() const;
  std::string connect_request() const;
  void feed(response_parser& parser, read_buffer& buffer) const;
  /// After a wait: time is over, or the caller cancelled. Anything else is left to whoever asked.
  void check(error_code came, const std::string& so_far = std::string()) const;
  [[noreturn]] static void throw_closed();
  [[noreturn]] void refuse_large_head() const;
  [[noreturn]] void refuse_tunnel(const io_result& came) const;
  [[noreturn]] void refuse_tunnel(int status) const;
  [[noreturn]] void refuse(const tls_channel& secured, const io_result& came) const;
};

}  // namespace mistral::workflows::net
