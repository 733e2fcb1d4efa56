// What one event of a merge costs in CPU time where all other streams are idle: alone,
// and as one of `--streams N` (5000). Makes its own server, in a process of its own whose
// time is not counted: one stream has `--ticks N` events (2000), each 1 ms after the one
// before was taken; all others stay open and bring nothing. Status checks are on.
// Prints one JSON object as its last line.
#include "documents.hpp"
#include "measure.hpp"

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/merge.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
using namespace std::chrono_literals;

constexpr auto pause_before_first = 300ms;  // what connecting leaves to be done is not the event's
constexpr auto pause_between = 1ms;

/// HTTP without TLS, as far as this client goes. Each byte in
/// a pipe asks for an event of `ticker`; its end is the end.
class server {
 public:
  server(int listening, int asked) : listening_(listening), asked_(asked) {
    watch(listening_);
    watch(asked_);
  }

  void run() {
    for (;;) {
      epoll_event ready[256];
      const int count = ::epoll_wait(epoll_, ready, 256, wait_limit());
      for (int i = 0; i < count; ++i) {
        const int fd = ready[i].data.fd;
        if (fd == listening_)
          watch(::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC));
        else if (fd != asked_)
          read_from(fd);
        else if (!asked())
          return;
      }
      if (due_ && bench::clock::now() >= due_at_) tick();
    }
  }

 private:
  const int listening_;
  const int asked_;
  const int epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  std::unordered_map<int, std::string> requests_;  // what has come of each
  int ticker_ = -1;
  int sequence_ = 0;
  bool due_ = false;
  bench::clock::time_point due_at_;

  void watch(int fd) const {
    if (fd < 0) return;
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = fd;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted);
  }

  int wait_limit() const {
    if (!due_) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(due_at_ - bench::clock::now());
    return std::max(0, static_cast<int>(left.count()));
  }

  bool asked() {
    char byte = 0;
    if (::read(asked_, &byte, 1) <= 0) return false;
    due_ = true;
    due_at_ = bench::clock::now() + (sequence_ == 0 ? pause_before_first : pause_between);
    return true;
  }

  void tick() {
    due_ = false;
    const std::string number = std::to_string(++sequence_);
    say(ticker_, "id: " + number + "\ndata: " + bench::event_text(sequence_) + "\n\n");
  }

  void read_from(int fd) {
    char block[4096];
    const ssize_t got = ::read(fd, block, sizeof block);
    if (got <= 0) {
      requests_.erase(fd);
      ::close(fd);
      return;
    }
    std::string& text = requests_[fd];
    text.append(block, static_cast<std::size_t>(got));
    if (!text.ends_with("\r\n\r\n")) return;
    answer(fd, std::exchange(text, std::string()));
  }

  void answer(int fd, const std::string& request) {
    if (request.find("/stream") == std::string::npos) {
      const std::string body =
          R"({"workflow_name":"w","execution_id":"x","parent_execution_id":null,"root_execution_id":"x","run_id":"r",)"
          R"("status":"RUNNING","start_time":"2026-01-01T00:00:00Z","end_time":null,"result":null})";
      return say(fd, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                         std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    if (request.find("/ticker/") != std::string::npos) {
      ticker_ = fd;
      sequence_ = 0;
    }
    say(fd, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n");
  }

  static void say(int fd, const std::string& text) {
    if (::send(fd, text.data(), text.size(), MSG_NOSIGNAL) < 0) std::perror("bench_merge: the server");
  }
};

/// The same as a process, until this object goes.
class server_process {
 public:
  server_process() {
    const int listening = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    int ends[2];
    if (listening < 0 || ::bind(listening, generic, size) != 0 || ::listen(listening, SOMAXCONN) != 0 ||
        ::getsockname(listening, generic, &size) != 0 || ::pipe(ends) != 0)
      throw std::runtime_error("no server");
    port = ntohs(address.sin_port);
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("cannot fork");
    if (child_ == 0) {
      ::close(ends[1]);
      server(listening, ends[0]).run();
      ::_exit(0);
    }
    ::close(ends[0]);
    ::close(listening);
    ask_ = ends[1];
  }
  ~server_process() {
    ::close(ask_);
    ::waitpid(child_, nullptr, 0);
  }
  server_process(const server_process&) = delete;
  server_process& operator=(const server_process&) = delete;

  void ask_for_event() const {
    if (::write(ask_, "", 1) != 1) throw std::runtime_error("the server has gone");
  }

  std::uint16_t port = 0;

 private:
  pid_t child_ = 0;
  int ask_ = -1;
};

double cpu_milliseconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

asio::awaitable<void> follow(wf::event_merge* all, const server_process* server, int ticks, double* each) {
  double began = 0;
  for (int tick = 1; tick <= ticks; ++tick) {
    const auto one = co_await all->next();
    if (!one || one->event.broker_sequence != tick) throw std::runtime_error("an event is missing");
    if (tick == 1) began = cpu_milliseconds();
    if (tick < ticks) server->ask_for_event();
  }
  *each = (cpu_milliseconds() - began) / (ticks - 1);
  all->close();
}

double milliseconds_each(const server_process& server, int streams, int ticks) {
  asio::io_context io(1);
  wf::client_options options;
  options.api_key = "benchmark";
  options.server_url = "http://127.0.0.1:" + std::to_string(server.port);
  options.single_threaded = true;
  const wf::client client(io, options);
  int connected = 0;
  wf::stream_options following;
  following.hooks.connected = [&] {
    if (++connected == streams) server.ask_for_event();
  };
  wf::event_merge all;
  for (int i = 1; i < streams; ++i)
    all.add(client.executions().stream("idle-" + std::to_string(i), following));
  all.add(client.executions().stream("ticker", following));
  double each = 0;
  std::exception_ptr problem;
  const auto ended = [&](std::exception_ptr thrown) { problem = thrown; };
  asio::co_spawn(io, follow(&all, &server, ticks, &each), ended);
  io.run();
  if (problem) std::rethrow_exception(problem);
  return each;
}

}  // namespace

int main(int argc, char** argv) try {
  const int streams = std::stoi(bench::option(argc, argv, "streams", "5000"));
  const int ticks = std::stoi(bench::option(argc, argv, "ticks", "2000"));
  if (streams < 1 || ticks < 2) throw std::runtime_error("--streams takes 1 or more, --ticks 2 or more");
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  ::signal(SIGPIPE, SIG_IGN);

  const server_process server;
  const double alone = milliseconds_each(server, 1, ticks);
  const double merged = milliseconds_each(server, streams, ticks);
  boost::json::object report;
  report["cpu_ms_per_event_alone"] = alone;
  report["cpu_ms_per_event_merged"] = merged;
  report["ratio"] = merged / alone;
  bench::print(report);
  return 0;
} catch (const std::exception& problem) {
  std::cerr << "bench_merge: " << problem.what() << '\n';
  return 1;
}
