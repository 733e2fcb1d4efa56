// Where a stream goes on after a cut, and which events of the new connection have been seen before.
// Not when to reconnect or whether (watcher.hpp), and not tied to one kind of event.
#pragma once

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::protocol {

/// What tells one event from another. Views need to live for one call only.
struct event_identity {
  event_identity() = default;

  std::optional<std::int64_t> sequence;  ///< broker_sequence; numbers below 1 are none
  std::string_view event_id;             ///< empty where the event has none
  std::string_view sse_id;               ///< the stream's last id as of this event
  bool has_sse_id = false;               ///< the id is this event's own
};

/// How the next request asks to go on. At most one of the two is set.
struct resume_point {
  resume_point() = default;

  std::string last_event_id;              ///< empty: none
  std::optional<std::int64_t> start_seq;  ///< inclusive: the number after the last event handed over
};

/// What the server understands, and what a cursor therefore has to say.
enum class resume_by {
  last_event_id,           ///< an id, or the sequence number as text where events come without ids
  last_event_id_or_start,  ///< an id, or else `start_seq`: the cursor says which of the two it is
};

/// The cursor behind an event, by `last_event_id_or_start`: its id as it is, and a sequence number as
/// `s1:41`. An id that could be read as a cursor of the library's has `i1:` before it.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string cursor_of_id(std::string_view id);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string cursor_of_sequence(std::int64_t sequence);
/// The one of an event with both, either or none: by its id where that arrives as it is.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string cursor_of(std::string_view id, std::int64_t sequence);

/// An event whose number does not follow the one before.
struct sequence_jump {
  sequence_jump() = default;

  std::int64_t before = 0;
  std::int64_t now = 0;
  bool after_resume = false;
};

/// The cursor moves when an event is handed to the caller, and not before: what a connection brought and
/// nobody took comes again. On an unbroken connection no event is ever taken for a duplicate. After a resume
/// those handed over already are, by the first that an event has of sequence, event id and SSE id, up to the
/// first that is new; one that has none of them says nothing about the others.
///
/// The last `memory` events are remembered one by one, so that a late event with a lower number counts as
/// new; what is older than these counts as seen, as far as numbers as high are among them.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT resume_policy {
 public:
  static constexpr std::size_t memory = 512;

  /// `from`: a cursor, or an id of the server's own.
  explicit resume_policy(std::string from = std::string(), resume_by how = resume_by::last_event_id);
  resume_policy(resume_policy&&) noexcept = default;
  resume_policy& operator=(resume_policy&&) noexcept = default;

  /// How to ask for what follows the cursor.
  resume_point next_request() const;

  /// A connection has opened. True if it goes on after a cursor.
  bool connected();

  /// Whether this event has been handed over before. Not const:
  /// the first new event ends the search for duplicates.
  bool is_duplicate(const event_identity& event) { return looking_for_new_ && is_known(event); }

  /// How the event's number relates to that of the last one handed over; nothing where it just follows, or
  /// where an event without a number came between the two and may have had those that are stepped over.
  std::optional<sequence_jump> jump(const event_identity& event) const;

  /// The caller has it: the cursor moves. True if the event is news: it has another cursor than the one
  /// before, or an identity of its own that is not among those remembered.
  bool handed_over(const event_identity& event);

  /// What `next_request` asks with, as text to store. Empty before the first event, changed by each
  /// that is handed over; shared with who outlives the policy.
  const std::shared_ptr<std::string>& cursor() const noexcept { return cursor_; }

 private:
  resume_by how_;
  std::shared_ptr<std::string> cursor_;
  std::int64_t cursor_number_ = 0;  // the sequence number that the cursor is; 0: it is an id, or none
  std::int64_t last_sequence_ = 0;  // 0: none yet
  bool unnumbered_since_ = false;   // an event has come since then whose number is not known
  std::string from_id_;  // where the stream began; empty: at a sequence number, or at the beginning
  std::optional<std::int64_t> from_number_;

  bool looking_for_new_ = false;       // after a resume, before its first new event
  bool first_after_resume_ = false;    // the event that ended the search has not been handed over yet
  std::string passed_id_;              // of an event on this connection that the cursor is beyond
  std::vector<std::uint64_t> recent_;  // a ring: sequences as they are, ids as hashes
  std::size_t oldest_ = 0;
  std::int64_t forgotten_up_to_ = 0;  // the highest sequence that left the ring

  std::string_view cursor_id() const noexcept;
  void move_to(std::string_view id);
  void move_to(std::int64_t sequence);
  bool is_known(const event_identity& event);
  bool is_before_begin(const event_identity& event) const;
  bool seen_before(const event_identity& event) const;
  bool is_forgotten(std::int64_t sequence) const;
  bool remembers(std::uint64_t key) const;
  void remember(std::uint64_t key);
};

}  // namespace mistral::workflows::protocol
