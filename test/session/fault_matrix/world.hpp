// The local server that all cases share: what is on it, and what it carried out for which case.
// Not what goes wrong, and no judgement.
#pragma once

#include "session/fault_matrix/operations.hpp"

#include <mistral/workflows/testing/local_server.hpp>

#include <boost/asio/awaitable.hpp>

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace fault_matrix {

/// What the server was asked for and carried out, by the case that
/// each request names in the header "X-Case". Safe from any thread.
class record {
 public:
  struct entry {
    int asked = 0;
    int done = 0;
    std::set<std::string> ids;  ///< of the executions that it was about
  };

  void asked(const wf::testing::seen_request& request);
  void carried_out(const wf::testing::seen_request& request, int status);

  entry of(const std::string& number, std::string_view operation) const;

  static std::string case_of(const wf::testing::seen_request& request);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, entry> entries_;  // by case and operation
};

class world {
 public:
  world();

  record seen;
  wf::testing::local_server server;

  /// Makes what all cases share, with a client that nothing goes wrong with.
  asio::awaitable<subject> prepare(apis to);

  /// Options for a client whose requests name this case.
  wf::client_options options(const std::string& number) const;
};

}  // namespace fault_matrix
