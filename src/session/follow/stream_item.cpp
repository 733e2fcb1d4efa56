#include "session/follow/stream_item.hpp"

#include "protocol/json/decode.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <variant>

namespace mistral::workflows::session {

namespace {

protocol::terminal_kind kind_of(const workflow_event& event) {
  switch (event.event_type.value()) {
    case workflow_event_type::workflow_execution_completed:
      return protocol::terminal_kind::completed;
    case workflow_event_type::workflow_execution_canceled:
      return protocol::terminal_kind::canceled;
    case workflow_event_type::workflow_execution_failed:
      return protocol::terminal_kind::failed;
    case workflow_event_type::workflow_execution_continued_as_new:
      return protocol::terminal_kind::continued_as_new;
    default:
      return protocol::terminal_kind::none;
  }
}

const std::string* next_run_of(const workflow_event& event) {
  const auto* continued = std::get_if<workflow_execution_continued_as_new>(&event.attributes);
  return continued ? &continued->new_execution_run_id : nullptr;
}

// An error needs no `event: error` before it: its shape says enough, as no payload of an event has it.
std::optional<stream_error> error_in(const protocol::sse_event& wire, const boost::json::value& json) {
  const auto* object = json.if_object();
  const bool has_shape = object && object->contains("error") && !object->contains("data");
  if (wire.type != "error" && !has_shape) return std::nullopt;
  stream_error found;
  const auto text = [&](const char* name) {
    const auto* member = object ? object->if_contains(name) : nullptr;
    if (!member || member->is_null()) return std::string();
    return member->is_string() ? std::string(member->get_string()) : boost::json::serialize(*member);
  };
  found.error = text("error");
  found.reason = text("reason");
  if (found.error.empty() && found.reason.empty()) found.reason = std::string(wire.data.substr(0, 512));
  return found;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Of a payload that ends in its number, as the API writes them; read from its end. What a text of JSON ends in is a member of
// its outermost object, and a quote inside a string has a backslash before it: so nothing else can be taken for it.
std::optional<std::int64_t> trailing_sequence(std::string_view text) {
  constexpr std::string_view name = "\"broker_sequence\":";
  constexpr std::size_t most_digits = 18;  // what is larger is read with the whole event
  if (!text.ends_with('}')) return std::nullopt;
  text.remove_suffix(1);
  std::int64_t value = 0, unit = 1;
  for (std::size_t digits = 0; !text.empty() && is_digit(text.back()); text.remove_suffix(1), unit *= 10) {
    if (++digits > most_digits) return std::nullopt;
    value += (text.back() - '0') * unit;
  }
  if (text.ends_with(' ')) text.remove_suffix(1);
  if (value < 1 || !text.ends_with(name)) return std::nullopt;
  text.remove_suffix(name.size());
  if (text.empty() || text.back() == '\\') return std::nullopt;
  return value;
}

// Begins and ends of executions decide about the stream's end; all other events only carry a number.
bool may_decide(std::string_view text) { return text.find("WORKFLOW_EXECUTION_") != std::string_view::npos; }

boost::json::value any_json(std::string_view text) {
  boost::json::value json;
  if (!protocol::decode(text, json)) return json;
  return boost::json::string(text);
}

// The payload around the event is not what it should be: the caller gets it as it came.
void make_unknown(stream_event& out, boost::json::value json, const protocol::decode_problem& problem) {
  unknown_event unknown;
  unknown.json = std::move(json);
  unknown.error.emplace();
  unknown.error->path = problem.path;
  unknown.error->reason = problem.reason;
  out.data.attributes = std::move(unknown);
}

}  // namespace

void read_item(const protocol::sse_event& wire, const std::string& execution_id, stream_item& item, stream_event& out) {
  item.begin(wire);
  const auto problem =
      wire.type == "error" ? std::optional(protocol::decode_problem()) : protocol::decode(wire.data, out);
  if (problem) {
    auto json = any_json(wire.data);
    item.error = error_in(wire, json);
    if (item.error) return;
    make_unknown(out, std::move(json), *problem);
  }
  if (wire.has_id)
    out.id.assign(wire.id);
  else
    out.id.clear();
  if (out.broker_sequence > 0) {
    item.identity.sequence = out.broker_sequence;
  } else {
    item.event_id.assign(out.data.event_id);
    item.identity.event_id = item.event_id;
  }
  item.own = !execution_id.empty() && out.data.workflow_exec_id == execution_id;
  item.terminal = kind_of(out.data);
  item.run_id.assign(out.data.workflow_run_id);
  if (const auto* next = next_run_of(out.data)) item.continued_as.assign(*next);
}

void read_item(const protocol::sse_event& wire, const std::string& execution_id, bool whole, stream_item& item,
               raw_event& out) {
  const auto sequence = trailing_sequence(wire.data);
  if (whole || !sequence || wire.type == "error" || may_decide(wire.data)) {
    stream_event decoded;
    read_item(wire, execution_id, item, decoded);
    if (item.error) return;
  } else {
    item.begin(wire);
    item.identity.sequence = sequence;
  }
  out.text = wire.data;
  out.id = wire.has_id ? wire.id : std::string_view();
}

void read_item(const protocol::sse_event& wire, stream_item& item, log_record& out) {
  item.begin(wire);
  const bool fits = wire.type != "error" && !protocol::decode(wire.data, out);
  if (!fits) {
    item.error = error_in(wire, any_json(wire.data));
    if (item.error) return;
    out = log_record();
    out.body = wire.data;
  }
  if (wire.has_id) out.id = wire.id;
  item.may_be_repeat = wire.id.empty();
}

bool is_transient(const stream_error& error) {
  std::string text = error.error + ' ' + error.reason;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::array<std::string_view, 8> words = {"transient",    "temporar",  "try again",   "retry later",
                                                     "please retry", "reconnect", "unavailable", "timed out"};
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

}  // namespace mistral::workflows::session

namespace mistral::workflows {

stream_event raw_event::decode() const {
  protocol::sse_event wire;
  wire.data = text;
  wire.id = id;
  wire.has_id = !id.empty();
  stream_event out;
  session::stream_item item;
  session::read_item(wire, std::string(), item, out);
  return out;
}

}  // namespace mistral::workflows
