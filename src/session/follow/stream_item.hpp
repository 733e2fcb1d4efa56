// What one event of the wire says to the stream that carries it, whatever it is decoded into.
// Not the decoding of the model's types: that is the codec's.
#pragma once

#include "protocol/follow/cursor.hpp"
#include "protocol/follow/resume.hpp"
#include "protocol/follow/sse_parser.hpp"
#include "protocol/follow/watcher.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event.hpp>
#include <mistral/workflows/model/log.hpp>
#include <mistral/workflows/raw_event.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

/// Null for a stream that watches no execution.
using place_ptr = std::shared_ptr<const protocol::stream_place>;

/// Puts into an event what it keeps of its stream.
struct event_access {
  static void put(stream_event& event, place_ptr place) noexcept { event.place_ = std::move(place); }
  static void put(raw_event& event, const place_ptr& place) noexcept;
};

/// Kept beside the event until it is handed over; the parser
/// must not go on before that, as it has the id's bytes.
struct stream_item {
  stream_item() = default;
  stream_item(const stream_item&) = delete;
  stream_item& operator=(const stream_item&) = delete;

  protocol::event_identity identity;
  std::string event_id;  ///< what the identity has a view of

  protocol::event_facts facts;  ///< but for `moves_cursor`, which is known when it is handed over

  std::optional<stream_error> error;  ///< the server's, in place of an event
  bool lasting_error = false;         ///< the error is one that no further attempt mends

  /// Of the next event; strings keep their memory.
  void begin(const protocol::sse_event& wire) {
    identity.sequence.reset();
    identity.event_id = std::string_view();
    identity.sse_id = wire.id;
    identity.has_sse_id = wire.has_id;
    facts.own = false;
    facts.terminal = protocol::terminal_kind::none;
    facts.run_id.clear();
    facts.continued_as.clear();
    error.reset();
    lasting_error = false;
  }
};

/// Reads an event of `executions().stream` or `events().stream` into `out`, which is new. Never fails: what
/// does not fit arrives as `unknown_event`, and what tells it from others is looked for in all of its JSON.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, const place_ptr& place,
                                                 stream_item& item, stream_event& out);

/// Leaves the text of an event where it is, and reads of it what the stream needs: as
/// a rule its number alone. All of it is decoded where it may say that the execution
/// ends, or that it goes on (`whole`), or where its number is not found at once.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, const place_ptr& place,
                                                 bool whole, stream_item& item, raw_event& out);

/// What an event of its stream says to who waits for an execution's end.
struct end_news {
  end_news() = default;

  std::string failure;  ///< of the execution's own FAILED event
  std::string run_id;   ///< the run that it is of
};

/// As that for raw events.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, const place_ptr& place,
                                                 bool whole, stream_item& item, end_news& out);

/// Reads a record of a log stream. Never fails: of what does not fit,
/// the record has the text as it came as its `body`, and nothing else.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT void read_item(const protocol::sse_event& wire, stream_item& item,
                                                 log_record& out);

}  // namespace mistral::workflows::session
