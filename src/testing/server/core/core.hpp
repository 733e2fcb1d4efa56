// What all connections of one server share: options, state behind the operations, faults, counts.
// Not the public face: local_server owns one of these and the thread that it lives on.
#pragma once

#include "testing/engine/engine.hpp"
#include "testing/server/core/certificate.hpp"
#include "testing/server/core/start_limits.hpp"
#include "testing/server/faults/fault_plan.hpp"
#include "testing/server/faults/watch.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <openssl/ssl.h>

#include <set>

namespace mistral::workflows::testing {

class connection;

struct free_tls_context {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using tls_context = std::unique_ptr<SSL_CTX, free_tls_context>;

/// Throws boost::system::system_error.
tls_context make_tls_context(const certificate_set& certificates, const local_server_options& options);

/// After construction used on the server's thread only. Members stand in the order in which
/// coroutines that are still suspended at the end need them: those are destroyed with `io`.
struct core {
  explicit core(local_server_options chosen);
  ~core();
  core(const core&) = delete;
  core& operator=(const core&) = delete;

  /// Throws boost::system::system_error; the first call with port 0 chooses one.
  void listen();
  void stop_listening();
  /// Ends all connections and all work, so that `io.run()` can return.
  void stop();
  const counters& done() const { return work ? work->done() : done_at_end; }
  std::int64_t last_sequence() const { return work ? work->last_sequence() : last_at_end; }

  local_server_options options;
  certificate_set certificates;
  tls_context tls;
  std::shared_ptr<watch> seen = std::make_shared<watch>();
  std::shared_ptr<fault_list::state> faults = std::make_shared<fault_list::state>(seen);
  std::set<connection*> connections;
  int handshakes_to_break = 0;
  int handshakes_to_stall = 0;
  std::uint16_t port = 0;
  bool stopping = false;
  boost::asio::io_context io{1};
  std::vector<std::shared_ptr<boost::asio::ip::tcp::acceptor>> acceptors;
  std::shared_ptr<testing::clock> time;
  start_limits starts;
  std::unique_ptr<engine> work;  ///< null when stopped
  counters done_at_end;
  std::int64_t last_at_end = 0;

 private:
  void open(const boost::asio::ip::address& address);
  boost::asio::awaitable<void> accept(std::shared_ptr<boost::asio::ip::tcp::acceptor> from);
};

}  // namespace mistral::workflows::testing
