// One kind of reader of an execution's event stream, from its first event to its end, again and again.
//   --via library-text   the public stream, resume and duplicate
//   removal on, handing out the events' texts; wait() and then
//                        try_next() as long as there is one
//   --via library-typed  the public stream of typed events, in the same way
//   --via next-text, next-typed  the same with next() alone
//   --via simdjson       the bytes of the net layer, SSE by hand, simdjson into the same struct;
//   no resume, no end --write FILE         writes the stream that the server is to send, and ends
// Prints one line of JSON. Every event is counted, and one that is missing is an error.
#include "documents.hpp"
#include "measure.hpp"
#include "net/pool/pool.hpp"
#include "simdjson_event.hpp"

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/executions.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>

namespace wf = mistral::workflows;
namespace asio = boost::asio;

namespace {

class totals {
 public:
  totals(int events_each, double seconds)
      : each_(static_cast<std::uint64_t>(events_each)), requests_(std::chrono::duration<double>(seconds)) {}

  bool more() const { return requests_.more(); }
  void add(bench::clock::time_point began, std::uint64_t events) {
    if (events != each_) throw std::runtime_error("a stream had " + std::to_string(events) + " events");
    requests_.add(began);
  }
  boost::json::object report() {
    boost::json::object out = requests_.report();
    out["streams"] = requests_.done();
    out["events"] = requests_.done() * each_;
    return out;
  }

 private:
  const std::uint64_t each_;
  bench::load requests_;
};

bool is_whole(const wf::raw_event& event) { return event.text.size() > 500; }
bool is_whole(const wf::stream_event& event) { return event.broker_sequence > 0; }

template <class Open>
asio::awaitable<void> follow(Open open, bool take_what_is_there, totals& sum) {
  while (sum.more()) {
    const auto began = bench::clock::now();
    std::uint64_t events = 0;
    auto stream = open();
    if (take_what_is_there) {
      while (co_await stream.wait())
        while (const auto event = stream.try_next()) events += is_whole(*event);
    } else {
      while (const auto event = co_await stream.next()) events += is_whole(*event);
    }
    sum.add(began, events);
  }
}

asio::awaitable<void> follow_by(const std::string& via, wf::client client, totals& sum) {
  const bool take_what_is_there = via.starts_with("library-");
  const auto texts = [&] { return client.executions().stream_raw(bench::streamed_execution); };
  const auto typed = [&] { return client.executions().stream(bench::streamed_execution); };
  if (via.ends_with("-text"))
    co_await follow(texts, take_what_is_there, sum);
  else
    co_await follow(typed, take_what_is_there, sum);
}

// Lines end in LF, and an event's data is one line: enough for this server.
class sse_by_hand {
 public:
  std::string buffer;
  std::uint64_t events = 0;

  void take_events() {
    buffer.reserve(buffer.size() + simdjson::SIMDJSON_PADDING);
    const std::string_view text = buffer;
    std::size_t at = 0;
    for (;;) {
      const std::size_t end = text.find('\n', at);
      if (end == std::string_view::npos) break;
      take_line(text.substr(at, end - at), buffer.capacity() - at);
      at = end + 1;
    }
    buffer.erase(0, at);
  }

 private:
  simdjson::ondemand::parser parser_;
  std::string id_;
  std::string_view data_;
  wf::stream_event event_;

  void take_line(std::string_view line, std::size_t capacity) {
    constexpr std::string_view data = "data: ", id = "id: ";
    if (line.starts_with(data)) {
      event_ = wf::stream_event();
      bench::fill(parser_, line.substr(data.size()), capacity - data.size(), event_);
    } else if (line.starts_with(id)) {
      id_ = line.substr(id.size());
    } else if (line.empty()) {
      event_.id = id_;
      events += event_.broker_sequence > 0;
    }
  }
};

asio::awaitable<void> follow_simdjson(std::shared_ptr<wf::net::pool> pool, totals& sum) {
  const std::string request = std::string("GET /v1/workflows/executions/") + bench::streamed_execution +
                              "/stream HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer benchmark\r\n"
                              "Accept: text/event-stream\r\n\r\n";
  while (sum.more()) {
    const auto began = bench::clock::now();
    wf::net::progress progress;
    wf::net::lease lease = co_await pool->acquire(wf::net::kind::stream, progress);
    co_await lease.send(request);
    const wf::net::response_head* const head = co_await lease.read_head();
    if (head->status() != 200) throw std::runtime_error("not 200");
    sse_by_hand sse;
    while (co_await lease.read_some(sse.buffer) > 0) sse.take_events();
    sum.add(began, sse.events);
  }
}

void run(asio::io_context& io, asio::awaitable<void> reader) {
  std::exception_ptr problem;
  asio::co_spawn(io, std::move(reader), [&](std::exception_ptr thrown) { problem = thrown; });
  io.run();
  if (problem) std::rethrow_exception(problem);
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string via = bench::option(argc, argv, "via", "library-text");
  const std::string file = bench::option(argc, argv, "write", "");
  const std::string ca_file = bench::option(argc, argv, "ca", "");
  const int port = std::stoi(bench::option(argc, argv, "port", "8443"));
  const int events = std::stoi(bench::option(argc, argv, "events", "200000"));
  if (!file.empty()) {
    std::ofstream out(file, std::ios::binary);
    out << bench::stream_text(events) << std::flush;
    return out ? 0 : 1;
  }
  totals sum(events, std::stod(bench::option(argc, argv, "seconds", "2")));
  asio::io_context io(1);
  if (via == "simdjson") {
    wf::net::pool_options options(wf::net::origin(true, "localhost", static_cast<std::uint16_t>(port)));
    options.tls.ca_file = ca_file;
    run(io, follow_simdjson(std::make_shared<wf::net::pool>(io.get_executor(), options), sum));
  } else {
    wf::client_options options;
    options.api_key = "benchmark";
    options.server_url = "https://localhost:" + std::to_string(port);
    options.tls.ca_file = ca_file;
    options.single_threaded = bench::option(argc, argv, "single-threaded", "yes") == "yes";
    const wf::client client(io, options);
    if (via != "library-text" && via != "library-typed" && via != "next-text" && via != "next-typed")
      throw std::runtime_error("--via takes library-text, library-typed, next-text, next-typed or simdjson");
    run(io, follow_by(via, client, sum));
  }
  bench::print(sum.report());
  return 0;
} catch (const std::exception& problem) {
  std::cerr << "bench_streams: " << problem.what() << '\n';
  return 1;
}
