// Asks a local server for operations of the description and checks every answer against its schemas.
// Not what an answer says: only whether it has the form that the description gives it.
#pragma once

#include "openapi/description.hpp"
#include "server/raw_client.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace openapi {

class answer_check {
 public:
  explicit answer_check(const server_test::wft::local_server& server) : server_(server), client_(server) {}

  /// `name`: "GET /v1/workflows/runs"; `parameters`: those of its
  /// path, in order. The answer's body, null where there is none.
  json::value ask(const std::string& name, const std::vector<std::string>& parameters = {},
                  const std::string& query = std::string(), const std::string& body = std::string());
  /// Reads `events` events of a stream, or up to its end, or until nothing comes for some time.
  void follow(const std::string& name, const std::vector<std::string>& parameters, int events,
              const std::string& query = std::string());

  /// What did not fit, and which operations have not been answered as when all is well.
  std::vector<std::string> problems() const;

 private:
  void check(const operation& asked, int status, const std::string& content_type, const std::string& body,
             json::value& parsed);

  const server_test::wft::local_server& server_;
  server_test::raw_client client_;
  std::set<std::string> answered_;
  std::map<std::string, std::string> refused_;  ///< the last refusal of each operation
  std::vector<std::string> problems_;
};

}  // namespace openapi
