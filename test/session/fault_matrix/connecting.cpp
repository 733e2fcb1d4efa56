#include "session/fault_matrix/connecting.hpp"

#include "net/pool/pool.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <array>
#include <chrono>
#include <utility>

namespace fault_matrix {
namespace {

using asio::ip::tcp;
namespace net = wf::net;

const tcp::endpoint any_loopback(asio::ip::address_v4::loopback(), 0);

net::pool_options to_port(std::uint16_t port) {
  return net::pool_options(net::origin(false, "127.0.0.1", port));
}

wf::testing::local_server_options with_unknown_ca() {
  wf::testing::local_server_options out;
  out.certificate = wf::testing::certificate_kind::unknown_ca;
  return out;
}

// Closing with bytes unread resets the connection.
asio::awaitable<void> close_unread(tcp::socket socket) {
  boost::system::error_code ignored;
  co_await socket.async_wait(tcp::socket::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
}

// Not closed before the other side has: what lies unread then would make a reset of it.
asio::awaitable<void> end_first(tcp::socket socket) {
  boost::system::error_code over;
  socket.shutdown(tcp::socket::shutdown_send, over);
  std::array<char, 4096> dropped{};
  while (!over)
    co_await socket.async_read_some(asio::buffer(dropped), asio::redirect_error(asio::use_awaitable, over));
}

}  // namespace

connections::connections(asio::io_context& io, const wf::testing::local_server& server)
    : io_(io),
      untrusted_(with_unknown_ca()),
      not_listening_(io, any_loopback),
      closing_(io, any_loopback),
      ending_(io, any_loopback) {
  good_ = make(to_port(server.port()));
  refused_ = make(to_port(not_listening_.local_endpoint().port()));
  unread_ = make(to_port(closing_.local_endpoint().port()));

  net::pool_options unresolved(net::origin(false, "workflows.example", server.port()));
  unresolved.resolve = [](std::string, net::resolve_done done) {
    done(asio::error::host_not_found, std::vector<asio::ip::address>());
  };
  no_such_host_ = make(std::move(unresolved));

  net::pool_options untrusting(net::origin(true, "localhost", untrusted_.port()));
  untrusting.tls.ca_pem = untrusted_.ca_pem();
  untrusting_ = make(std::move(untrusting));
  net::pool_options ended(net::origin(true, "127.0.0.1", ending_.local_endpoint().port()));
  ended.tls.ca_pem = untrusted_.ca_pem();
  no_handshake_ = make(std::move(ended));
  asio::co_spawn(io, close_what_comes(), asio::detached);
  asio::co_spawn(io, end_what_comes(), asio::detached);
}

connections::~connections() = default;

connections::connector_ptr connections::make(net::pool_options options) {
  options.now = [] { return std::chrono::steady_clock::now(); };
  return std::make_shared<net::connector>(io_.get_executor(), options);
}

connections::connector_ptr connections::choose(route& of) const {
  const bool next = of.opened++ >= of.times;
  switch (next ? std::exchange(of.then, std::nullopt).value_or(way::answers) : of.what) {
    case way::refused:
      return refused_;
    case way::no_such_host:
      return no_such_host_;
    case way::untrusted:
      return untrusting_;
    case way::no_handshake:
      return no_handshake_;
    case way::closed_unread:
      return unread_;
    default:
      return good_;
  }
}

net::connect_function connections::along(std::shared_ptr<route> way_there) {
  return [this, way_there]() -> asio::awaitable<std::unique_ptr<net::channel>> {
    connector_ptr chosen = choose(*way_there);
    const auto until = std::chrono::steady_clock::now() + net::pool_options().connect_limit;
    net::phase_listener deaf = [](net::phase) {};
    auto addresses = co_await net::connector::resolve(chosen, until, deaf);
    std::unique_ptr<net::channel> made =
        co_await net::connector::connect(std::move(chosen), std::move(addresses), until, std::move(deaf));
    way_there->latest = made.get();
    co_return made;
  };
}

asio::awaitable<void> connections::close_what_comes() {
  for (;;) {
    tcp::socket socket = co_await closing_.async_accept(asio::use_awaitable);
    asio::co_spawn(io_, close_unread(std::move(socket)), asio::detached);
  }
}

asio::awaitable<void> connections::end_what_comes() {
  for (;;) {
    tcp::socket socket = co_await ending_.async_accept(asio::use_awaitable);
    asio::co_spawn(io_, end_first(std::move(socket)), asio::detached);
  }
}

void connections::stop() {
  boost::system::error_code ignored;
  closing_.close(ignored);
  ending_.close(ignored);
}

}  // namespace fault_matrix
