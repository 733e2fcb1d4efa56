// Bytes of an event stream (text/event-stream) into events, as the HTML standard reads them.
// Not what the events mean, and no reconnecting: see resume.hpp and stream_end.hpp.
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::protocol {

/// One dispatched event. The views are good until the next call of `next` or `feed`.
struct sse_event {
  sse_event() = default;

  std::string_view type;  ///< of the `event` field; empty where the event had none ("message" to a browser)
  std::string_view data;  ///< the `data` lines, joined with LF
  std::string_view id;    ///< the stream's last event id as of this event
  bool has_id = false;    ///< this event had an `id` field of its own
};

struct sse_limits {
  sse_limits() = default;

  std::size_t line = 16 * 1024 * 1024;   ///< bytes of one line, comments included
  std::size_t event = 16 * 1024 * 1024;  ///< bytes of one event's type and data together
};

/// Why a stream cannot be read any further.
enum class sse_problem { none, line_too_long, event_too_long };

MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string_view to_string(sse_problem problem) noexcept;

/// A pull parser: `feed` a chunk, take events with `next` until there is none, feed the next chunk.
///
///  - Lines end in LF, CR or CRLF, also when a CRLF is split over two chunks; an event is complete as soon
///    as the first byte of its blank line is there. A byte order mark at the very beginning is ignored.
///  - An event whose data is one line that lies in one chunk is not copied. Data
///    of several lines is joined, and what a chunk leaves unfinished is kept.
///    Time is linear in the number of bytes, whatever the size of the chunks.
///  - An event that the stream ends in the middle of is dropped, and
///    its id with it: `last_event_id` moves with the blank line.
///  - Invalid UTF-8 is passed on as it came; what reads the data decides.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT sse_parser {
 public:
  explicit sse_parser(sse_limits limits = sse_limits());

  /// `chunk` must stay where it is until `next` has returned
  /// none. Bytes of the last chunk that were not taken are lost.
  void feed(std::string_view chunk);

  /// The next complete event; none when the chunk is used up, or after a problem.
  std::optional<sse_event> next();

  /// A limit was exceeded: nothing more will come.
  sse_problem problem() const noexcept { return problem_; }
  /// All of the last chunk has been read.
  bool drained() const noexcept { return at_ == chunk_.size(); }
  /// Bytes have come since the last event or comment that
  /// are part of something unfinished: an end here is a cut.
  bool unfinished() const noexcept;

  /// Of the last event that was complete; empty if none had an id.
  std::string_view last_event_id() const noexcept { return last_id_.view(); }
  /// The last `retry` field.
  std::optional<std::chrono::milliseconds> retry() const noexcept { return retry_; }
  /// How many comment lines there were.
  std::uint64_t comments() const noexcept { return comments_; }

  /// Back to the beginning, for another connection.
  void reset();

 private:
  /// Text that is a view into the chunk as long as it can be, and kept bytes after that.
  class text {
   public:
    std::string_view view() const noexcept { return kept_in_use_ ? std::string_view(kept_) : part_; }
    void assign(std::string_view part) noexcept {
      kept_in_use_ = false;
      part_ = part;
    }
    void append_line(std::string_view part);
    /// That of `other`, which is not to be used before it is assigned to.
    void take(text& other) noexcept;
    void keep();
    void clear() noexcept {
      part_ = std::string_view();
      if (kept_in_use_) drop_kept();
    }

   private:
    std::string_view part_;
    std::string kept_;
    bool kept_in_use_ = false;

    void drop_kept() noexcept;
  };

  sse_limits limits_;
  std::string_view chunk_;
  std::size_t at_ = 0;
  std::size_t next_lf_ =
      0;  // where the next LF and CR of the chunk are; found once for each, so that scanning stays linear
  std::size_t next_cr_ = 0;
  bool plain_ = false;    // events of this chunk have been as next_whole() takes them so far
  bool skip_lf_ = false;  // the last byte was a CR that ended a line
  bool first_line_ = true;
  std::string line_;  // what earlier chunks had of the line under way
  sse_problem problem_ = sse_problem::none;

  text type_;
  text data_;
  bool has_data_ = false;
  bool has_id_ = false;
  bool id_changed_ = false;  // pending_id_ is newer than last_id_
  bool dispatched_ = false;  // type_ and data_ are those of the event handed out last
  text pending_id_;
  text last_id_;
  std::optional<std::chrono::milliseconds> retry_;
  std::uint64_t comments_ = 0;

  bool next_whole(sse_event& out);
  std::size_t find_line_end();
  bool take_line(std::string_view line);
  bool take_joined_line(std::string_view rest);
  void take_data(std::string_view value);
  void take_type(std::string_view value);
  void take_id(std::string_view value);
  bool dispatch();
  void begin_event() noexcept {
    type_.clear();
    data_.clear();
    has_data_ = has_id_ = dispatched_ = false;
  }
  void keep_texts();
};

}  // namespace mistral::workflows::protocol
