// What an idle pooled TLS connection and an open event stream cost in resident
// memory, and how many reconnects resume their session. Makes its own server,
// in a process of its own. `--connections N` (2000), or `--streams N`.
// Prints one JSON object as its last line.
#include "documents.hpp"
#include "measure.hpp"
#include "net/pool/pool.hpp"
#include "net/raw_server.hpp"

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace net = mistral::workflows::net;
using namespace std::chrono_literals;

/// A stream has one event, and stays open; all else is answered at once.
void behave(test::peer& client) {
  static const std::string event = "id: 100000\ndata: " + bench::event_text(100'000) + "\n\n";
  for (std::string request; !(request = client.read_request()).empty();) {
    if (request.find("/stream") == std::string::npos) {
      if (!client.write(test::ok())) return;
      continue;
    }
    client.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n" + event);
    client.wait_for_end();
    return;
  }
}

/// A TLS server that answers everything, until this object goes.
class server_process {
 public:
  server_process() {
    int told[2], held[2];
    if (::pipe(told) != 0 || ::pipe(held) != 0) throw std::runtime_error("no pipe");
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("cannot fork");
    if (child_ == 0) {
      ::close(held[1]);
      serve(told[1], held[0]);
    }
    ::close(told[1]);
    ::close(held[0]);
    hold_ = held[1];
    std::string text;
    char block[4096];
    for (ssize_t got = 0; (got = ::read(told[0], block, sizeof block)) > 0;)
      text.append(block, static_cast<std::size_t>(got));
    ::close(told[0]);
    port = static_cast<std::uint16_t>(std::stoi(text));
    ca_pem = text.substr(text.find('\n') + 1);
  }
  ~server_process() {
    ::close(hold_);
    ::waitpid(child_, nullptr, 0);
  }
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  std::uint16_t port = 0;
  std::string ca_pem;

 private:
  pid_t child_ = 0;
  int hold_ = -1;

  [[noreturn]] static void serve(int tell, int hold) {
    const test::raw_server server(behave);
    const std::string text = std::to_string(server.port()) + "\n" + server.ca_pem();
    if (::write(tell, text.data(), text.size()) < 0) ::_exit(1);
    ::close(tell);
    char byte = 0;
    while (::read(hold, &byte, 1) > 0) {
    }
    ::_exit(0);
  }
};

std::size_t resident_bytes() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  in >> all >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

struct held {
  net::progress record;
  net::lease lease;
};

/// Opens connections until `leases` holds `count`, and makes one exchange on each.
asio::awaitable<void> open_some(net::pool& pool, std::vector<std::unique_ptr<held>>& leases,
                                std::size_t count) {
  while (leases.size() < count) {
    held& mine = *leases.emplace_back(std::make_unique<held>());
    net::lease lease = co_await pool.acquire(net::kind::call, mine.record);
    co_await lease.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    co_await lease.read_head();
    std::string body;
    co_await lease.read_body(body);
    mine.lease = std::move(lease);
  }
}

/// So many connections, all in use at once for a moment, and idle afterwards.
void open(asio::io_context& io, net::pool& pool, std::size_t count, int at_once) {
  std::vector<std::unique_ptr<held>> leases;
  std::exception_ptr problem;
  for (int i = 0; i < at_once; ++i) {
    asio::co_spawn(io, open_some(pool, leases, count), [&](std::exception_ptr thrown) {
      if (thrown) problem = thrown;
    });
  }
  io.restart();
  io.run();
  if (problem) std::rethrow_exception(problem);
}

double kilobytes_each(std::size_t before, std::size_t after, std::size_t count) {
  return static_cast<double>(after - before) / 1024 / static_cast<double>(count);
}

void measure_idle(const server_process& server, std::size_t count, boost::json::object& report) {
  asio::io_context io(1);
  auto now = std::chrono::steady_clock::now();
  net::pool_options options(net::origin(true, "localhost", server.port));
  options.tls.ca_pem = server.ca_pem;
  options.resolve = [](std::string, net::resolve_done done) {
    done({}, {asio::ip::make_address("127.0.0.1")});
  };
  options.call_connections = static_cast<int>(count);
  options.now = [&] { return now; };
  net::pool pool(io.get_executor(), options);

  constexpr std::size_t already = 32;
  open(io, pool, already, 32);
  const std::size_t before = resident_bytes();
  open(io, pool, count, 32);
  const std::size_t after = resident_bytes();
  const net::pool_stats opened = pool.stats();
  if (opened.idle != static_cast<int>(count)) throw std::runtime_error("not all connections are idle");

  now += 1h;  // all are too old
  pool.trim();
  open(io, pool, 256, 32);
  const net::pool_stats reopened = pool.stats();

  report["connections"] = count;
  report["idle_kb_per_connection"] = kilobytes_each(before, after, count - already);
  report["reconnects"] = reopened.handshakes - opened.handshakes;
  report["resumed_share"] = static_cast<double>(reopened.resumed_handshakes - opened.resumed_handshakes) /
                            static_cast<double>(reopened.handshakes - opened.handshakes);
}

/// Takes the one event, says so, and waits for another that never comes.
asio::awaitable<void> follow(mistral::workflows::client client, asio::io_context* io, std::size_t* waiting,
                             std::size_t stop_at) {
  auto stream = client.executions().stream("x");
  if (co_await stream.next()) ++*waiting;
  if (*waiting == stop_at) asio::post(*io, [io] { io->stop(); });  // once the next wait has begun
  co_await stream.next();
}

void measure_streams(const server_process& server, std::size_t count, boost::json::object& report) {
  asio::io_context io(1);
  mistral::workflows::client_options options;
  options.api_key = "benchmark";
  options.server_url = "https://localhost:" + std::to_string(server.port);
  options.tls.ca_pem = server.ca_pem;
  options.single_threaded = true;
  const mistral::workflows::client client(io, options);
  std::size_t waiting = 0, started = 0;
  const auto open_up_to = [&](std::size_t number) {
    // A few at a time, so that no queue of connections overflows.
    while (started < number) {
      const std::size_t next = std::min(started + 32, number);
      for (; started < next; ++started)
        asio::co_spawn(io, follow(client, &io, &waiting, next), asio::detached);
      io.restart();
      io.run();
    }
    if (waiting != number) throw std::runtime_error("not all streams are open");
    return resident_bytes();
  };
  constexpr std::size_t already = 32;
  const std::size_t before = open_up_to(already);
  const std::size_t after = open_up_to(count);
  report["streams"] = count;
  report["kb_per_open_stream"] = kilobytes_each(before, after, count - already);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::size_t connections = std::stoul(bench::option(argc, argv, "connections", "2000"));
  const std::size_t streams = std::stoul(bench::option(argc, argv, "streams", "0"));
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);

  boost::json::object report;
  const server_process server;
  // One part in a process: memory that one gives back would hide what the next takes.
  if (streams > 0)
    measure_streams(server, streams, report);
  else
    measure_idle(server, connections, report);
  bench::print(report);
  return 0;
} catch (const std::exception& problem) {
  std::fprintf(stderr, "bench_idle: %s\n", problem.what());
  return 1;
}
