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

}  // namespace

resume_policy::resume_policy(std::string from, resume_by how)
    : how_(how), cursor_(from), from_(std::move(from)), from_number_(number_in(from_)) {}

resume_point resume_policy::next_request() const {
  resume_point point;
  if (how_ == resume_by::last_event_id_or_start && !cursor_is_id_ && last_sequence_ > 0)
    point.start_seq =
        last_sequence_ < std::numeric_limits<std::int64_t>::max() ? last_sequence_ + 1 : last_sequence_;
  else
    point.last_event_id = cursor_;
  return point;
}

bool resume_policy::connected() {
  // Also where there is nothing to ask with, as after events with an event id alone: all of them come again.
  looking_for_new_ = !cursor_.empty() || !recent_.empty();
  first_after_resume_ = false;
  passed_id_.clear();
  return !cursor_.empty();
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

bool resume_policy::seen_before(const event_identity& event) const {
  const auto sequence = sequence_of(event);
  // What an earlier process had, of which only the cursor is known.
  if (!from_.empty()) {
    if (event.has_sse_id && event.sse_id == from_) return true;
    const bool ids_are_numbers = sequence > 0 && (!event.has_sse_id || number_in(event.sse_id) == sequence);
    if (from_number_ && ids_are_numbers && sequence <= *from_number_) return true;
  }
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
  if ((event.has_sse_id || sequence == 0) && !event.sse_id.empty() && !goes_back) {
    news = !cursor_is_id_ || cursor_ != event.sse_id;
    cursor_.assign(event.sse_id);
    cursor_is_id_ = true;
  } else if (sequence > 0) {
    auto text = std::to_string(sequence);
    if (cursor_is_id_) passed_id_ = cursor_;
    news = cursor_is_id_ || cursor_ != text;
    cursor_ = std::move(text);
    cursor_is_id_ = false;
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
