#include "protocol/follow/resume.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <limits>
#include <utility>

namespace mistral::workflows::protocol {

namespace {

std::optional<std::int64_t> number_in(std::string_view text) {
  std::int64_t value = 0;
  const auto end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end || value < 1) return std::nullopt;
  return value;
}

constexpr std::string_view number_mark = "s1:";
constexpr std::string_view id_mark = "i1:";

// Of a cursor that is a sequence number; all that `cursor_of_sequence` cannot have written is an id.
std::int64_t marked_number(std::string_view cursor) {
  if (!cursor.starts_with(number_mark)) return 0;
  const auto number = number_in(cursor.substr(number_mark.size()));
  return number && cursor_of_sequence(*number) == cursor ? *number : 0;
}

// Sequences are below 2^63, so the top bit keeps hashes apart from them.
bool is_sequence(std::uint64_t key) { return (key >> 63) == 0; }
std::uint64_t key_of(std::string_view id) {
  return std::hash<std::string_view>()(id) | (std::uint64_t{1} << 63);
}

// 0: none. Not an optional: one is copied in a piece, which waits for the stores of its parts.
std::int64_t sequence_of(const event_identity& event) noexcept {
  return event.sequence ? std::max<std::int64_t>(*event.sequence, 0) : 0;
}

// By the first that the event has of sequence, event id and an SSE id of its own; 0: by nothing.
std::uint64_t key_of(const event_identity& event) {
  if (const auto sequence = sequence_of(event)) return static_cast<std::uint64_t>(sequence);
  if (!event.event_id.empty()) return key_of(event.event_id);
  if (event.has_sse_id && !event.sse_id.empty()) return key_of(event.sse_id);
  return 0;
}

// Whether it arrives as it is as a header's value: servers strip blanks at its ends, and refuse control
// characters (RFC 9110, 5.5).
bool fits_header(std::string_view id) {
  const auto is_control = [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; };
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  return id.empty() ||
         (!is_blank(id.front()) && !is_blank(id.back()) && std::none_of(id.begin(), id.end(), is_control));
}

}  // namespace

std::string cursor_of_id(std::string_view id) {
  const bool is_plain = !id.starts_with(number_mark) && !id.starts_with(id_mark);
  return is_plain ? std::string(id) : std::string(id_mark).append(id);
}

std::string cursor_of_sequence(std::int64_t sequence) {
  return std::string(number_mark) + std::to_string(sequence);
}

std::string cursor_of(std::string_view id, std::int64_t sequence) {
  if (!id.empty() && fits_header(id)) return cursor_of_id(id);
  return sequence > 0 ? cursor_of_sequence(sequence) : std::string();
}

resume_policy::resume_policy(std::string from, resume_by how)
    : how_(how), cursor_(std::make_shared<std::string>(std::move(from))) {
  if (how_ == resume_by::last_event_id_or_start) cursor_number_ = marked_number(*cursor_);
  if (cursor_number_ > 0) {
    from_number_ = cursor_number_;
  } else {
    from_id_ = cursor_id();
    from_number_ = number_in(from_id_);
  }
}

// Of a cursor that is an id.
std::string_view resume_policy::cursor_id() const noexcept {
  std::string_view id = *cursor_;
  if (how_ == resume_by::last_event_id_or_start && id.starts_with(id_mark)) id.remove_prefix(id_mark.size());
  return id;
}

void resume_policy::move_to(std::string_view id) {
  cursor_number_ = 0;
  if (how_ != resume_by::last_event_id) {
    *cursor_ = cursor_of_id(id);
    return;
  }
  // Of most ids the length is that of the one before, and to assign takes three times as long.
  cursor_->resize(id.size());
  std::copy(id.begin(), id.end(), cursor_->begin());
}

void resume_policy::move_to(std::int64_t sequence) {
  cursor_number_ = sequence;
  *cursor_ = how_ == resume_by::last_event_id ? std::to_string(sequence) : cursor_of_sequence(sequence);
}

resume_point resume_policy::next_request() const {
  resume_point point;
  if (how_ == resume_by::last_event_id_or_start && cursor_number_ > 0)
    point.start_seq =
        cursor_number_ < std::numeric_limits<std::int64_t>::max() ? cursor_number_ + 1 : cursor_number_;
  else
    point.last_event_id = cursor_id();
  return point;
}

bool resume_policy::connected() {
  // Also where there is nothing to ask with, as after events with an event id alone: all of them come again.
  looking_for_new_ = !cursor_->empty() || !recent_.empty();
  first_after_resume_ = false;
  passed_id_.clear();
  return !cursor_->empty();
}

// After a resume, up to the first event that is new.
bool resume_policy::is_known(const event_identity& event) {
  if (seen_before(event)) {
    if (event.has_sse_id) passed_id_.assign(event.sse_id);
    return true;
  }
  if (key_of(event) == 0) return false;
  looking_for_new_ = false;
  first_after_resume_ = true;
  return false;
}

// What an earlier process had, of which only the cursor is known.
bool resume_policy::is_before_begin(const event_identity& event) const {
  if (!from_id_.empty() && event.has_sse_id && event.sse_id == from_id_) return true;
  const auto sequence = sequence_of(event);
  if (!from_number_ || sequence == 0 || sequence > *from_number_) return false;
  // An id that looks like a number need not be the event's.
  return from_id_.empty() || !event.has_sse_id || number_in(event.sse_id) == sequence;
}

bool resume_policy::seen_before(const event_identity& event) const {
  const auto sequence = sequence_of(event);
  if (is_before_begin(event)) return true;
  const auto key = key_of(event);
  if (key == 0) return false;
  if (sequence > 0 && is_forgotten(sequence)) return true;
  return remembers(key);
}

std::optional<sequence_jump> resume_policy::jump(const event_identity& event) const {
  const auto sequence = sequence_of(event);
  if (sequence == 0 || last_sequence_ == 0 || sequence - 1 == last_sequence_) return std::nullopt;
  if (unnumbered_since_ && sequence > last_sequence_) return std::nullopt;
  sequence_jump found;
  found.before = last_sequence_;
  found.now = sequence;
  found.after_resume = first_after_resume_;
  return found;
}

bool resume_policy::handed_over(const event_identity& event) {
  first_after_resume_ = false;
  const auto sequence = sequence_of(event);
  bool news = false;
  if (sequence > 0) last_sequence_ = sequence;
  unnumbered_since_ = sequence == 0;
  // An id that the event only inherited is of an older event: the sequence is then the
  // better cursor, and no cursor where that event was handed over before the last.
  const bool goes_back = !event.has_sse_id && event.sse_id == passed_id_;
  const bool carried = how_ == resume_by::last_event_id || fits_header(event.sse_id);
  if ((event.has_sse_id || sequence == 0) && !event.sse_id.empty() && !goes_back && carried) {
    news = cursor_number_ > 0 || cursor_id() != event.sse_id;
    move_to(event.sse_id);
  } else if (sequence > 0) {
    if (cursor_number_ == 0) passed_id_ = cursor_id();
    news = cursor_number_ != sequence;
    move_to(sequence);
  }
  const auto key = key_of(event);
  if (key == 0) return news;
  news = news || !remembers(key);
  remember(key);
  return news;
}

// One that was far above all others says nothing of those that came behind it: of what is remembered some
// must be as high.
bool resume_policy::is_forgotten(std::int64_t sequence) const {
  const auto key = static_cast<std::uint64_t>(sequence);
  return sequence <= forgotten_up_to_ &&
         std::any_of(recent_.begin(), recent_.end(),
                     [key](std::uint64_t one) { return is_sequence(one) && one >= key; });
}

bool resume_policy::remembers(std::uint64_t key) const {
  return std::find(recent_.begin(), recent_.end(), key) != recent_.end();
}

void resume_policy::remember(std::uint64_t key) {
  if (recent_.size() < memory) {
    recent_.push_back(key);
    return;
  }
  const std::uint64_t leaves = std::exchange(recent_[oldest_], key);
  oldest_ = (oldest_ + 1) % memory;
  if (is_sequence(key) && is_sequence(leaves))
    forgotten_up_to_ = std::max(forgotten_up_to_, static_cast<std::int64_t>(leaves));
}

}  // namespace mistral::workflows::protocol
