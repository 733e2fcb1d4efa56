// The text that a caller stores of a stream of one execution, and what it says when it comes back.
// Not where a stream goes on within an execution: that is the server's id in it, and resume.hpp's matter.
#pragma once

#include "protocol/follow/watcher.hpp"

#include <mistral/workflows/export.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// `w1:<execution id>:<server id>`, and where the execution's own terminal event is at or before it
/// `:<kind>:<run id>:<successor>`; each part percent-encoded, kinds c (completed), x (canceled), f (failed),
/// n (continued as new).
struct stream_cursor {
  stream_cursor() = default;

  std::string execution_id;
  std::string server_id;  ///< an SSE id or a sequence number; empty: before the first event that has one
  event_facts end;        ///< the terminal event; of kind `none` where there is none
};

/// A run id that cannot be one, and a kind that no event tells of, are left out.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string cursor_text(std::string_view execution_id,
                                                          std::string_view server_id, const event_facts& end);

/// What a text says to a stream of `execution_id`. All that `cursor_text` cannot have written is an id of the
/// server's own, in the stream of just this execution.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_cursor read_cursor(const std::string& text,
                                                            const std::string& execution_id);

/// Which execution's stream brings events, and the terminal event that came before them and may still be its
/// end. Shared by the events, whose cursors it is a part of.
struct stream_place : std::enable_shared_from_this<stream_place> {
  explicit stream_place(std::string execution, event_facts last_terminal = event_facts())
      : execution_id(std::move(execution)), end(std::move(last_terminal)) {}

  std::string execution_id;
  event_facts end;
};

/// Where a stream stands for its caller: at the event that was handed over last. Written where events are
/// handed over, on the caller's side, so that a handle may read it whenever it may be used, also when the
/// stream is gone.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_record {
 public:
  /// `execution_id`: empty for a stream that watches none, whose cursors are the server's ids as they are.
  stream_record(std::string execution_id, std::string from)
      : execution_id_(std::move(execution_id)), from_(std::move(from)) {}

  /// `place`: of the event; is replaced where `last_terminal` is not what it says.
  /// `server_id` may change with each event that is handed over: it is not copied.
  void handed_over(std::shared_ptr<const stream_place>& place, const std::shared_ptr<std::string>& server_id,
                   const event_facts& last_terminal);

  std::string cursor() const;
  const std::string& execution_id() const noexcept { return place_ ? place_->execution_id : execution_id_; }

 private:
  std::string execution_id_;
  std::string from_;
  std::shared_ptr<const stream_place> place_;
  std::shared_ptr<const stream_place> brought_from_;  // the event's own, which one that is a view points to
  std::shared_ptr<const std::string> server_id_;      // null: no event was handed over
};

}  // namespace mistral::workflows::protocol
