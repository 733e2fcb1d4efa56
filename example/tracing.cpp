// OpenTelemetry-style spans from the hooks: one for each request,
// under a parent of the caller's, and `traceparent` on the wire.
// Not an exporter: spans are printed, one line each, where a service would hand them to its tracer.
//
//   tracing                     against a local server that it starts itself, which answers 503 once
#include <mistral/workflows.hpp>
#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace asio = boost::asio;
namespace wf = mistral::workflows;

namespace {

std::string hex(std::uint64_t value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llx", digits, static_cast<unsigned long long>(value));
  return text;
}

// Makes the spans of one trace. Hooks may be called on several threads.
class tracer {
 public:
  explicit tracer(std::string trace_id) : trace_id_(std::move(trace_id)) {}

  // A handle whose requests are spans under `parent`.
  wf::client under(const wf::client& client, const std::string& parent) {
    wf::call_options options;
    options.hooks.headers = [this](const wf::attempt_info& info) {
      wf::call_hooks::header_list out;
      out.emplace_back("traceparent", "00-" + trace_id_ + "-" + begin(info) + "-01");
      return out;
    };
    options.hooks.attempt = [this, parent](const wf::attempt_report& report) { end(report, parent); };
    return client.with(std::move(options));
  }

  int spans() const { return spans_; }

 private:
  using attempt_key = std::pair<std::uint64_t, int>;

  std::string trace_id_;
  std::atomic<int> spans_{0};
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<attempt_key, std::string> open_;  // span ids by call and attempt

  std::string begin(const wf::attempt_info& info) {
    const std::lock_guard lock(mutex_);
    std::string id = hex(++last_, 16);
    open_[attempt_key(info.call_number, info.attempt)] = id;
    return id;
  }

  void end(const wf::attempt_report& report, const std::string& parent) {
    const auto us = [](std::chrono::nanoseconds time) {
      return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
    };
    const std::lock_guard lock(mutex_);
    const auto found = open_.extract(attempt_key(report.call_number, report.attempt));
    if (found.empty()) return;
    ++spans_;
    std::cout << "span " << found.mapped() << " parent=" << parent << " name=\"" << report.operation
              << "\" http.method=" << report.method << " url.path=" << report.path
              << " http.status=" << report.status << " http.resend_count=" << report.attempt - 1
              << " duration_us=" << us(report.duration) << " connect_us="
              << us(report.times.resolving + report.times.connecting + report.times.tls_handshake)
              << " server_us=" << us(report.times.waiting_for_answer) << " reused=" << report.reused
              << " bytes=" << report.bytes_sent << '/' << report.bytes_received
              << (report.failure ? " error=" : "")
              << (report.failure ? report.failure.message() : std::string()) << '\n';
  }
};

asio::awaitable<void> work(wf::client client) {
  co_await client.workflows().list();
  co_await client.workers().whoami();
}

}  // namespace

int main() try {
  wf::testing::local_server server;
  server.faults().add(wf::testing::fault().on("workflows.list").answer(503));

  asio::io_context io;
  wf::client_options options;
  options.server_url = server.url();
  options.tls.ca_pem = server.ca_pem();
  options.api_key = "any";
  options.retry.initial_backoff = std::chrono::milliseconds(1);
  wf::client client(io, options);

  tracer trace("4bf92f3577b34da6a3ce929d0e0e4736");
  std::exception_ptr problem;
  asio::co_spawn(io, work(trace.under(client, "00f067aa0ba902b7")),
                 [&](std::exception_ptr e) { problem = std::move(e); });
  io.run();
  if (problem) std::rethrow_exception(problem);
  if (trace.spans() != 3) throw std::runtime_error("not as expected: the number of spans");
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
