// An event of a stream as it came, for those who pass events on, write them down, or decode a few of many.
// Not another kind of stream: resume, duplicate removal and the end are those of event_stream.hpp.
#pragma once

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/event.hpp>

#include <string_view>

namespace mistral::workflows {

/// The JSON text of one event, neither decoded nor copied.
/// Lifetime: the views are good until the stream is used again (`next`, `next_for`, `wait`, `try_next`,
/// `close`, its end); who keeps an event makes strings of them.
struct MISTRAL_WORKFLOWS_EXPORT raw_event {
  raw_event() = default;

  std::string_view text;  ///< as on the wire; not checked to be JSON

  /// The id that the event carried on the wire, beside its JSON; empty where it had none.
  std::string_view id;
  std::string_view execution_id;  ///< the execution whose stream brought it; empty on a stream of many

  /// The event as the typed stream, of an execution or of many, delivers it. What does not fit is an
  /// `unknown_event`. Throws nothing but std::bad_alloc.
  stream_event decode() const;

 private:
  friend struct session::event_access;

  const protocol::stream_place* place_ = nullptr;
};

/// Events as text.
using raw_event_stream = basic_event_stream<raw_event>;

}  // namespace mistral::workflows
