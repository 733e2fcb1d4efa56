// Connections that fail before a request can be sent, for one client and not for its neighbours.
// Not failures of a request: those are the local server's faults.
#pragma once

#include "net/common/pool_options.hpp"
#include "net/pool/connector.hpp"
#include "session/fault_matrix/table.hpp"

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <optional>

namespace fault_matrix {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

/// What one client's connections meet.
class route {
 public:
  route() = default;

  way what = way::answers;  ///< of those that `connections` knows, the others lead to the server
  int times = 0;            ///< so many connections
  std::optional<way> then;  ///< of the one after those; then they are good
  int opened = 0;
  wf::net::channel* latest = nullptr;
};

class connections {
 public:
  connections(asio::io_context& io, const wf::testing::local_server& server);
  ~connections();
  connections(const connections&) = delete;
  connections& operator=(const connections&) = delete;

  /// How a client connects. Lifetime: this object outlives the client.
  wf::net::connect_function along(std::shared_ptr<route> way_there);

  /// Ends what waits for connections to close.
  void stop();

 private:
  using connector_ptr = std::shared_ptr<wf::net::connector>;

  connector_ptr make(wf::net::pool_options options);
  connector_ptr choose(route& of) const;
  asio::awaitable<void> close_what_comes();
  asio::awaitable<void> end_what_comes();

  asio::io_context& io_;
  wf::testing::local_server untrusted_;  // TLS, and a CA that nobody trusts
  asio::ip::tcp::socket not_listening_;  // bound, so that nobody else gets the port
  asio::ip::tcp::acceptor closing_;      // closes each connection when the first byte is there, unread
  asio::ip::tcp::acceptor ending_;       // ends each connection by itself, without a reset
  connector_ptr good_, refused_, no_such_host_, untrusting_, no_handshake_, unread_;
};

}  // namespace fault_matrix
