#include "net/pool/connect_attempt.hpp"

#include "net/connect/connect_race.hpp"
#include "net/connect/happy_eyeballs.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace mistral::workflows::net {
namespace {

std::string in_seconds(std::chrono::milliseconds span) {
  std::string text = std::to_string(span.count() / 1000);
  if (span.count() % 1000 != 0) text = std::to_string(span.count()) + " m";
  return text + (span.count() % 1000 != 0 ? "s" : " s");
}

// What is sent and not taken by the peer's system for so long ends the connection. As
// long as keep-alive takes for the same, which this limit would end early otherwise.
void limit_silence(int socket) noexcept {
  constexpr unsigned milliseconds = 90'000;
  ::setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds, sizeof milliseconds);
}

std::string quoted_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

class stop_at_the_end {
 public:
  explicit stop_at_the_end(connect_race& race) noexcept : race_(race) {}
  ~stop_at_the_end() { race_.stop(asio::error::operation_aborted); }
  stop_at_the_end(const stop_at_the_end&) = delete;
  stop_at_the_end& operator=(const stop_at_the_end&) = delete;

 private:
  connect_race& race_;
};

}  // namespace

connector::connect_attempt::connect_attempt(std::shared_ptr<connector> parent, time_point until,
                                            phase_listener enter, const asio::any_io_executor& executor)
    : parent_(std::move(parent)),
      enter_(std::move(enter)),
      executor_(executor),
      limit_(executor, left_until(until)) {
  const std::lock_guard lock(parent_->mutex_);
  if (parent_->aborted_) throw_closed();
  parent_->under_way_.insert(this);
}
connector::connect_attempt::~connect_attempt() {
  const std::lock_guard lock(parent_->mutex_);
  parent_->under_way_.erase(this);
}

asio::awaitable<name_cache::addresses> connector::connect_attempt::resolve() {
  enter_(phase::resolving);
  name_cache::answer asked = parent_->names_->ask();
  if (!asked.ready) co_return std::move(asked.known);
  limit_.on_end([waiting = asked.ready] { waiting->open(asio::error::timed_out); });
  const std::tuple<error_code> came = co_await asked.ready->async_wait(no_throw);
  check(std::get<0>(came));
  try {
    co_return parent_->names_->result();
  } catch (const failure& problem) {
    if (parent_->proxy_.host.empty()) throw;
    throw failure(problem.code(), "the proxy's name: " + problem.reason());
  }
}

asio::awaitable<tcp_socket> connector::connect_attempt::connect(name_cache::addresses addresses) {
  enter_(phase::connecting);
  const std::uint16_t port = parent_->proxy_.host.empty() ? parent_->server_.port : parent_->proxy_.port;
  const auto race = std::make_shared<connect_race>(parent_->executor_.get(), executor_, interleave(addresses),
                                                   port, parent_->attempt_delay_);
  const stop_at_the_end guard(*race);
  limit_.on_end([race] { race->stop(asio::error::timed_out); });
  race->start();
  const std::shared_ptr<gate> decided = race->decided();
  const std::tuple<error_code> came = co_await decided->async_wait(no_throw);
  const error_code result = std::get<0>(came);
  check(result, " (" + race->story() + ")");
  if (result) throw failure(result, "cannot connect to " + target() + " (" + race->story() + ")");
  limit_.on_end(nullptr);
  tcp_socket socket = race->take_winner();
  error_code ignored;
  socket.set_option(asio::ip::tcp::no_delay(true), ignored);
  limit_silence(socket.native_handle());
  co_return std::move(socket);
}

asio::awaitable<std::unique_ptr<channel>> connector::connect_attempt::secure(tcp_socket socket) {
  enter_(phase::tls_handshake);
  auto secured = std::make_unique<tls_channel>(std::move(socket), parent_->tls_->new_connection());
  auto* const waiting = secured.get();
  limit_.on_end([waiting] { waiting->stop_waiting(); });
  for (;;) {
    const io_result came = secured->try_handshake();
    if (came.done()) break;
    if (!came.blocked()) refuse(*secured, came);
    const std::tuple<error_code> ready = co_await secured->async_wait(came.wanted(), no_throw);
    check(std::get<0>(ready));
  }
  limit_.on_end(nullptr);
  ++parent_->handshakes_;
  if (secured->resumed()) ++parent_->resumed_handshakes_;
  co_return std::move(secured);
}

std::chrono::milliseconds connector::connect_attempt::left_until(time_point until) {
  const auto left = until - std::chrono::steady_clock::now();
  return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), std::chrono::milliseconds(0));
}

void connector::connect_attempt::throw_closed() {
  throw failure(error::closed, "the connection pool is closed");
}

std::string connector::connect_attempt::server() const {
  return quoted_host(parent_->server_.host) + ":" + std::to_string(parent_->server_.port);
}

std::string connector::connect_attempt::target() const {
  if (parent_->proxy_.host.empty()) return server();
  const proxy_options& proxy = parent_->proxy_;
  const std::string origin_of_it = proxy.named_by.empty() ? std::string() : " (" + proxy.named_by + ")";
  return "proxy " + quoted_host(proxy.host) + ":" + std::to_string(proxy.port) + origin_of_it;
}

void connector::connect_attempt::check(error_code came, const std::string& so_far) const {
  if (limit_.interrupted()) throw_closed();
  if (parent_->process_.in_child())
    throw failure(error::closed, "the connection belongs to the parent process");
  if (limit_.over()) {
    const std::string through = parent_->proxy_.host.empty() ? "" : " through " + target();
    throw failure(error::connect_timeout, "no connection to " + server() + through + " within " +
                                              in_seconds(parent_->limit_) + so_far);
  }
  if (came == asio::error::operation_aborted) throw boost::system::system_error(came);
}

void connector::connect_attempt::refuse(const tls_channel& secured, const io_result& came) const {
  const std::string& host = parent_->server_.host;
  if (const std::string problem = secured.certificate_problem(); !problem.empty()) {
    throw failure(error::certificate_refused, "the certificate of " + host + " is refused: " + problem);
  }
  if (came.status == io_result::what::failed) {
    const bool of_system = came.code.category() == boost::system::system_category();
    throw failure(of_system ? came.code : make_error_code(error::tls_failed),
                  "TLS handshake with " + host + " failed: " + tls_channel::explain(came));
  }
  // As a reset is: a server that restarts, or has too much to do, ends connections in either way.
  throw failure(asio::error::connection_reset,
                "TLS handshake with " + host + " failed: the server closed the connection");
}

}  // namespace mistral::workflows::net
