#include "net/pool/connector.hpp"

#include "net/channel/plain_channel.hpp"
#include "net/common/time_limit.hpp"
#include "net/connect/connect_race.hpp"
#include "net/connect/happy_eyeballs.hpp"
#include "net/connect/lookup.hpp"
#include "net/http/read_buffer.hpp"
#include "net/http/response_parser.hpp"
#include "net/tls/tls_channel.hpp"

#include <boost/asio/this_coro.hpp>

#include <string>

namespace mistral::workflows::net {
namespace {

std::string in_seconds(std::chrono::milliseconds span) {
  std::string text = std::to_string(span.count() / 1000);
  if (span.count() % 1000 != 0) text = std::to_string(span.count()) + " m";
  return text + (span.count() % 1000 != 0 ? "s" : " s");
}

constexpr std::size_t most_of_a_proxy_head = 16 * 1024;

std::string quoted_host(const std::string& host) {
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

}  // namespace

/// One try to get through, with what its steps share.
class connector::attempt {
 public:
  attempt(std::shared_ptr<connector> parent, progress* record, const asio::any_io_executor& executor)
      : parent_(std::move(parent)), record_(record), executor_(executor), limit_(executor, parent_->limit_) {
    const std::lock_guard lock(parent_->mutex_);
    if (parent_->aborted_) throw_closed();
    parent_->under_way_.insert(this);
  }
  ~attempt() {
    const std::lock_guard lock(parent_->mutex_);
    parent_->under_way_.erase(this);
  }
  attempt(const attempt&) = delete;
  attempt& operator=(const attempt&) = delete;

  /// Under the parent's lock, from any thread.
  void abort() const { limit_.interrupter()(); }

  asio::awaitable<name_cache::addresses> resolve() {
    record_->reached = phase::resolving;
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

  asio::awaitable<tcp_socket> connect(name_cache::addresses addresses) {
    record_->reached = phase::connecting;
    const std::uint16_t port = parent_->proxy_.host.empty() ? parent_->server_.port : parent_->proxy_.port;
    const auto race = std::make_shared<connect_race>(parent_->executor_, executor_, interleave(addresses), port,
                                                     parent_->attempt_delay_);
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
    co_return std::move(socket);
  }

  /// Through the proxy to the server (CONNECT); nothing of a request or of its key is shown to the proxy.
  asio::awaitable<tcp_socket> tunnel(tcp_socket socket) {
    record_->reached = phase::proxy;
    plain_channel bytes(std::move(socket));
    limit_.on_end([&bytes] { bytes.stop_waiting(); });
    const std::string request = connect_request();
    for (std::string_view unsent = request; !unsent.empty();) {
      const io_result moved = bytes.try_write(unsent);
      if (moved.done()) {
        unsent.remove_prefix(moved.bytes);
        continue;
      }
      if (!moved.blocked()) refuse_tunnel(moved);
      const std::tuple<error_code> ready = co_await bytes.async_wait(moved.wanted(), no_throw);
      check(std::get<0>(ready));
    }

    response_head head;
    response_parser parser(head, most_of_a_proxy_head, std::nullopt);
    read_buffer buffer;
    while (!parser.is_header_done()) {
      const std::span<char> room = buffer.prepare(most_of_a_proxy_head + 1);
      if (room.empty()) throw failure(error::proxy_refused, target() + " answered with a head that is too large");
      const io_result moved = bytes.try_read(room);
      if (moved.done()) {
        buffer.commit(moved.bytes);
        feed(parser, buffer);
        continue;
      }
      if (!moved.blocked()) refuse_tunnel(moved);
      const std::tuple<error_code> ready = co_await bytes.async_wait(moved.wanted(), no_throw);
      check(std::get<0>(ready));
    }
    limit_.on_end(nullptr);
    if (head.status() / 100 != 2) refuse_tunnel(head.status());
    if (!buffer.empty()) throw failure(error::proxy_refused, target() + " sent bytes before the tunnel was used");
    co_return bytes.release();
  }

  asio::awaitable<std::unique_ptr<channel>> secure(tcp_socket socket) {
    record_->reached = phase::tls_handshake;
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

 private:
  std::shared_ptr<connector> parent_;
  progress* record_;
  asio::any_io_executor executor_;
  time_limit limit_;

  class stop_at_the_end {
   public:
    explicit stop_at_the_end(connect_race& race) noexcept : race_(race) {}
    ~stop_at_the_end() { race_.stop(asio::error::operation_aborted); }
    stop_at_the_end(const stop_at_the_end&) = delete;
    stop_at_the_end& operator=(const stop_at_the_end&) = delete;

   private:
    connect_race& race_;
  };

  [[noreturn]] static void throw_closed() { throw failure(error::closed, "the connection pool is closed"); }

  std::string server() const {
    return quoted_host(parent_->server_.host) + ":" + std::to_string(parent_->server_.port);
  }

  std::string target() const {
    if (parent_->proxy_.host.empty()) return server();
    return "proxy " + quoted_host(parent_->proxy_.host) + ":" + std::to_string(parent_->proxy_.port);
  }

  std::string connect_request() const {
    const std::string host = server();
    std::string text = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n";
    if (!parent_->proxy_.authorization.empty())
      text += "Proxy-Authorization: " + parent_->proxy_.authorization + "\r\n";
    return text + "\r\n";
  }

  void feed(response_parser& parser, read_buffer& buffer) const {
    try {
      buffer.consume(parser.feed_head(buffer.unread()));
    } catch (const failure& problem) {
      throw failure(error::proxy_refused, target() + " did not answer as a proxy does: " + problem.reason());
    }
  }

  [[noreturn]] void refuse_tunnel(const io_result& came) const {
    throw failure(error::proxy_failed, target() + (came.status == io_result::what::failed ? " failed: " + came.reason
                                                                                          : " closed the connection"));
  }

  [[noreturn]] void refuse_tunnel(int status) const {
    std::string text = target() + " refused the tunnel to " + server() + " with status " + std::to_string(status);
    if (status == 407) {
      text += parent_->proxy_.authorization.empty() ? " (it wants credentials)" : " (it does not take the credentials)";
    }
    const bool for_now = status >= 500 || status == 408 || status == 429;
    throw failure(for_now ? error::proxy_failed : error::proxy_refused, text);
  }

  /// After a wait: time is over, or the caller cancelled. Anything else is left to whoever asked.
  void check(error_code came, const std::string& so_far = std::string()) const {
    if (limit_.interrupted()) throw_closed();
    if (limit_.over()) {
      const std::string through = parent_->proxy_.host.empty() ? "" : " through " + target();
      throw failure(error::connect_timeout,
                    "no connection to " + server() + through + " within " + in_seconds(parent_->limit_) + so_far);
    }
    if (came == asio::error::operation_aborted) throw boost::system::system_error(came);
  }

  [[noreturn]] void refuse(const tls_channel& secured, const io_result& came) const {
    const std::string& host = parent_->server_.host;
    if (const std::string problem = secured.certificate_problem(); !problem.empty()) {
      throw failure(error::certificate_refused, "the certificate of " + host + " is refused: " + problem);
    }
    if (came.status == io_result::what::failed) {
      const bool of_system = came.code.category() == boost::system::system_category();
      throw failure(of_system ? came.code : make_error_code(error::tls_failed),
                    "TLS handshake with " + host + " failed: " + tls_channel::explain(came));
    }
    throw failure(error::tls_failed, "TLS handshake with " + host + " failed: the server closed the connection");
  }
};

connector::connector(asio::any_io_executor executor, const pool_options& options)
    : executor_(std::move(executor)),
      server_(options.server),
      proxy_(options.proxy),
      limit_(options.connect_limit),
      attempt_delay_(options.attempt_delay) {
  resolve_function resolve = options.resolve;
  if (!resolve) {
    asio::execution_context* const context = &context_of(executor_);
    resolve = [context](std::string host, resolve_done done) { look_up(*context, std::move(host), std::move(done)); };
  }
  names_ =
      std::make_shared<name_cache>(proxy_.host.empty() ? server_.host : proxy_.host, std::move(resolve), options.now);
  if (server_.tls) tls_.emplace(server_.host, options.tls);
}

void connector::abort() noexcept {
  const std::lock_guard lock(mutex_);
  aborted_ = true;
  for (const attempt* const one : under_way_) one->abort();
}

asio::awaitable<std::unique_ptr<channel>> connector::connect(std::shared_ptr<connector> self, progress* record) {
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  attempt steps(self, record, executor);
  name_cache::addresses addresses = co_await steps.resolve();
  tcp_socket socket = co_await steps.connect(std::move(addresses));
  if (!self->proxy_.host.empty()) socket = co_await steps.tunnel(std::move(socket));
  if (!self->tls_) co_return std::make_unique<plain_channel>(std::move(socket));
  co_return co_await steps.secure(std::move(socket));
}

}  // namespace mistral::workflows::net
