#include "protocol/http/proxy.hpp"

#include "protocol/http/server_url.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/url/ipv4_address.hpp>
#include <boost/url/ipv6_address.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace mistral::workflows::protocol {
namespace urls = boost::urls;

namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = group << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) out += i <= count ? digits[group >> (18 - 6 * i) & 63] : '=';
  }
  return out;
}

std::string_view without_brackets(std::string_view text) {
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') return text.substr(1, text.size() - 2);
  return text;
}

/// The bytes of an address, 4 or 16; empty for what is none.
std::vector<unsigned char> address_bytes(std::string_view text) {
  if (const auto v4 = urls::parse_ipv4_address(text)) {
    const auto bytes = v4->to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  if (const auto v6 = urls::parse_ipv6_address(text)) {
    const auto bytes = v6->to_bytes();
    return {bytes.begin(), bytes.end()};
  }
  return {};
}

bool same_bits(const std::vector<unsigned char>& a, const std::vector<unsigned char>& b, std::size_t bits) {
  for (std::size_t bit = 0; bit < bits; ++bit) {
    const unsigned mask = 0x80u >> bit % 8;
    if ((a[bit / 8] & mask) != (b[bit / 8] & mask)) return false;
  }
  return true;
}

bool address_matches(std::string_view entry, const std::vector<unsigned char>& host) {
  const auto slash = entry.find('/');
  const auto network = address_bytes(without_brackets(entry.substr(0, slash)));
  if (network.size() != host.size()) return false;
  std::size_t bits = host.size() * 8;
  if (slash != std::string_view::npos) {
    const std::string_view length = entry.substr(slash + 1);
    std::size_t given = 0;
    const auto [end, problem] = std::from_chars(length.data(), length.data() + length.size(), given);
    if (problem != std::errc() || end != length.data() + length.size() || given > bits) return false;
    bits = given;
  }
  return same_bits(network, host, bits);
}

bool name_matches(std::string_view entry, std::string_view host) {
  while (entry.starts_with('.')) entry.remove_prefix(1);
  if (entry.ends_with('.')) entry.remove_suffix(1);
  if (entry.empty() || !host.ends_with(entry)) return false;
  return host.size() == entry.size() || host[host.size() - entry.size() - 1] == '.';
}

}  // namespace

proxy_address parse_proxy(std::string_view text, std::string_view field) {
  const auto refuse = [field](const char* reason) { throw invalid_argument(std::string(field), reason); };
  const std::string whole =
      text.find("://") == std::string_view::npos ? "http://" + std::string(text) : std::string(text);
  const auto parsed = urls::parse_uri(whole);
  constexpr const char* no_url =
      "is not the URL of a proxy (special characters of a password are to be percent-encoded)";
  if (!parsed) refuse(no_url);
  const urls::url_view& url = *parsed;
  if (url.scheme_id() != urls::scheme::http)
    refuse("must begin with http://: other kinds of proxies are not supported");
  if (url.encoded_host().empty()) refuse("has no host");
  const url_parts parts = parts_of(whole);
  if (parts.has_user != url.has_userinfo()) refuse(no_url);
  if (parts.path.size() > 1 || url.has_query() || url.has_fragment())
    refuse("must not have a path, a query or a fragment");
  const auto port = parse_port(parts.port);
  if (!port && (!parts.port.empty() || url.has_port())) refuse("has a port that is not from 1 to 65535");

  proxy_address out;
  out.host = in_lower_case(without_brackets(parts.host));
  if (port) out.port = *port;
  if (url.has_userinfo())
    out.authorization = "Basic " + base64(std::string(url.user()) + ":" + std::string(url.password()));
  return out;
}

bool bypasses_proxy(std::string_view no_proxy, std::string_view host_name) {
  if (no_proxy == "*") return true;
  std::string host = in_lower_case(without_brackets(host_name));
  if (host.ends_with('.')) host.pop_back();
  const auto address = address_bytes(host);
  const std::string list = in_lower_case(no_proxy);
  constexpr std::string_view between = ", \t";
  for (std::size_t at = list.find_first_not_of(between); at != std::string::npos;) {
    const std::size_t end = std::min(list.find_first_of(between, at), list.size());
    const std::string_view entry = std::string_view(list).substr(at, end - at);
    if (address.empty() ? name_matches(entry, host) : address_matches(entry, address)) return true;
    at = list.find_first_not_of(between, end);
  }
  return false;
}

}  // namespace mistral::workflows::protocol
