// Each operation of the API as the matrix calls it: its class, what it needs, and the call itself.
// Not what goes wrong (table.hpp).
#pragma once

#include "session/client/client_state.hpp"
#include "session/fault_matrix/table.hpp"

#include <mistral/workflows.hpp>

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace fault_matrix {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

/// All resources of one client.
class apis {
 public:
  explicit apis(std::shared_ptr<const wf::session::client_handle> handle);

  wf::workflows_api workflows;
  wf::executions_api executions;
  wf::runs_api runs;
  wf::schedules_api schedules;
  wf::events_api events;
  wf::deployments_api deployments;
  wf::registrations_api registrations;
  wf::metrics_api metrics;
  wf::workers_api workers;
  std::chrono::milliseconds stream_idle_limit = std::chrono::minutes(1);

  wf::stream_options stream_options() const;
};

/// Until the first event has come.
template <class Stream>
asio::awaitable<void> first_of(Stream stream) {
  const auto first = co_await stream.next();
  if (!first) throw std::runtime_error("the stream ended without an event");
}

/// What a call is made on. The members up to `own` are shared by all cases, and only read.
class subject {
 public:
  subject() = default;

  std::string execution;  ///< of "gate", running
  std::string run;        ///< its run
  std::string registration = "01934c6e-7a3b-7def-8abc-000000000001";
  std::string shelf;  ///< the UUID of a workflow that is archived, unarchived and changed
  std::string deployment = "none";
  std::string schedule = "none";
  std::int64_t reset_point = 0;
  std::string own;  ///< this case's own execution, schedule or deployment
};

struct operation {
  std::string_view name;
  kind repeat;
  bool without_body;  ///< answered with 204
  /// Makes `own`, with a client that nothing goes wrong with; null: nothing is needed.
  asio::awaitable<std::string> (*prepare)(apis, subject);
  asio::awaitable<void> (*call)(apis, subject);
  std::string_view variant = {};  ///< where an operation stands twice
};

std::vector<operation> all_operations();
std::vector<operation> operations_on_executions();
std::vector<operation> operations_on_schedules_and_deployments();
std::vector<operation> operations_on_workflows();

}  // namespace fault_matrix
