#include "testing/server/core/core.hpp"

#include "testing/server/connection/connection.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fstream>

namespace mistral::workflows::testing {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (!file)
    throw boost::system::system_error(make_error_code(boost::system::errc::io_error),
                                      "writing " + path.string());
}

std::shared_ptr<testing::clock> make_clock(bool manual, asio::io_context& io) {
  if (manual) return std::make_shared<testing::manual_clock>();
  return std::make_shared<testing::real_clock>(io.get_executor());
}

}  // namespace

core::core(local_server_options chosen)
    : options(chosen),
      time(make_clock(options.manual_clock, io)),
      starts(options.starts_per_second, options.start_quota, time->now()) {
  engine_options inner;
  inner.clock = time;
  inner.state_folder = options.state_folder;
  inner.workflows = options.workflows;
  work = std::make_unique<engine>(io.get_executor(), inner);
  // After the engine, which makes the state folder and sees to it that no other server uses it.
  if (options.tls) {
    const bool kept = !options.state_folder.empty() && options.certificate == certificate_kind::good;
    certificates = kept ? keep_certificates(options.state_folder) : make_certificates(options.certificate);
    tls = make_tls_context(certificates, options);
    if (!options.ca_file.empty()) write_file(options.ca_file, certificates.ca_pem);
  }
  port = options.port;
  listen();
}

core::~core() = default;

void core::listen() {
  if (!acceptors.empty()) return;
  open(asio::ip::address_v4::loopback());
  try {
    open(asio::ip::address_v6::loopback());
  } catch (const boost::system::system_error&) {
    // Without IPv6, or with this port taken there, clients that look up "localhost" fall back to IPv4.
  }
}

void core::open(const asio::ip::address& address) {
  auto acceptor = std::make_shared<tcp::acceptor>(io);
  const tcp::endpoint endpoint(address, port);
  acceptor->open(endpoint.protocol());
  acceptor->set_option(asio::socket_base::reuse_address(true));
  if (address.is_v6()) acceptor->set_option(asio::ip::v6_only(true));
  acceptor->bind(endpoint);
  acceptor->listen(4096);
  port = acceptor->local_endpoint().port();
  acceptors.push_back(acceptor);
  asio::co_spawn(io, accept(acceptor), asio::detached);
}

asio::awaitable<void> core::accept(std::shared_ptr<tcp::acceptor> from) {
  while (from->is_open()) {
    error_code failed;
    tcp::socket socket = co_await from->async_accept(asio::redirect_error(asio::use_awaitable, failed));
    if (!failed && from->is_open()) {
      connection::start(*this, std::move(socket));
    } else if (from->is_open()) {
      // Out of descriptors, most likely: some may come free.
      asio::steady_timer pause(io, std::chrono::milliseconds(20));
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    }
  }
}

void core::stop_listening() {
  error_code ignored;
  for (const auto& acceptor : acceptors) acceptor->close(ignored);
  acceptors.clear();
}

void core::stop() {
  stopping = true;
  stop_listening();
  const std::set<connection*> open_ones = connections;
  for (connection* one : open_ones) one->close(ending::eof);
  done_at_end = work->done();
  last_at_end = work->last_sequence();
  work.reset();
}

}  // namespace mistral::workflows::testing
