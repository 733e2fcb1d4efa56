#include "protocol/follow/cursor.hpp"

#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace mistral::workflows::protocol {

namespace {

constexpr std::string_view version = "w1";

constexpr std::array kinds{
    std::pair(terminal_kind::completed, 'c'),
    std::pair(terminal_kind::canceled, 'x'),
    std::pair(terminal_kind::failed, 'f'),
    std::pair(terminal_kind::continued_as_new, 'n'),
};

char letter_of(terminal_kind kind) {
  for (const auto& [known, letter] : kinds)
    if (known == kind) return letter;
  return '\0';
}

terminal_kind kind_of(std::string_view text) {
  for (const auto& [kind, letter] : kinds)
    if (text == std::string_view(&letter, 1)) return kind;
  return terminal_kind::none;
}

// Of an execution or a run; a text that comes back goes into a path.
bool can_be_id(std::string_view text) {
  return !text.empty() && text != "." && text != ".." && text.find('\0') == std::string_view::npos &&
         count_characters(text) <= max_execution_id;
}

void append_part(std::string& out, std::string_view part) {
  out.push_back(':');
  append_percent_encoded(out, part);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Lenient: what was not written by `append_percent_encoded` is found by writing it again.
std::string decoded(std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < part.size(); ++i) {
    const int high = i + 2 < part.size() ? hex_value(part[i + 1]) : -1;
    const int low = i + 2 < part.size() ? hex_value(part[i + 2]) : -1;
    if (part[i] != '%' || high < 0 || low < 0) {
      out.push_back(part[i]);
    } else {
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return out;
}

// How many there are; those beyond the last that `parts` has room for are counted only.
template <std::size_t N>
std::size_t split(std::string_view text, std::array<std::string_view, N>& parts) {
  std::size_t count = 0;
  for (std::size_t from = 0; from <= text.size(); ++count) {
    const auto colon = std::min(text.find(':', from), text.size());
    if (count < N) parts[count] = text.substr(from, colon - from);
    from = colon + 1;
  }
  return count;
}

std::optional<stream_cursor> parse(const std::string& text) {
  std::array<std::string_view, 6> parts;
  const auto count = split(text, parts);
  if ((count != 3 && count != 6) || parts[0] != version) return std::nullopt;
  stream_cursor out;
  out.execution_id = decoded(parts[1]);
  out.server_id = decoded(parts[2]);
  if (count == 6) {
    out.end.own = true;
    out.end.terminal = kind_of(parts[3]);
    out.end.run_id = decoded(parts[4]);
    out.end.continued_as = decoded(parts[5]);
  }
  // A header could not carry these, and no line of a stream can have brought them.
  if (out.server_id.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos) return std::nullopt;
  if (!can_be_id(out.execution_id) || cursor_text(out.execution_id, out.server_id, out.end) != text)
    return std::nullopt;
  return out;
}

}  // namespace

std::string cursor_text(std::string_view execution_id, std::string_view server_id, const event_facts& end) {
  std::string out;
  out.reserve(version.size() + execution_id.size() + server_id.size() + end.run_id.size() +
              end.continued_as.size() + 6);
  out = version;
  append_part(out, execution_id);
  append_part(out, server_id);
  if (const char letter = letter_of(end.terminal)) {
    append_part(out, std::string_view(&letter, 1));
    append_part(out, can_be_id(end.run_id) ? end.run_id : std::string_view());
    append_part(out, can_be_id(end.continued_as) ? end.continued_as : std::string_view());
  }
  return out;
}

stream_cursor read_cursor(const std::string& text, const std::string& execution_id) {
  if (auto whole = parse(text)) return *std::move(whole);
  stream_cursor out;
  out.execution_id = execution_id;
  out.server_id = text;
  return out;
}

void stream_record::handed_over(std::shared_ptr<const stream_place>& place,
                                const std::shared_ptr<std::string>& server_id,
                                const event_facts& last_terminal) {
  const auto same = [](const event_facts& a, const event_facts& b) {
    if (a.terminal != b.terminal) return false;
    return a.terminal == terminal_kind::none || (a.run_id == b.run_id && a.continued_as == b.continued_as);
  };
  if (brought_from_ != place) brought_from_ = place;
  if (place && !same(place->end, last_terminal))
    place = std::make_shared<const stream_place>(place->execution_id, last_terminal);
  if (place_ != place) place_ = place;
  if (server_id_ != server_id) server_id_ = server_id;
}

std::string stream_record::cursor() const {
  if (!server_id_) return from_;
  if (!place_) return *server_id_;
  // At the beginning of the execution that was asked for, which is no place to be named.
  if (server_id_->empty() && from_.empty() && place_->execution_id == execution_id_ &&
      place_->end.terminal == terminal_kind::none)
    return std::string();
  return cursor_text(place_->execution_id, *server_id_, place_->end);
}

}  // namespace mistral::workflows::protocol
