#include <mistral/workflows/testing/local_server.hpp>

#include "testing/server/connection/connection.hpp"
#include "testing/server/core/core.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <thread>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

struct local_server::impl {
  explicit impl(local_server_options options)
      : server(options), faults(server.faults), keep_running(server.io.get_executor()) {
    server.faults->on_release = [this] {
      asio::post(server.io, [this] {
        for (connection* one : server.connections) one->wake();
      });
    };
    thread = std::thread([this] {
      server.io.run();
      ended.set_value();
    });
  }

  // Runs on the server's thread and waits; after `stop` it runs here.
  template <class Work>
  void run(Work work) {
    if (!thread.joinable()) return work();
    auto task = std::make_shared<std::packaged_task<void()>>(std::move(work));
    asio::post(server.io, [task] { (*task)(); });
    task->get_future().get();
  }

  void stop() {
    if (!thread.joinable()) return;
    run([this] { server.stop(); });
    keep_running.reset();
    // A workflow that waits for something of its own must not hold up the end.
    if (ended.get_future().wait_for(std::chrono::seconds(2)) != std::future_status::ready) server.io.stop();
    thread.join();
    {
      std::lock_guard lock(server.faults->mutex);
      server.faults->on_release = nullptr;
    }
    server.seen->stop();
  }

  core server;
  fault_list faults;
  asio::executor_work_guard<asio::io_context::executor_type> keep_running;
  std::promise<void> ended;
  std::thread thread;
};

local_server_options::local_server_options() = default;
local_server_options::~local_server_options() = default;
local_server_options::local_server_options(const local_server_options&) = default;
local_server_options& local_server_options::operator=(const local_server_options&) = default;

local_server::local_server(local_server_options options)
    : impl_(std::make_unique<impl>(std::move(options))) {}

local_server::~local_server() {
  stop();
  impl_->faults.clear();
}

void local_server::add_workflow(workflow_definition definition) {
  auto shared = std::make_shared<workflow_definition>(std::move(definition));
  impl_->run([this, shared] {
    if (impl_->server.work) impl_->server.work->define(*shared);
  });
}

std::string local_server::url() const {
  return (impl_->server.options.tls ? "https://localhost:" : "http://localhost:") +
         std::to_string(impl_->server.port);
}

std::uint16_t local_server::port() const { return impl_->server.port; }
std::string local_server::ca_pem() const { return impl_->server.certificates.ca_pem; }
void local_server::stop() { impl_->stop(); }
fault_list& local_server::faults() { return impl_->faults; }

void local_server::close_idle_connections(ending how) {
  impl_->run([this, how] {
    const std::set<connection*> all = impl_->server.connections;
    for (connection* one : all)
      if (one->idle()) one->close(how);
  });
}

void local_server::close_connections(ending how) {
  impl_->run([this, how] {
    const std::set<connection*> all = impl_->server.connections;
    for (connection* one : all) one->close(how);
  });
}

void local_server::refuse_connections(bool refuse) {
  impl_->run([this, refuse] {
    if (refuse)
      impl_->server.stop_listening();
    else
      impl_->server.listen();
  });
}

void local_server::break_handshakes(int count) {
  impl_->run([this, count] { impl_->server.handshakes_to_break = count; });
}

void local_server::stall_handshakes(int count) {
  impl_->run([this, count] { impl_->server.handshakes_to_stall = count; });
}

void local_server::set_starts_per_second(double starts) {
  impl_->run([this, starts] { impl_->server.starts.set_rate(starts, impl_->server.time->now()); });
}

void local_server::set_start_quota(std::optional<std::int64_t> starts) {
  impl_->run([this, starts] { impl_->server.starts.set_quota(starts); });
}

server_counts local_server::counts() const { return impl_->server.seen->snapshot(); }

bool local_server::wait_until(condition holds, std::chrono::milliseconds limit) const {
  return impl_->server.seen->wait_until(holds, limit);
}

asio::awaitable<void> local_server::until(condition holds) const {
  return impl_->server.seen->until(std::move(holds));
}

bool local_server::wait_for_requests(std::string_view operation, int count,
                                     std::chrono::milliseconds limit) const {
  const std::string name(operation);
  return wait_until([name, count](const server_counts& seen) { return seen.requests_of(name) >= count; },
                    limit);
}

std::int64_t local_server::done(std::string_view operation) const {
  std::int64_t count = 0;
  impl_->run([&] { count = impl_->server.done().of(operation); });
  return count;
}

std::int64_t local_server::done(std::string_view operation, std::string_view execution_id) const {
  std::int64_t count = 0;
  impl_->run([&] { count = impl_->server.done().of(operation, execution_id); });
  return count;
}

std::map<std::string, std::int64_t, std::less<>> local_server::done() const {
  std::map<std::string, std::int64_t, std::less<>> counts;
  impl_->run([&] { counts = impl_->server.done().in_all(); });
  return counts;
}

std::int64_t local_server::last_sequence() const {
  std::int64_t last = 0;
  impl_->run([&] { last = impl_->server.last_sequence(); });
  return last;
}

std::map<std::string, std::int64_t, std::less<>> local_server::done_by_execution(
    std::string_view operation) const {
  std::map<std::string, std::int64_t, std::less<>> counts;
  impl_->run([&] { counts = impl_->server.done().by_execution(operation); });
  return counts;
}

// The clock moves on only when nothing is left to be done at an instant. Each turn
// of the loop lets the server's thread do what is ready before the next; three in
// a row without work at hand also let an activity's coroutine come to its end.
void local_server::advance(std::chrono::nanoseconds time) {
  constexpr int quiet_turns = 3;
  std::optional<clock::time_point> end;
  int quiet = 0;
  for (bool done = false; !done;) {
    impl_->run([&] {
      auto& server = impl_->server;
      auto* const movable = dynamic_cast<manual_clock*>(server.time.get());
      done = !movable || !server.work;
      if (done) return;
      if (!end) end = movable->now() + time;
      quiet = server.work->settled() ? quiet + 1 : 0;
      if (quiet < quiet_turns) return;
      quiet = 0;
      done = !movable->step(*end);
    });
  }
}

}  // namespace mistral::workflows::testing
