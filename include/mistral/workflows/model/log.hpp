// Log records of executions and deployments.
// Not the streams of them: see event_stream.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows {

/// One line of a log.
struct MISTRAL_WORKFLOWS_EXPORT log_record {
  log_record() = default;

  workflows::timestamp timestamp;                     ///< when it happened
  std::string trace_id;                               ///< as OpenTelemetry has it, in hex
  std::string span_id;                                ///< as OpenTelemetry has it, in hex
  std::string severity_text;                          ///< "INFO", "ERROR" and the like
  std::string body;                                   ///< the line
  std::map<std::string, std::string> log_attributes;  ///< what the sender added

  /// The id that the record carried in a stream, beside its JSON; empty in a page, and where the server sends
  /// none.
  std::string id;

  /// What resumes a stream after this record (`stream_options::from`): its id.
  const std::string& cursor() const noexcept { return id; }

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const log_record&, const log_record&);
};

/// One page of log records, and where the next begins.
struct MISTRAL_WORKFLOWS_EXPORT log_page {
  log_page() = default;

  std::vector<log_record> results;         ///< in the order that was asked for
  std::optional<std::string> next_cursor;  ///< null: this was the last page

  friend MISTRAL_WORKFLOWS_EXPORT bool operator==(const log_page&, const log_page&);
};

}  // namespace mistral::workflows
