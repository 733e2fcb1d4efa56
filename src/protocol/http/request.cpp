#include "protocol/http/request.hpp"

#include "protocol/http/checks.hpp"
#include "protocol/json/date_time.hpp"

#include <mistral/workflows/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace mistral::workflows::protocol {
namespace {

constexpr std::array<bool, 256> unreserved = [] {
  std::array<bool, 256> set{};
  for (char c = 'a'; c <= 'z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = 'A'; c <= 'Z'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c = '0'; c <= '9'; ++c) set[static_cast<unsigned char>(c)] = true;
  for (char c : {'-', '.', '_', '~'}) set[static_cast<unsigned char>(c)] = true;
  return set;
}();

// By what a target grows from its pattern: an identifier, a parameter or two.
constexpr std::size_t usual_growth = 64;

bool is_unreserved(char c) { return unreserved[static_cast<unsigned char>(c)]; }

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

constexpr std::string_view user_agent = "User-Agent";

// What is said for this request alone wins.
std::string_view user_agent_of(const request_defaults& defaults, const header_list& extra) {
  for (auto one = extra.rbegin(); one != extra.rend(); ++one)
    if (same_header(one->first, user_agent)) return one->second;
  return defaults.user_agent;
}

bool holds(const header_list& list, std::string_view name) {
  return std::any_of(list.begin(), list.end(),
                     [&](const auto& header) { return same_header(header.first, name); });
}

}  // namespace

bool same_header(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('%');
      out.push_back(digits[byte >> 4]);
      out.push_back(digits[byte & 15]);
    }
  }
}

request::request(operation op) : op_(op), repeat_(info(op).repeat) {
  const std::string_view path = info(op).path;
  target_.reserve(path.size() + usual_growth);
  target_ = path;
}

request& request::segment(std::string_view name, std::string_view value, std::size_t max_length) {
  checks(op_).identifier(name, value, max_length);
  const auto open = target_.find('{');
  const auto size = target_.find('}', open) + 1 - open;
  const std::size_t before = target_.size() - size;
  if (std::all_of(value.begin(), value.end(), is_unreserved)) {
    target_.replace(open, size, value);
  } else {
    std::string encoded;
    append_percent_encoded(encoded, value);
    target_.replace(open, size, encoded);
  }
  if (name == "execution_id" || name == "schedule_id") {
    id_at_ = open;
    id_size_ = target_.size() - before;
  }
  return *this;
}

bool request::is_about(std::string_view execution_id) const {
  if (id_size_ == 0) return true;
  const auto asked = std::string_view(target_).substr(id_at_, id_size_);
  // What needs no encoding is the same in both notations; what looks like one is another id.
  if (asked == execution_id) return execution_id.find('%') == std::string_view::npos;
  std::string encoded;
  append_percent_encoded(encoded, execution_id);
  return asked == encoded;
}

request& request::query(std::string_view name, std::string_view value) {
  target_.push_back(has_query_ ? '&' : '?');
  has_query_ = true;
  append_percent_encoded(target_, name);
  target_.push_back('=');
  append_percent_encoded(target_, value);
  return *this;
}

request& request::query(std::string_view name, std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return query(name, std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data())));
}

request& request::query(std::string_view name, bool value) {
  return query(name, std::string_view(value ? "true" : "false"));
}

request& request::query(std::string_view name, timestamp value) {
  return query(name, format_timestamp(value));
}

void set_header(header_list& list, std::string_view name, std::string_view value) {
  const auto same = [&](const auto& header) { return same_header(header.first, name); };
  const auto found = std::find_if(list.begin(), list.end(), same);
  if (found == list.end())
    list.emplace_back(name, value);
  else
    found->second = value;
}

std::string serialize(const request& r, const request_defaults& defaults, std::string_view authorization,
                      const header_list& extra) {
  std::string out;
  serialize(r, defaults, authorization, extra, out);
  return out;
}

void serialize(const request& r, const request_defaults& defaults, std::string_view authorization,
               const header_list& extra, std::string& out) {
  const operation_info& op = r.description();
  out.reserve(256 + r.target().size() + authorization.size() + (r.body() ? r.body()->size() : 0));
  out.append(op.method).append(" ").append(defaults.path_prefix).append(r.target());
  out.append(" HTTP/1.1\r\nHost: ").append(defaults.host);
  if (!authorization.empty()) out.append("\r\nAuthorization: ").append(authorization);
  out.append("\r\nUser-Agent: ").append(user_agent_of(defaults, extra));
  out.append("\r\nAccept-Encoding: identity\r\n");  // without it any coding would do (RFC 9110, 12.5.3)
  for (const auto& [name, value] : defaults.headers)
    if (!holds(extra, name) && !holds(r.headers(), name)) append_header(out, name, value);
  for (const auto& [name, value] : extra)
    if (!holds(r.headers(), name) && !same_header(name, user_agent)) append_header(out, name, value);
  for (const auto& [name, value] : r.headers()) append_header(out, name, value);
  if (!holds(r.headers(), "Accept")) out.append("Accept: application/json\r\n");
  if (r.body()) {
    append_header(out, "Content-Type", "application/json");
    append_header(out, "Content-Length", std::to_string(r.body()->size()));
  } else if (op.method != "GET") {
    append_header(out, "Content-Length", "0");
  }
  out.append("\r\n");
  if (r.body()) out.append(*r.body());
}

}  // namespace mistral::workflows::protocol
