// The calls of the public client that the coverage test makes: for each operation one without
// anything optional, and some that together give all there is, with values of sample.hpp.
// Not what they must have sent: that comes from the description.
#pragma once

#include "openapi/sample.hpp"

#include <mistral/workflows.hpp>

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <string_view>
#include <vector>

namespace openapi {

namespace wf = mistral::workflows;

using done = boost::asio::awaitable<void>;

struct operation_calls {
  std::string_view operation;  ///< "GET /v1/workflows"
  std::function<done(wf::client)> none;
  /// With all that is optional; empty where nothing is. The variants
  /// differ in enumerators, and in what excludes each other.
  std::function<done(wf::client, int variant)> all;
  int variants = 2;
};

std::vector<operation_calls> execution_calls();
std::vector<operation_calls> run_and_event_calls();
std::vector<operation_calls> workflow_calls();
std::vector<operation_calls> schedule_calls();
std::vector<operation_calls> deployment_calls();

}  // namespace openapi
