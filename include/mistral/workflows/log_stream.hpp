// A live stream of log records, and which records it shows.
// Not what a stream is: that is event_stream.hpp.
#pragma once

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/log.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <optional>
#include <string>

namespace mistral::workflows {

/// Log records, pulled one at a time, with all that event_stream.hpp says and one difference: a log has no
/// sequence, so the stream goes by the ids that the server sends with the records.
///  - Where records have ids, each is delivered once and in order, through any number of disconnects: of a
///    server that goes on behind the id that it is asked for, and of one that begins anew up to 512 records.
///  - Where they have none there is no cursor: a reconnect begins anew, and records are delivered *at least
///    once*. Such records do not hold off the end, nor the GETs that look for it.
///
/// No record says that the execution has ended: a log is over when a GET says so and the log stays silent for
/// `stream_options::drain_time` on a connection that was opened after it, or ends cleanly there, and a second
/// GET still names the same run.
///
/// A record that does not fit its type arrives with the text as it came in `body`, and nothing else set.
using log_stream = basic_event_stream<log_record>;

/// Which records of an execution's log to stream. Unset members are not sent.
class MISTRAL_WORKFLOWS_EXPORT log_stream_request {
 public:
  log_stream_request();
  log_stream_request(const log_stream_request&);
  log_stream_request(log_stream_request&&) noexcept;
  log_stream_request& operator=(const log_stream_request&);
  log_stream_request& operator=(log_stream_request&&) noexcept;
  ~log_stream_request();

  std::optional<std::string> run_id;       ///< UUID of one run; the stream still ends with the execution
  std::optional<std::string> activity_id;  ///< of one activity, decimal digits
  std::optional<timestamp> after;          ///< where a stream without a cursor begins
};

}  // namespace mistral::workflows
