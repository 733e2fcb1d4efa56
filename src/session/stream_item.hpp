// What one event of the wire says to the stream that carries it, whatever it is decoded into.
// Not the decoding of the model's types: that is the codec's.
#pragma once

#include "protocol/resume.hpp"
#include "protocol/sse_parser.hpp"
#include "protocol/stream_end.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/model/log.hpp>
#include <mistral/workflows/raw_event.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

/// Kept beside the event until it is handed over.
struct stream_item {
  stream_item() = default;

  std::optional<std::int64_t> sequence;
  std::string event_id;  ///< where there is no sequence
  std::string sse_id;
  bool has_sse_id = false;

  bool own = false;  ///< of the execution that the stream follows
  protocol::terminal_kind terminal = protocol::terminal_kind::none;
  std::string run_id;
  std::string continued_as;  ///< run id

  /// A resumed connection may bring it again and nothing would tell, so it is no sign that the execution goes on.
  bool may_be_repeat = false;

  std::optional<stream_error> error;  ///< the server's, in place of an event

  /// Of the next event; strings keep their memory.
  void begin(const protocol::sse_event& wire) {
    sequence.reset();
    event_id.clear();
    sse_id.assign(wire.id);
    has_sse_id = wire.has_id;
    own = false;
    terminal = protocol::terminal_kind::none;
    run_id.clear();
    continued_as.clear();
    may_be_repeat = false;
    error.reset();
  }

  protocol::event_identity identity() const {
    protocol::event_identity out;
    out.sequence = sequence;
    out.event_id = event_id;
    out.sse_id = sse_id;
    out.has_sse_id = has_sse_id;
    return out;
  }
};

/// Reads an event of `executions().stream` or `events().stream` into `out`, which is new. Never fails: what does not fit
/// arrives as `unknown_event`.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, const std::string& execution_id,
                                                 stream_item& item, stream_event& out);

/// Leaves the text of an event where it is, and reads of it what the stream needs: as a rule its number alone. All of it is decoded where
/// it may say that the execution ends, or that it goes on (`whole`), or where its number is not found at once.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, const std::string& execution_id,
                                                 bool whole, stream_item& item, raw_event& out);

/// Reads a record of a log stream. Never fails: of what does not fit, the record has the text as it came as its `body`, and
/// nothing else.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, stream_item& item, log_record& out);

/// Whether the server says that the error will pass.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_transient(const stream_error& error);

}  // namespace mistral::workflows::session
