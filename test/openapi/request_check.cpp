#include "openapi/request_check.hpp"

#include "openapi/equivalence.hpp"
#include "openapi/sample.hpp"
#include "openapi/schema_check.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace openapi {
namespace {

std::string escaped(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && (std::isalnum(byte) || std::string_view("-._~").find(c) != std::string_view::npos))
      out += c;
    else
      out += {'%', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
    } else {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    }
  }
  return out;
}

std::vector<std::pair<std::string, std::string>> split_query(const std::string& query) {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t at = 0; at < query.size();) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string pair = query.substr(at, end - at);
    const std::size_t mark = std::min(pair.find('='), pair.size());
    out.emplace_back(unescaped(pair.substr(0, mark)),
                     unescaped(pair.substr(std::min(mark + 1, pair.size()))));
    at = end + 1;
  }
  return out;
}

bool is_type(const json::object& schema, std::string_view type) {
  const json::value* stated = find(schema, "type");
  return stated && stated->as_string() == type;
}

// Of what may be one value, many or null: the many, or else the one.
const json::value& richest(const json::value& schema) {
  const json::value* choices = find(description::get().resolve(schema), "anyOf");
  if (!choices) return schema;
  const json::value* best = nullptr;
  for (const json::value& choice : choices->as_array()) {
    const json::object& one = description::get().resolve(choice);
    if (is_type(one, "null")) continue;
    if (!best || is_type(one, "array")) best = &choice;
  }
  return *best;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// What a stream brings must not hang on a default that the description leaves open.
bool always_said(const operation& of, const std::string& name) {
  return of.path == "/v1/workflows/executions/{execution_id}/stream" && name == "event_source";
}

json::value required_part(const json::value& source, const json::value& node) {
  const json::object& schema = description::get().resolve(source);
  const json::value* properties = find(schema, "properties");
  const json::value* required = find(schema, "required");
  if (!node.is_object() || !properties) return node;
  json::object out;
  if (!required) return out;
  for (const json::value& name : required->as_array())
    if (const json::value* member = find(node.get_object(), name.as_string()))
      out.emplace(name.as_string(), required_part(properties->at(name.as_string()), *member));
  return out;
}

}  // namespace

std::string request_check::path() const {
  std::string out = of_.path;
  for (const parameter& each : of_.parameters) {
    if (each.in != "path") continue;
    const json::value* format = find(description::get().resolve(*each.schema), "format");
    const std::string text = format && *format == "uuid" ? sample::uuid(each.name) : sample::text(each.name);
    const std::string placeholder = "{" + each.name + "}";
    out.replace(out.find(placeholder), placeholder.size(), escaped(text));
  }
  return out;
}

const parameter* request_check::find_parameter(const std::string& in, const std::string& name) const {
  for (const parameter& each : of_.parameters)
    if (each.in == in && (each.name == name || (in == "header" && lower(each.name) == name))) return &each;
  return nullptr;
}

void request_check::one(const recorded& request, bool all) {
  headers(request, all);
  query(request, all);
  body(request, all);
}

void request_check::headers(const recorded& request, bool all) {
  const auto is = [&](const std::string& name, const std::string& wanted) {
    const auto found = request.headers.find(name);
    const std::string sent = found == request.headers.end() ? std::string() : found->second;
    if (sent != wanted) problem("header " + name + " is \"" + sent + "\", not \"" + wanted + "\"");
  };
  is("authorization", "Bearer coverage-key");
  const response& answer = of_.responses.at(of_.success());
  if (!answer.content_type.empty()) is("accept", answer.content_type);
  is("content-type", request.body.empty() ? "" : "application/json");
  if (of_.method != "GET") is("content-length", std::to_string(request.body.size()));
  is("transfer-encoding", "");
  for (const parameter& each : of_.parameters) {
    if (each.in != "header") continue;
    const auto found = request.headers.find(lower(each.name));
    if (found == request.headers.end()) continue;
    if (!all) problem("header " + each.name + " was sent unasked");
    if (found->second != sample::plain("last-event-id"))
      problem("header " + each.name + " is " + found->second);
    seen("header " + each.name, json::string(found->second));
  }
}

void request_check::query(const recorded& request, bool all) {
  const auto pairs = split_query(request.query());
  std::string again;
  std::map<std::string, int> counts;
  for (const auto& [name, text] : pairs) {
    again += (again.empty() ? "" : "&") + escaped(name) + "=" + escaped(text);
    const parameter* known = find_parameter("query", name);
    if (!known) {
      problem("query parameter " + name + " is not in the description");
      continue;
    }
    if (!all && !known->required && !always_said(of_, name))
      problem("query parameter " + name + " was sent unasked");
    value(*known->schema, name, text, counts[name]++);
  }
  for (const parameter& each : of_.parameters)
    if (each.in == "query" && each.required && !counts.contains(each.name))
      problem("no " + each.name + " was sent");
  if (again != request.query()) problem("query is not escaped: " + request.query());
  if (counts.contains("start_seq") && request.headers.contains("last-event-id"))
    problem("start_seq and last-event-id were sent together");
}

void request_check::value(const json::value& source, const std::string& name, const std::string& text,
                          int index) {
  const json::object* schema = &description::get().resolve(richest(source));
  if (is_type(*schema, "array"))
    schema = &description::get().resolve(schema->at("items"));
  else if (index > 0)
    problem("query parameter " + name + " was sent twice");
  const json::value* format = find(*schema, "format");
  std::string wanted = text;
  json::value typed = json::string(text);
  if (is_type(*schema, "boolean")) {
    typed = text == "true";
    if (text != "true" && text != "false") wanted = "true or false";
  } else if (is_type(*schema, "integer")) {
    typed = sample::number(name);
    wanted = std::to_string(sample::number(name));
  } else if (is_type(*schema, "object")) {
    boost::system::error_code failed;
    typed = json::parse(text, failed);
    if (failed || typed != json::value(sample::object(name))) wanted = json::serialize(sample::object(name));
  } else if (format && *format == "date-time") {
    wanted = sample::time_text(name);
  } else if (format && *format == "uuid") {
    wanted = sample::uuid(name);
  } else if (const json::value* pattern = find(*schema, "pattern"); pattern && *pattern == "^\\d+$") {
    wanted = std::to_string(sample::number(name));
  } else if (!find(*schema, "enum") && !find(*schema, "const")) {
    wanted = sample::text(name, index);
  }
  if (text != wanted) problem("query parameter " + name + " is \"" + text + "\", not \"" + wanted + "\"");
  for (const std::string& each : schema_check()(json::value(*schema), typed))
    problem("query parameter " + name + each);
  seen("query " + name, typed);
}

void request_check::body(const recorded& request, bool all) {
  if (!of_.body) {
    if (!request.body.empty()) problem("a body was sent: " + request.body);
    return;
  }
  if (request.body.empty()) {
    if (of_.body_required) problem("no body was sent");
    return;
  }
  if (!all && !of_.body_required) problem("a body was sent unasked: " + request.body);
  const json::value sent = json::parse(request.body);
  for (const std::string& each : schema_check(true)(*of_.body, sent)) problem("body " + each);
  if (all) return member_values(*of_.body, sent, std::string(), std::string(), 0);
  json::value least = required_part(*of_.body, sent);
  member_values(*of_.body, least, std::string(), std::string(), 0);
  // The library makes an id for every execution that has none, to start it exactly once.
  if (of_.path.ends_with("/execute")) least.as_object()["execution_id"] = sent.at("execution_id");
  for (const std::string& each : equivalence()(*of_.body, least, sent))
    problem("body member sent unasked: " + each);
}

// Every text, number, instant must be the one that was meant for the member of that name.
void request_check::member_values(const json::value& source, const json::value& node, const std::string& name,
                                  const std::string& path, int index) {
  const json::object& schema = description::get().resolve(source);
  if (const json::value* choice = chosen(schema, node))
    return member_values(*choice, node, name, path, index);
  const std::string at = "body " + path;
  const auto is = [&](const json::value& wanted) {
    if (node != wanted) problem(at + " is " + json::serialize(node) + ", not " + json::serialize(wanted));
  };
  const json::value* properties = find(schema, "properties");
  if (node.is_object() && properties) {
    for (const auto& member : node.get_object()) {
      const std::string key(member.key());
      const json::value* known = find(properties->as_object(), key);
      if (!known) continue;  // an input may be any object
      seen("body " + path + "/" + key, member.value());
      member_values(*known, member.value(), key, path + "/" + key, 0);
    }
  } else if (node.is_array() && find(schema, "items")) {
    for (std::size_t i = 0; i < node.get_array().size(); ++i) {
      seen(at + "/*", node.get_array()[i]);
      member_values(schema.at("items"), node.get_array()[i], name, path + "/*", static_cast<int>(i));
    }
  } else if (is_type(schema, "string") && !find(schema, "enum") && !find(schema, "const")) {
    const json::value* format = find(schema, "format");
    if (!format) is(json::string(sample::text(name, index)));
    if (format && *format == "date-time") is(json::string(sample::time_text(name)));
    if (format && *format == "uuid") is(json::string(sample::uuid(name)));
  } else if (is_type(schema, "integer") && !find(schema, "enum")) {
    is(sample::number(name));
  }
}

void request_check::missing() {
  for (const parameter& each : of_.parameters) {
    if (each.in == "path") continue;
    // The header says the same and wins, so the library has no need of the query parameter.
    if (each.name == "last_event_id" && find_parameter("header", "last-event-id")) continue;
    all_seen(each.in + " " + each.name, *each.schema);
  }
  if (of_.body) all_members(*of_.body, std::string());
}

void request_check::all_members(const json::value& source, const std::string& path) {
  const json::object& schema = description::get().resolve(source);
  if (const json::value* choices = find(schema, "anyOf"))
    for (const json::value& choice : choices->as_array()) all_members(choice, path);
  if (const json::value* items = find(schema, "items")) {
    all_seen("body " + path + "/*", *items);
    all_members(*items, path + "/*");
  }
  if (const json::value* properties = find(schema, "properties")) {
    for (const auto& property : properties->as_object()) {
      const std::string at = path + "/" + std::string(property.key());
      all_seen("body " + at, property.value());
      all_members(property.value(), at);
    }
  }
}

// Seen at all; with a value that is not the default; with
// every enumerator but a default that goes without saying.
void request_check::all_seen(const std::string& what, const json::value& source) {
  const auto found = seen_.find(what);
  if (found == seen_.end()) return problem(what + " is never sent");
  const std::vector<json::value>& values = found->second;
  const json::object* schema = &description::get().resolve(richest(source));
  if (is_type(*schema, "array") && what.starts_with("query"))
    schema = &description::get().resolve(schema->at("items"));
  const json::value* standard = find(source.as_object(), "default");
  if (standard && std::ranges::count(values, *standard) == static_cast<std::ptrdiff_t>(values.size()))
    problem(what + " is only ever sent with its default");
  if (standard && *standard == "*" && std::ranges::count(values, *standard) > 0)
    problem(what + " is sent as *");
  const json::value* enumerators = find(*schema, "enum");
  if (!enumerators) return;
  for (const json::value& each : enumerators->as_array())
    if (each != "*" && std::ranges::count(values, each) == 0)
      problem(what + " is never sent as " + json::serialize(each));
}

}  // namespace openapi
