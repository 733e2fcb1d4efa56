#include "protocol/sse_parser.hpp"

#include <algorithm>
#include <array>
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

// Digits only, as the standard has it; what does not fit in 31 bits is as good as for ever.
std::optional<std::chrono::milliseconds> parse_retry(std::string_view value) noexcept {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (value.empty() || !std::all_of(value.begin(), value.end(), is_digit)) return std::nullopt;
  constexpr std::int32_t most = std::numeric_limits<std::int32_t>::max();
  std::int32_t parsed = 0;
  const auto result = std::from_chars(value.data(), value.data() + value.size(), parsed);
  return std::chrono::milliseconds(result.ec == std::errc() ? parsed : most);
}

constexpr std::string_view name_of(sse_parser::field which) noexcept {
  constexpr std::array<std::string_view, 4> names = {"data", "event", "id", "retry"};
  return names[static_cast<std::size_t>(which)];
}

// Up to the first colon, or all of the line. A name is asked for where its first letter is there, which saves the search.
sse_parser::field field_of(std::string_view line) noexcept {
  using field = sse_parser::field;
  const auto checked = [&](field which) {
    const std::string_view name = name_of(which);
    const bool ends = line.size() == name.size() || (line.size() > name.size() && line[name.size()] == ':');
    return ends && line.starts_with(name) ? which : field::other;
  };
  switch (line.front()) {
    case 'd':
      return checked(field::data);
    case 'e':
      return checked(field::event);
    case 'i':
      return checked(field::id);
    case 'r':
      return checked(field::retry);
    default:
      return field::other;
  }
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

void sse_parser::text::assign(std::string_view part) noexcept {
  kept_in_use_ = false;
  part_ = part;
}

void sse_parser::text::append_line(std::string_view part) {
  keep();
  kept_ += '\n';
  kept_ += part;
}

void sse_parser::text::keep() {
  if (kept_in_use_) return;
  kept_.assign(part_);
  kept_in_use_ = true;
}

void sse_parser::text::clear() noexcept {
  part_ = {};
  if (!std::exchange(kept_in_use_, false)) return;
  kept_.clear();
  // One large event must not hold its memory for the life of a stream.
  constexpr std::size_t worth_keeping = 16 * 1024;
  if (kept_.capacity() > worth_keeping) std::string().swap(kept_);
}

sse_parser::sse_parser(sse_limits limits) : limits_(limits) {}

void sse_parser::feed(std::string_view chunk) {
  // Views of the event handed out last may point into the old chunk, which is gone now.
  if (dispatched_) begin_event();
  chunk_ = chunk;
  at_ = 0;
  next_lf_ = find_byte(chunk_, 0, '\n');
  next_cr_ = find_byte(chunk_, 0, '\r');
}

std::size_t sse_parser::find_line_end() {
  const char first = chunk_[at_];
  if (first == '\n' || first == '\r') return at_;  // the blank line behind each event
  if (next_lf_ < at_) next_lf_ = find_byte(chunk_, at_, '\n');
  if (next_cr_ < at_) next_cr_ = find_byte(chunk_, at_, '\r');
  return std::min(next_lf_, next_cr_);
}

std::optional<sse_event> sse_parser::next() {
  if (dispatched_) begin_event();
  while (problem_ == sse_problem::none && at_ < chunk_.size()) {
    if (std::exchange(skip_lf_, false) && chunk_[at_] == '\n') {
      ++at_;
      continue;
    }
    const std::size_t end = find_line_end();
    const std::string_view part = chunk_.substr(at_, end - at_);
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
    const bool joined = !line_.empty();
    if (joined) line_ += part;
    const bool complete = take_line(joined ? std::string_view(line_) : part);
    if (joined) {
      // The line's text is about to go, so what the event has of it is copied.
      keep_unfinished();
      line_.clear();
      if (line_.capacity() > 16 * 1024) std::string().swap(line_);
    }
    if (!complete) continue;
    sse_event event;
    event.type = type_.view();
    event.data = data_.view();
    event.id = last_id_;
    event.has_id = has_id_;
    return event;
  }
  keep_unfinished();
  return std::nullopt;
}

bool sse_parser::unfinished() const noexcept {
  if (dispatched_) return !drained();
  return !line_.empty() || has_data_ || id_changed_ || !type_.view().empty() || !drained();
}

// True when the line was the blank one that completes an event.
bool sse_parser::take_line(std::string_view line) {
  if (std::exchange(first_line_, false) && line.starts_with(byte_order_mark))
    line.remove_prefix(byte_order_mark.size());
  if (line.empty()) return dispatch();
  if (line.front() == ':') {
    ++comments_;
    return false;
  }
  const field known = field_of(line);
  if (known == field::other) return false;
  line.remove_prefix(std::min(line.size(), name_of(known).size() + 1));
  if (line.starts_with(' ')) line.remove_prefix(1);
  take_field(known, line);
  return false;
}

void sse_parser::take_field(field which, std::string_view value) {
  switch (which) {
    case field::data:
      if (type_.view().size() + data_.view().size() + 1 + value.size() > limits_.event)
        problem_ = sse_problem::event_too_long;
      else if (std::exchange(has_data_, true))
        data_.append_line(value);
      else
        data_.assign(value);
      break;
    case field::event:
      if (value.size() + data_.view().size() > limits_.event)
        problem_ = sse_problem::event_too_long;
      else
        type_.assign(value);
      break;
    case field::id:
      if (value.find('\0') != std::string_view::npos) break;
      pending_id_.assign(value);
      has_id_ = id_changed_ = true;
      break;
    case field::retry:
      if (const auto parsed = parse_retry(value)) retry_ = parsed;
      break;
    case field::other:
      break;
  }
}

// A blank line moves the id even where the event has no data and so is none.
bool sse_parser::dispatch() {
  if (std::exchange(id_changed_, false)) last_id_.swap(pending_id_);
  if (!has_data_) {
    begin_event();
    return false;
  }
  dispatched_ = true;
  return true;
}

void sse_parser::begin_event() {
  type_.clear();
  data_.clear();
  has_data_ = has_id_ = dispatched_ = false;
}

// Called when the bytes that type and data may point to are about to go.
void sse_parser::keep_unfinished() {
  type_.keep();
  data_.keep();
}

void sse_parser::reset() { *this = sse_parser(limits_); }

}  // namespace mistral::workflows::protocol
