#include <mistral/workflows/client.hpp>

#include "session/client/client_state.hpp"
#include "session/client/closing.hpp"
#include "session/client/option_checks.hpp"

#include <mistral/workflows/deployments.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/execution_handle.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/metrics.hpp>
#include <mistral/workflows/registrations.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/schedules.hpp>
#include <mistral/workflows/workers.hpp>
#include <mistral/workflows/workflows.hpp>

#include <utility>

namespace mistral::workflows {
namespace {

// What the copy does not set stays as the original has it.
call_options merged(call_options options, const call_options* base) {
  if (base == nullptr) return options;
  if (!options.deadline) options.deadline = base->deadline;
  if (!options.retry) options.retry = base->retry;
  if (!options.hooks.attempt) options.hooks.attempt = base->hooks.attempt;
  if (!options.hooks.headers) options.hooks.headers = base->hooks.headers;
  for (const auto& header : base->headers) {
    bool replaced = false;
    for (const auto& own : options.headers)
      replaced = replaced || protocol::same_header(own.first, header.first);
    if (!replaced) options.headers.push_back(header);
  }
  return options;
}

}  // namespace

client::client(boost::asio::any_io_executor executor, client_options options)
    : handle_(std::make_shared<session::client_handle>(
          std::make_shared<session::client_state>(std::move(executor), std::move(options)))) {}

client::client(session::client_handle handle)
    : handle_(std::make_shared<session::client_handle>(std::move(handle))) {}

client::client(const client&) = default;
client::client(client&&) noexcept = default;
client& client::operator=(const client&) = default;
client& client::operator=(client&&) noexcept = default;
client::~client() = default;

workflows_api client::workflows() const { return workflows_api(handle_); }
executions_api client::executions() const { return executions_api(handle_); }
execution_handle client::execution(std::string id) const { return execution_handle(handle_, std::move(id)); }
runs_api client::runs() const { return runs_api(handle_); }
schedules_api client::schedules() const { return schedules_api(handle_); }
deployments_api client::deployments() const { return deployments_api(handle_); }
registrations_api client::registrations() const { return registrations_api(handle_); }
metrics_api client::metrics() const { return metrics_api(handle_); }
workers_api client::workers() const { return workers_api(handle_); }
events_api client::events() const { return events_api(handle_); }

client client::with(call_options options) const {
  call_options safe = session::checked(std::move(options));
  auto settings = std::make_shared<const call_options>(merged(std::move(safe), handle_->settings.get()));
  return client(session::client_handle(handle_->state, std::move(settings)));
}

boost::asio::any_io_executor client::executor() const { return handle_->state->executor(); }

boost::asio::any_io_executor client::serial_executor() const {
  if (!handle_->state->executor()) return {};
  return handle_->state->operation_executor();
}

client_stats client::stats() const {
  const session::call_counters& counters = handle_->state->counters();
  const net::pool_stats pool = handle_->state->pool().stats();
  client_stats out;
  out.calls = counters.calls.load();
  out.attempts = counters.attempts.load();
  out.failures = counters.failures.load();
  out.retries = counters.retries.load();
  out.retries_refused = counters.retries_refused.load();
  out.rate_limited = counters.rate_limited.load();
  out.gate_closings = counters.gate_closings.load();
  out.stream_attempts = counters.stream_attempts.load();
  out.bytes_sent = counters.bytes_sent.load();
  out.bytes_received = counters.bytes_received.load();
  out.hook_failures = counters.hook_failures.load();
  out.connections_opened = pool.opened;
  out.connections_reused = pool.reused;
  out.connections_stale = pool.stale;
  out.connect_failures = pool.connect_failures;
  out.handshakes = pool.handshakes;
  out.handshakes_resumed = pool.resumed_handshakes;
  out.calls_under_way = handle_->state->live().calls();
  out.waiting_for_turn = handle_->state->admission()->waiting();
  out.waiting_for_connection = static_cast<std::uint64_t>(pool.waiting);
  out.connections_idle = static_cast<std::uint64_t>(pool.idle);
  out.connections_in_use = static_cast<std::uint64_t>(pool.in_use);
  return out;
}

void client::close() const {
  if (!handle_->state->in_child()) handle_->state->live().refuse_calls();
  handle_->state->pool().close();
}

void client::trim() const { handle_->state->pool().trim(); }

boost::asio::awaitable<void> client::close(std::chrono::milliseconds grace) const {
  return session::close(handle_->state, grace);
}

}  // namespace mistral::workflows
