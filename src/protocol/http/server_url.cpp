#include "protocol/http/server_url.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>

namespace mistral::workflows::protocol {
namespace urls = boost::urls;

namespace {

[[noreturn]] void refuse(std::string_view field, const std::string& reason) {
  throw invalid_argument(std::string(field), reason);
}

void check(const urls::url_view& url, std::string_view field) {
  if (url.scheme_id() != urls::scheme::https && url.scheme_id() != urls::scheme::http)
    refuse(field, "must begin with https:// or http://");
  if (!url.has_authority() || url.encoded_host().empty()) refuse(field, "has no host");
  // Its value is not printed: user info is where passwords stand.
  if (url.has_userinfo()) refuse(field, "must not hold a user name or password");
  if (url.has_query() || url.has_fragment()) refuse(field, "must not have a query or a fragment");
}

void check(const url_parts& parts, std::string_view field) {
  if (parts.has_user) refuse(field, "is not a URL");
  // Nobody would decode it; of an address it begins a zone, which no certificate names.
  if (parts.host.find('%') != std::string_view::npos)
    refuse(field, "has a host with a '%': neither a zone of an address nor an encoded character can be used");
  if (!parts.port.empty() && !parse_port(parts.port)) refuse(field, "has a port that is not from 1 to 65535");
}

}  // namespace

std::string in_lower_case(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
  return out;
}

url_parts parts_of(std::string_view url) {
  url_parts out;
  url.remove_prefix(url.find("://") + 3);
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t slash = std::min(url.find('/'), url.size());
  out.path = url.substr(slash);
  std::string_view authority = url.substr(0, slash);
  const std::size_t user = authority.rfind('@');
  out.has_user = user != std::string_view::npos;
  if (out.has_user) authority.remove_prefix(user + 1);
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : std::string_view::npos;
  const std::size_t end =
      std::min(bracket == std::string_view::npos ? authority.find(':') : bracket + 1, authority.size());
  out.host = authority.substr(0, end);
  out.port = authority.substr(end);
  if (out.port.starts_with(':')) out.port.remove_prefix(1);
  return out;
}

std::optional<std::uint16_t> parse_port(std::string_view digits) {
  std::uint16_t number = 0;
  const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (problem != std::errc() || end != digits.data() + digits.size() || number == 0) return std::nullopt;
  return number;
}

bool is_loopback(std::string_view host) {
  const std::string name = in_lower_case(host);
  if (name == "localhost" || name.ends_with(".localhost")) return true;
  if (const auto v4 = urls::parse_ipv4_address(name)) return v4->is_loopback();
  if (const auto v6 = urls::parse_ipv6_address(name)) return v6->is_loopback();
  return false;
}

server_url parse_server_url(std::string_view text, bool allow_insecure_http, std::string_view field) {
  const auto parsed = urls::parse_uri(text);
  if (!parsed) refuse(field, "is not a URL");
  const urls::url_view& url = *parsed;
  check(url, field);
  const url_parts parts = parts_of(text);
  check(parts, field);

  server_url out;
  out.tls = url.scheme_id() == urls::scheme::https;
  out.port = parse_port(parts.port).value_or(std::uint16_t(out.tls ? 443 : 80));
  std::string with_brackets = in_lower_case(parts.host);
  // "localhost.": the dot says that the name is whole, and
  // belongs to no certificate and no list of loopback names.
  if (with_brackets.size() > 1 && with_brackets.back() == '.') with_brackets.pop_back();
  out.host = with_brackets.front() == '[' ? with_brackets.substr(1, with_brackets.size() - 2) : with_brackets;
  out.host_header = with_brackets;
  if (out.port != (out.tls ? 443 : 80)) out.host_header.append(":").append(std::to_string(out.port));
  out.path_prefix = parts.path;
  while (out.path_prefix.ends_with('/')) out.path_prefix.pop_back();
  if (!out.tls && !allow_insecure_http && !is_loopback(out.host))
    refuse(
        field,
        "is http:// to a host that is not loopback; set allow_insecure_http to send the key in clear text");
  return out;
}

}  // namespace mistral::workflows::protocol
