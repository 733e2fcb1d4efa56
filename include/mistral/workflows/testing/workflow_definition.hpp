// What a local server knows about a workflow: its name, what it declares, and the coroutine that it is.
// Not a running workflow: that one sees a workflow_context.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/workflow_context.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::testing {

/// A workflow's code. It is run again from its beginning when the server restarts, after a reset and for a
/// new attempt, so it must be deterministic: given the same input and the same signals, updates and answers,
/// it must do the same things in the same order. It takes time, identifiers and everything random from its
/// context, and waits for nothing but the context's own operations.
using workflow_function = std::function<boost::asio::awaitable<boost::json::value>(workflow_context)>;

/// A signal, query or update that a workflow declares.
struct MISTRAL_WORKFLOWS_EXPORT handler_declaration {
  /// `input`: JSON Schema of what it takes; empty: anything.
  explicit handler_declaration(std::string handler_name, boost::json::object input = boost::json::object());

  std::string name;                        ///< under which it is called
  std::optional<std::string> description;  ///< for people to read; default: none

  /// JSON Schema; of it `type`, `properties`, `required`, `additionalProperties: false`, `items`, `enum`,
  /// `const`, `minimum`, `maximum`, `minLength`, `maxLength` and `anyOf` are checked.
  boost::json::object input_schema;
  std::optional<boost::json::object> output_schema;  ///< shown only; signals have none
};

/// How an execution goes on after its workflow has failed.
struct MISTRAL_WORKFLOWS_EXPORT retry_policy {
  retry_policy();

  int maximum_attempts = 1;  ///< 1: a failure is final

  /// The wait before the second attempt; default: 1 s.
  std::chrono::nanoseconds first_interval = std::chrono::seconds(1);
  double backoff = 2.0;  ///< factor from one interval to the next, >= 1

  /// The longest wait between two; default: 100 s.
  std::chrono::nanoseconds maximum_interval = std::chrono::seconds(100);
};

/// A workflow as it is made known to a server. `name` is its identity: an execution in a state folder goes on
/// with the definition of its name.
class MISTRAL_WORKFLOWS_EXPORT workflow_definition {
 public:
  /// `workflow_name`: its identity. `code`: what runs.
  workflow_definition(std::string workflow_name, workflow_function code);
  ~workflow_definition();
  workflow_definition(const workflow_definition&);
  workflow_definition(workflow_definition&&) noexcept;
  workflow_definition& operator=(const workflow_definition&);
  workflow_definition& operator=(workflow_definition&&) noexcept;

  std::string name;                          ///< its identity; in use as the name of its executions' workflow
  workflow_function function;                ///< the code
  std::string display_name;                  ///< at first the name
  std::optional<std::string> description;    ///< for people to read; default: none
  std::vector<std::string> tags;             ///< for filtering; default: none
  bool archived = false;                     ///< default: false
  bool available_in_chat_assistant = false;  ///< default: false
  std::optional<std::string> deployment_name;   ///< of a deployment of its own; default: none
  std::optional<std::string> shared_namespace;  ///< set: left out of lists by `include_shared=false`

  /// True: its runs are left out of lists by `include_internal=false`.
  bool technical = false;
  boost::json::object input_schema;                  ///< an input that does not fit is refused with 422
  std::optional<boost::json::object> output_schema;  ///< shown only; default: none
  std::vector<handler_declaration> signal_handlers;  ///< signals that it declares; default: none
  std::vector<handler_declaration> queries;          ///< queries that it declares; default: none
  std::vector<handler_declaration> updates;          ///< updates that it declares; default: none
  retry_policy retry;                                ///< default: a failure is final

  /// Of a run; then it is TIMED_OUT, without an event.
  std::optional<std::chrono::nanoseconds> execution_timeout;
};

}  // namespace mistral::workflows::testing
