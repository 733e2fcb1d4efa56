// What the tests of the hub share: workflows that end in every way, and a wait from before the start on.
// Not the hub's insides: these tests see what a user sees.
#pragma once

#include "api/support.hpp"

#include <mistral/workflows/bulk/completions.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace hub_test {

namespace wf = mistral::workflows;
using test::asio::awaitable;

/// An execution that was started, and the place in the hub that it had before.
struct started_run {
  started_run(wf::expected where, std::string which) : place(std::move(where)), run_id(std::move(which)) {}

  wf::expected place;
  std::string run_id;
};

/// Beside those of test::workflows(): "flaky" fails `times` times before it returns "at last"; "slow" runs
/// into a timeout of 50 ms; "naps" sleeps for `ms` and returns its input.
class with_hub : public test::local {
 public:
  explicit with_hub(wf::testing::local_server_options options = wf::testing::local_server_options());

  /// Looks often; no GET but to confirm.
  static wf::completions_options quickly();

  /// Starts an execution, as a controller does.
  awaitable<started_run> start(wf::completions hub, std::string workflow, std::string id,
                               test::json::value input = test::json::value());
  /// The same, and waits for its end.
  awaitable<wf::completion> run_one(wf::completions hub, std::string workflow, std::string id,
                                    test::json::value input = test::json::value());

  int gets() const;
};

}  // namespace hub_test
