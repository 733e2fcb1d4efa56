// What is sent to a running execution, and what it answers: signals, queries, updates, resets.
// Not the handlers a workflow declares for them: see workflow.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/payload.hpp>

#include <boost/json/value.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// The body of a signal, a query or an update.
struct MISTRAL_WORKFLOWS_EXPORT invocation_body {
  invocation_body() = default;

  std::string name;          ///< of the handler
  boost::json::value input;  ///< an object or null; an encoded one is the envelope `network_encoded_input`

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const invocation_body&, const invocation_body&);
};

/// An input that a payload codec has encoded.
struct MISTRAL_WORKFLOWS_EXPORT network_encoded_input {
  network_encoded_input() = default;

  std::string b64payload;                                     ///< base64
  std::vector<open_enum<payload_encoding>> encoding_options;  ///< in the order they were applied
  bool empty = false;                                         ///< whether there was no input at all

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const network_encoded_input&, const network_encoded_input&);
};

/// The signal has been stored; the workflow has not necessarily seen it.
struct MISTRAL_WORKFLOWS_EXPORT signal_answer {
  signal_answer() = default;

  std::string message = "Signal accepted";  ///< for people to read

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const signal_answer&, const signal_answer&);
};

/// What a query handler returned.
struct MISTRAL_WORKFLOWS_EXPORT query_answer {
  query_answer() = default;

  std::string query_name;     ///< of the handler
  boost::json::value result;  ///< any JSON; null where there is none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const query_answer&, const query_answer&);
};

/// What an update handler returned.
struct MISTRAL_WORKFLOWS_EXPORT update_answer {
  update_answer() = default;

  std::string update_name;    ///< of the handler
  boost::json::value result;  ///< any JSON; null where there is none

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const update_answer&, const update_answer&);
};

/// The body of a reset.
struct MISTRAL_WORKFLOWS_EXPORT reset_body {
  reset_body() = default;

  std::int64_t event_id = 0;          ///< of the history: a completed workflow task to go back to
  std::optional<std::string> reason;  ///< for people to read
  bool exclude_signals = false;       ///< do not replay signals that came after the event
  bool exclude_updates = false;       ///< do not replay updates that came after the event

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const reset_body&, const reset_body&);
};

}  // namespace mistral::workflows
