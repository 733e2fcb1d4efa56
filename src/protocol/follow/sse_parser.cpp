#include "protocol/follow/sse_parser.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>
#include <utility>

namespace mistral::workflows::protocol {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

std::size_t find_byte(std::string_view text, std::size_t from, char byte) noexcept {
  const auto found = text.find(byte, from);
  return found == std::string_view::npos ? text.size() : found;
}

// An id is short: as quick as a call of memchr.
bool holds_nul(std::string_view id) noexcept { return std::find(id.begin(), id.end(), '\0') != id.end(); }

// One large event must not hold its memory for the life of a stream.
void empty(std::string& kept) noexcept {
  constexpr std::size_t worth_keeping = 16 * 1024;
  kept.clear();
  if (kept.capacity() > worth_keeping) std::string().swap(kept);
}

// Digits only, as the standard has it; what does not fit in 31 bits is as good as for ever.
std::optional<std::chrono::milliseconds> parse_retry(std::string_view value) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
  std::int32_t parsed = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), parsed);
  return std::chrono::milliseconds(result.ec == std::errc() ? parsed : most);
}

// Whether the line is of the field `name`, which ends with the first colon or the line; then
// `value` is what follows. A template, so that a name costs one comparison of a few bytes.
template <std::size_t Size>
bool is_field(std::string_view line, const char (&name)[Size], std::string_view& value) noexcept {
  constexpr std::size_t length = Size - 1;
  if (line.size() < length || std::memcmp(line.data(), name, length) != 0) return false;
  if (line.size() == length) {
    value = std::string_view();
    return true;
  }
  if (line[length] != ':') return false;
  const bool blank = line.size() > Size && line[Size] == ' ';
  value = std::string_view(line.data() + Size + blank, line.size() - Size - blank);
  return true;
}

}  // namespace

std::string_view to_string(sse_problem problem) noexcept {
  switch (problem) {
    case sse_problem::none:
      return "none";
    case sse_problem::line_too_long:
      return "a line of the event stream exceeds the limit";
    case sse_problem::event_too_long:
      return "an event of the stream exceeds the limit";
  }
  return "unknown";
}

void sse_parser::text::append_line(std::string_view part) {
  keep();
  kept_ += '\n';
  kept_ += part;
}

void sse_parser::text::take(text& other) noexcept {
  assign(other.part_);
  if (!other.kept_in_use_) return;
  kept_.swap(other.kept_);
  kept_in_use_ = true;
}

void sse_parser::text::keep() {
  if (kept_in_use_) return;
  kept_.assign(part_);
  kept_in_use_ = true;
}

void sse_parser::text::drop_kept() noexcept {
  kept_in_use_ = false;
  empty(kept_);
}

sse_parser::sse_parser(sse_limits limits) : limits_(limits) {}

void sse_parser::feed(std::string_view chunk) {
  if (dispatched_) begin_event();
  keep_texts();
  chunk_ = chunk;
  at_ = 0;
  next_lf_ = next_cr_ = 0;
  plain_ = true;
}

// At an end already: the blank line behind each event.
inline std::size_t sse_parser::find_line_end() {
  const char first = chunk_[at_];
  if (first == '\n' || first == '\r') return at_;
  if (next_lf_ <= at_) next_lf_ = find_byte(chunk_, at_, '\n');
  if (next_cr_ <= at_) next_cr_ = find_byte(chunk_, at_, '\r');
  return std::min(next_lf_, next_cr_);
}

inline void sse_parser::take_data(std::string_view value) {
  if (type_.view().size() + data_.view().size() + 1 + value.size() > limits_.event)
    problem_ = sse_problem::event_too_long;
  else if (std::exchange(has_data_, true))
    data_.append_line(value);
  else
    data_.assign(value);
}

inline void sse_parser::take_type(std::string_view value) {
  if (value.size() + data_.view().size() > limits_.event)
    problem_ = sse_problem::event_too_long;
  else
    type_.assign(value);
}

inline void sse_parser::take_id(std::string_view value) {
  if (holds_nul(value)) return;
  pending_id_.assign(value);
  has_id_ = id_changed_ = true;
}

// A blank line moves the id even where the event has no data and so is none.
inline bool sse_parser::dispatch() {
  if (std::exchange(id_changed_, false)) last_id_.take(pending_id_);
  if (!has_data_) {
    begin_event();
    return false;
  }
  dispatched_ = true;
  return true;
}

// True when the line was the blank one that completes an event.
// Fields of names that the standard has not mean nothing.
inline bool sse_parser::take_line(std::string_view line) {
  if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  if (line.empty()) return dispatch();
  std::string_view value;
  switch (line.front()) {
    case ':':
      ++comments_;
      break;
    case 'd':
      if (is_field(line, "data", value)) take_data(value);
      break;
    case 'e':
      if (is_field(line, "event", value)) take_type(value);
      break;
    case 'i':
      if (is_field(line, "id", value)) take_id(value);
      break;
    case 'r':
      if (!is_field(line, "retry", value)) break;
      if (const auto parsed = parse_retry(value)) retry_ = parsed;
      break;
    default:
      break;
  }
  return false;
}

// The same for a line of which line_ has the beginning.
bool sse_parser::take_joined_line(std::string_view rest) {
  line_ += rest;
  const bool complete = take_line(line_);
  keep_texts();  // the line's bytes are about to go
  empty(line_);
  return complete;
}

// The event behind the one handed out last, if it is as almost all are: whole in the chunk,
// with one line of data. Else false, and nothing has happened: it is read line by line.
inline bool sse_parser::next_whole(sse_event& out) {
  const char* const begin = chunk_.data() + at_;
  const char* const end = chunk_.data() + chunk_.size();
  const char* at = begin;
  bool has_data = false;
  for (; at != end && *at != '\n'; ++at) {
    const auto* const line_end =
        static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (line_end == nullptr) return false;
    const std::string_view line(at, static_cast<std::size_t>(line_end - at));
    if (line.size() > limits_.line) return false;
    if (!out.has_id && is_field(line, "id", out.id))
      out.has_id = true;
    else if (!has_data && is_field(line, "data", out.data))
      has_data = true;
    else if (!is_field(line, "event", out.type))
      return false;
    at = line_end;
  }
  if (at == end || !has_data || out.type.size() + 1 + out.data.size() > limits_.event || holds_nul(out.id))
    return false;
  if (std::memchr(begin, '\r', static_cast<std::size_t>(at - begin)) != nullptr)
    return false;  // which ends lines, too
  at_ = static_cast<std::size_t>(at + 1 - chunk_.data());
  if (out.has_id)
    last_id_.assign(out.id);
  else
    out.id = last_id_.view();
  dispatched_ = true;
  return true;
}

std::optional<sse_event> sse_parser::next() {
  std::optional<sse_event> out(std::in_place);
  if (dispatched_) {
    begin_event();
    // Not tried again in this chunk if it fails, so that no byte is looked at again and again.
    if (plain_ && (plain_ = next_whole(*out))) return out;
  }
  while (problem_ == sse_problem::none && at_ < chunk_.size()) {
    if (std::exchange(skip_lf_, false) && chunk_[at_] == '\n') {
      ++at_;
      continue;
    }
    const std::size_t end = find_line_end();
    const std::string_view part(chunk_.data() + at_, end - at_);
    if (line_.size() + part.size() > limits_.line) {
      problem_ = sse_problem::line_too_long;
      break;
    }
    if (end == chunk_.size()) {
      line_ += part;
      at_ = end;
      break;
    }
    at_ = end + 1;
    skip_lf_ = chunk_[end] == '\r';
    if (!(line_.empty() ? take_line(part) : take_joined_line(part))) continue;
    out->type = type_.view();
    out->data = data_.view();
    out->id = last_id_.view();
    out->has_id = has_id_;
    return out;
  }
  keep_texts();
  out.reset();
  return out;
}

bool sse_parser::unfinished() const noexcept {
  if (dispatched_) return !drained();
  return !line_.empty() || has_data_ || id_changed_ || !type_.view().empty() || !drained();
}

// Called when the bytes that texts may point to are about to go.
void sse_parser::keep_texts() {
  type_.keep();
  data_.keep();
  if (id_changed_) pending_id_.keep();
  last_id_.keep();
}

void sse_parser::reset() { *this = sse_parser(limits_); }

}  // namespace mistral::workflows::protocol
