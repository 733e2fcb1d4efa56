// One kind of client under load: `in_flight` coroutines that each get an execution again and again.
//   --via library  the public call, everything on: pool, deadline, retry, typed decode
//   --via net      the library's own net layer by hand: a lease, a request, the body; nothing else
//   --via beast    a bare loop over Asio's ssl::stream and Beast, without a pool
// Prints one line of JSON. Not a comparison: compare.cpp runs the programs side by side.
#include "allocations.hpp"
#include "measure.hpp"
#include "net/pool/pool.hpp"

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <exception>
#include <iostream>
#include <memory>

namespace wf = mistral::workflows;
namespace asio = boost::asio;
namespace beast = boost::beast;

namespace {

constexpr const char* execution_id = "0192f0c4-7a5e-7c3b-9d1f-000000000011";

struct settings {
  settings() = default;
  std::string via, ca_file;
  int port = 0;
  int in_flight = 1;
  double seconds = 1;
  bool single_threaded = true;
};

// Of the calls between the 1,000th and the 11,000th, when pool, caches and buffers have their size.
class allocation_window {
 public:
  void at(std::uint64_t calls) {
    if (calls == first) from_ = bench::allocations();
    if (calls == last) to_ = bench::allocations();
  }
  void report(boost::json::object& out) const {
    if (to_ != 0)
      out["allocations_per_call"] = static_cast<double>(to_ - from_) / static_cast<double>(last - first);
  }

 private:
  static constexpr std::uint64_t first = 1'000, last = 11'000;
  std::uint64_t from_ = 0, to_ = 0;
};

struct measured {
  explicit measured(double seconds) : requests(std::chrono::duration<double>(seconds)) {}
  bench::load requests;
  allocation_window window;
  std::uint64_t handshakes = 0;  // beast, which has no pool, makes one for each in flight
  std::uint64_t resumed = 0;

  void add(bench::clock::time_point began) {
    requests.add(began);
    window.at(requests.done());
  }
};

[[noreturn]] void give_up(const std::exception_ptr& why) {
  try {
    std::rethrow_exception(why);
  } catch (const std::exception& e) {
    std::cerr << "bench_calls: " << e.what() << '\n';
  }
  std::_Exit(1);
}

void start(asio::io_context& io, asio::awaitable<void> caller) {
  asio::co_spawn(io, std::move(caller), [](const std::exception_ptr& e) {
    if (e) give_up(e);
  });
}

asio::awaitable<void> call_library(wf::client client, measured& m) {
  while (m.requests.more()) {
    const auto began = bench::clock::now();
    const wf::execution got = co_await client.executions().get(execution_id);
    if (got.execution_id.empty()) throw std::runtime_error("an empty answer");
    m.add(began);
  }
}

void run_library(asio::io_context& io, const settings& s, measured& m) {
  wf::client_options options;
  options.api_key = "benchmark";
  options.server_url = "https://localhost:" + std::to_string(s.port);
  options.tls.ca_file = s.ca_file;
  options.max_connections = s.in_flight;
  options.single_threaded = s.single_threaded;
  const wf::client client(io, options);
  for (int i = 0; i < s.in_flight; ++i) start(io, call_library(client, m));
  io.run();
  m.handshakes = client.stats().handshakes;
  m.resumed = client.stats().handshakes_resumed;
}

std::string request_text() {
  return std::string("GET /v1/workflows/executions/") + execution_id +
         " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer benchmark\r\nUser-Agent: bench\r\n"
         "Accept: application/json\r\n\r\n";
}

asio::awaitable<void> call_net(std::shared_ptr<wf::net::pool> pool, const std::string& request, measured& m) {
  std::string body;
  while (m.requests.more()) {
    const auto began = bench::clock::now();
    wf::net::progress progress;
    wf::net::lease lease = pool->try_acquire(wf::net::kind::call, progress);
    if (!lease) lease = co_await pool->acquire(wf::net::kind::call, progress);
    co_await lease.send(request);
    const wf::net::response_head* const head = co_await lease.read_head();
    if (head->status() != 200) throw std::runtime_error("not 200");
    body.clear();
    co_await lease.read_body(body);
    m.add(began);
  }
}

void run_net(asio::io_context& io, const settings& s, measured& m) {
  wf::net::pool_options options(wf::net::origin(true, "localhost", static_cast<std::uint16_t>(s.port)));
  options.tls.ca_file = s.ca_file;
  options.call_connections = s.in_flight;
  const auto pool = std::make_shared<wf::net::pool>(io.get_executor(), options);
  const std::string request = request_text();
  for (int i = 0; i < s.in_flight; ++i) start(io, call_net(pool, request, m));
  io.run();
  m.handshakes = pool->stats().handshakes;
  m.resumed = pool->stats().resumed_handshakes;
}

asio::awaitable<void> call_beast(asio::ssl::context& tls, int port, measured& m) {
  using stream_type = asio::ssl::stream<beast::tcp_stream>;
  stream_type stream(co_await asio::this_coro::executor, tls);
  const asio::ip::tcp::endpoint server(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(port));
  co_await stream.next_layer().async_connect(server, asio::use_awaitable);
  stream.set_verify_callback(asio::ssl::host_name_verification("localhost"));
  co_await stream.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);
  beast::http::request<beast::http::empty_body> request(
      beast::http::verb::get, std::string("/v1/workflows/executions/") + execution_id, 11);
  request.set(beast::http::field::host, "localhost");
  request.set(beast::http::field::authorization, "Bearer benchmark");
  request.set(beast::http::field::accept, "application/json");
  beast::flat_buffer buffer;
  buffer.reserve(16 * 1024);
  while (m.requests.more()) {
    const auto began = bench::clock::now();
    stream.next_layer().expires_after(std::chrono::seconds(60));
    co_await beast::http::async_write(stream, request, asio::use_awaitable);
    beast::http::response<beast::http::string_body> answer;
    co_await beast::http::async_read(stream, buffer, answer, asio::use_awaitable);
    if (answer.result_int() != 200) throw std::runtime_error("not 200");
    m.add(began);
  }
}

void run_beast(asio::io_context& io, const settings& s, measured& m) {
  asio::ssl::context tls(asio::ssl::context::tls_client);
  tls.load_verify_file(s.ca_file);
  tls.set_verify_mode(asio::ssl::verify_peer);
  for (int i = 0; i < s.in_flight; ++i) start(io, call_beast(tls, s.port, m));
  io.run();
}

}  // namespace

int main(int argc, char** argv) {
  bench::count_openssl_apart();
  settings s;
  s.via = bench::option(argc, argv, "via", "library");
  s.ca_file = bench::option(argc, argv, "ca", "");
  s.port = std::stoi(bench::option(argc, argv, "port", "8443"));
  s.in_flight = std::stoi(bench::option(argc, argv, "in-flight", "64"));
  s.seconds = std::stod(bench::option(argc, argv, "seconds", "2"));
  s.single_threaded = bench::option(argc, argv, "single-threaded", "yes") == "yes";
  try {
    asio::io_context io(1);
    measured m(s.seconds);
    if (s.via == "library")
      run_library(io, s, m);
    else if (s.via == "net")
      run_net(io, s, m);
    else if (s.via == "beast")
      run_beast(io, s, m);
    else
      throw std::runtime_error("--via takes library, net or beast");
    boost::json::object report = m.requests.report();
    m.window.report(report);
    report["handshakes"] = m.handshakes;
    report["resumed"] = m.resumed;
    bench::print(report);
  } catch (const std::exception& e) {
    std::cerr << "bench_calls: " << e.what() << '\n';
    return 1;
  }
}
