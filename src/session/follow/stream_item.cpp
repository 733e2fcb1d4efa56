#include "session/follow/stream_item.hpp"

#include "protocol/http/checks.hpp"
#include "protocol/http/uuid.hpp"
#include "protocol/json/decode.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
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

// The successor's run id goes into a path.
std::string_view next_run_of(const workflow_event& event) {
  const auto* continued = std::get_if<workflow_execution_continued_as_new>(&event.attributes);
  if (!continued) return std::string_view();
  const std::string_view run = continued->new_execution_run_id;
  const bool can_be = run != "." && run != ".." && run.find('\0') == std::string_view::npos &&
                      protocol::count_characters(run) <= protocol::max_execution_id;
  return can_be ? run : std::string_view();
}

// Of a payload whose strings have raw line ends in them, as an error that went out over several `data:` lines
// has: the same with what JSON wants in their place.
std::string with_escaped_controls(std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  bool in_string = false, escaped = false;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (in_string && byte < 0x20) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
    if (c == '"' && !escaped) in_string = !in_string;
    escaped = in_string && c == '\\' && !escaped;
  }
  return out;
}

boost::json::value any_json(std::string_view text) {
  boost::json::value json;
  if (!protocol::decode(text, json)) return json;
  const bool joined = text.find('\n') != std::string_view::npos;
  if (joined && !protocol::decode(with_escaped_controls(text), json)) return json;
  return boost::json::string(text);
}

const boost::json::value* member_of(const boost::json::value* json, std::string_view name) {
  const auto* object = json ? json->if_object() : nullptr;
  return object ? object->if_contains(name) : nullptr;
}

std::string text_of(const boost::json::value* json) {
  if (!json || json->is_null()) return std::string();
  return json->is_string() ? std::string(json->get_string()) : boost::json::serialize(*json);
}

// The codes that another attempt meets again. Whatever else a server says in words may pass.
bool lasts(const boost::json::value* code) {
  constexpr std::array<std::string_view, 3> lasting = {"WF_1001", "WF_1100", "WF_1302"};
  return code && code->is_string() &&
         std::find(lasting.begin(), lasting.end(), std::string_view(code->get_string())) != lasting.end();
}

// An error needs no `event: error` before it: its shape says enough, as no payload of an event has it.
bool take_error(const protocol::sse_event& wire, const boost::json::value& json, stream_item& item) {
  const auto* error = member_of(&json, "error");
  const bool has_shape = error && !member_of(&json, "data");
  if (wire.type != "error" && !has_shape) return false;
  stream_error& found = item.error.emplace();
  found.error = text_of(error);
  found.reason = text_of(member_of(&json, "reason"));
  if (found.error.empty() && found.reason.empty()) found.reason = wire.data;
  item.lasting_error = lasts(error) || lasts(member_of(error, "code")) || lasts(member_of(&json, "code"));
  return true;
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

// Of a payload that ends in its number, as the API writes them; read from its end.
// What a text of JSON ends in is a member of its outermost object, and a quote
// inside a string has a backslash before it: so nothing else can be taken for it.
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

// Begins and ends of executions decide about the end of a stream that
// follows one; all other events only carry a number.
bool may_decide(std::string_view text, const place_ptr& place) {
  return place && text.find("WORKFLOW_EXECUTION_") != std::string_view::npos;
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

// True where that is all that the stream needs of the event.
bool read_number(const protocol::sse_event& wire, const place_ptr& place, bool whole, stream_item& item) {
  const auto sequence = trailing_sequence(wire.data);
  if (whole || !sequence || wire.type == "error" || may_decide(wire.data, place)) return false;
  item.begin(wire);
  item.identity.sequence = sequence;
  return true;
}

// What the decoder did not come to, as far as the stream needs it.
void take_facts(const boost::json::value& json, stream_event& out) {
  const auto* data = member_of(&json, "data");
  const auto take = [data](std::string& to, const char* name) {
    const auto* text = member_of(data, name);
    if (to.empty() && text && text->is_string()) to = std::string_view(text->get_string());
  };
  if (const auto* number = member_of(&json, "broker_sequence"); number && number->is_int64())
    out.broker_sequence = number->get_int64();
  take(out.data.event_id, "event_id");
  take(out.data.workflow_exec_id, "workflow_exec_id");
  take(out.data.workflow_run_id, "workflow_run_id");
  std::string type;
  take(type, "event_type");
  if (!type.empty()) out.data.event_type = open_enum<workflow_event_type>::from_text(type);
}

}  // namespace

void event_access::put(raw_event& event, const place_ptr& place) noexcept {
  event.place_ = place.get();
  event.execution_id = place ? std::string_view(place->execution_id) : std::string_view();
}

void read_item(const protocol::sse_event& wire, const place_ptr& place, stream_item& item,
               stream_event& out) {
  item.begin(wire);
  const auto problem =
      wire.type == "error" ? std::optional(protocol::decode_problem()) : protocol::decode(wire.data, out);
  if (problem) {
    auto json = any_json(wire.data);
    if (take_error(wire, json, item)) return;
    take_facts(json, out);
    make_unknown(out, std::move(json), *problem);
  }
  event_access::put(out, place);
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
  item.facts.own = place && out.data.workflow_exec_id == place->execution_id;
  item.facts.terminal = kind_of(out.data);
  item.facts.run_id.assign(out.data.workflow_run_id);
  item.facts.continued_as.assign(next_run_of(out.data));
}

void read_item(const protocol::sse_event& wire, const place_ptr& place, bool whole, stream_item& item,
               raw_event& out) {
  if (!read_number(wire, place, whole, item)) {
    stream_event decoded;
    read_item(wire, place, item, decoded);
    if (item.error) return;
  }
  out.text = wire.data;
  out.id = wire.has_id ? wire.id : std::string_view();
  event_access::put(out, place);
}

void read_item(const protocol::sse_event& wire, const place_ptr& place, bool whole, stream_item& item,
               end_news& out) {
  if (read_number(wire, place, whole, item)) return;
  stream_event decoded;
  read_item(wire, place, item, decoded);
  const auto* body = std::get_if<workflow_execution_failed>(&decoded.data.attributes);
  if (item.error || !item.facts.own || !body) return;
  out.failure = body->failure.message;
  out.run_id = item.facts.run_id;
}

void read_item(const protocol::sse_event& wire, stream_item& item, log_record& out) {
  item.begin(wire);
  const bool fits = wire.type != "error" && !protocol::decode(wire.data, out);
  if (!fits) {
    if (take_error(wire, any_json(wire.data), item)) return;
    out = log_record();
    out.body = wire.data;
  }
  if (wire.has_id) out.id = wire.id;
}

}  // namespace mistral::workflows::session

namespace mistral::workflows {

const std::string& stream_event::execution_id() const noexcept {
  return place_ ? place_->execution_id : data.workflow_exec_id;
}

std::string stream_event::cursor() const {
  if (!place_) return protocol::cursor_of(id, broker_sequence);
  const bool by_number = id.empty() && broker_sequence > 0;
  const std::string server_id = by_number ? std::to_string(broker_sequence) : id;
  if (server_id.empty()) return server_id;
  const bool own = data.workflow_exec_id == place_->execution_id;
  protocol::event_facts end;
  if (own) end.terminal = session::kind_of(data);
  end.run_id = data.workflow_run_id;
  end.continued_as = session::next_run_of(data);
  // An earlier end stands until an event of another run shows that it was none.
  const protocol::event_facts& before = place_->end;
  const bool named = own && !end.run_id.empty() && !before.run_id.empty();
  const bool other_run = named && !protocol::same_run_id(end.run_id, before.run_id);
  const bool stands = end.terminal == protocol::terminal_kind::none && !other_run;
  return protocol::cursor_text(place_->execution_id, server_id, stands ? before : end);
}

stream_event raw_event::decode() const {
  protocol::sse_event wire;
  wire.data = text;
  wire.id = id;
  wire.has_id = !id.empty();
  stream_event out;
  session::stream_item item;
  session::read_item(wire, place_ ? place_->shared_from_this() : nullptr, item, out);
  return out;
}

}  // namespace mistral::workflows
