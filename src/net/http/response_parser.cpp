#include "net/http/response_parser.hpp"

#include "net/common/failure.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace mistral::workflows::net {
namespace {

namespace http = boost::beast::http;

[[noreturn]] void refuse(const boost::system::error_code& why) {
  if (why == http::error::header_limit || why == http::error::buffer_overflow) {
    throw failure(error::header_too_large, "the head of the answer is larger than allowed (max_header)");
  }
  if (why == http::error::body_limit)
    throw failure(error::body_too_large, "the body of the answer is larger than allowed (max_body)");
  throw failure(error::malformed, "the answer is not valid HTTP: " + why.message());
}

boost::beast::string_view string_view_of(std::string_view text) { return {text.data(), text.size()}; }

/// Beast unfolds such lines, and hands them on when the one
/// behind them has begun: so a fold is never cut in two here.
bool has_folded_line(std::string_view head) {
  for (std::size_t at = head.find('\r'); at != std::string_view::npos; at = head.find('\r', at + 1)) {
    const std::string_view behind = head.substr(at + 1);
    if (behind.starts_with("\n ") || behind.starts_with("\n\t")) return true;
  }
  return false;
}

// A chunk of one byte needs 5 beside it; some servers write sizes with 8 digits.
constexpr std::uint64_t most_framing_per_byte = 16;

// What the server sees of a request later than we send it.
constexpr std::chrono::milliseconds on_its_way(500);

/// The value of `name=number` in a list with commas.
std::optional<std::uint32_t> number_in(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    std::string_view one = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    one.remove_prefix(std::min(one.find_first_not_of(" \t"), one.size()));
    if (one.size() <= name.size() || one[name.size()] != '=') continue;
    if (!boost::beast::iequals(string_view_of(one.substr(0, name.size())), string_view_of(name))) continue;
    one.remove_prefix(name.size() + 1);
    std::uint32_t out = 0;
    if (std::from_chars(one.data(), one.data() + one.size(), out).ec == std::errc()) return out;
  }
  return std::nullopt;
}

}  // namespace

response_parser::response_parser(response_head& head, std::size_t header_limit_bytes,
                                 std::optional<std::uint64_t> limit_of_body)
    : head_(head), head_bytes_left_(header_limit_bytes), framing_limit_(header_limit_bytes) {
  header_limit(static_cast<std::uint32_t>(header_limit_bytes));
  if (limit_of_body) {
    body_limit(*limit_of_body);
  } else {
    body_limit(boost::none);
  }
}

std::size_t response_parser::feed(std::string_view bytes) {
  boost::beast::error_code why;
  const std::size_t consumed = put(boost::asio::const_buffer(bytes.data(), bytes.size()), why);
  // Newer releases of Beast count chunk headers and trailers as heads of their own.
  if (why == http::error::header_limit && is_header_done())
    throw failure(error::malformed, "a chunk header or a trailer of the answer is larger than allowed");
  if (why && why != http::error::need_more) refuse(why);
  return consumed;
}

// "HTTP/1.1 200" and the end of the line: many leave out the space in front of a reason that is not there.
std::size_t response_parser::feed_start(std::string_view bytes) {
  constexpr std::size_t behind_status = std::string_view("HTTP/1.1 200").size();
  if (status_ != 0 || bytes.size() <= behind_status || bytes[behind_status] != '\r') return feed(bytes);
  std::string with_space(bytes);
  with_space.insert(behind_status, 1, ' ');
  const std::size_t consumed = feed(with_space);
  return consumed == 0 ? 0 : consumed - 1;
}

std::size_t response_parser::feed_head(std::string_view bytes) {
  eager(false);
  const std::size_t consumed = feed_start(bytes);
  // Counted here too: Beast's own limit is on what it has not consumed yet, and it consumes field by field.
  if (consumed > head_bytes_left_) refuse(http::error::header_limit);
  head_bytes_left_ -= consumed;
  if (has_folded_line(bytes.substr(0, consumed)))
    throw failure(error::malformed, "the answer is not valid HTTP: a header is folded over several lines");
  return consumed;
}

std::size_t response_parser::feed_body(std::string_view bytes, std::string_view& piece) {
  eager(false);
  piece_ = std::string_view();
  const std::size_t consumed = feed(bytes);
  piece = piece_;
  count_framing(consumed);
  return consumed;
}

// A limit on the body says nothing of what stands around it, such as long extensions of chunks of a byte.
void response_parser::count_framing(std::size_t consumed) {
  body_bytes_ += piece_.size();
  framing_bytes_ += consumed - piece_.size();
  if (framing_bytes_ > framing_limit_ + most_framing_per_byte * body_bytes_)
    throw failure(error::malformed, "the framing of the answer's chunks is far larger than what is in them");
}

void response_parser::feed_end(bool properly) {
  if (!got_some()) throw failure(error::truncated, "the server closed the connection without an answer");
  if (!is_header_done())
    throw failure(error::truncated, "the server closed the connection inside the head of the answer");
  boost::beast::error_code why;
  put_eof(why);
  if (why) throw failure(error::truncated, "the server closed the connection inside the body of the answer");
  if (!properly) {
    throw failure(error::truncated,
                  "the body of the answer ends with the connection, and that was cut instead of closed (no "
                  "close_notify)");
  }
}

void response_parser::on_response_impl(int status, string_view_type, int version, beast_error& ec) {
  if (status < 100) ec = http::error::bad_status;
  status_ = status;
  head_.begin(status, version);
}

void response_parser::on_field_impl(http::field which, string_view_type name, string_view_type value,
                                    beast_error& ec) {
  if (!in_head_) return;  // a trailer: nothing in this API has one that means anything
  check_framing(which, value, ec);
  if (ec) return;
  const std::string_view text(value.data(), value.size());
  if (which == http::field::keep_alive) read_keep_alive(text);
  head_.add(std::string_view(name.data(), name.size()), text);
}

// "timeout=5, max=100": seconds, and how many requests may follow.
void response_parser::read_keep_alive(std::string_view value) {
  if (const auto left = number_in(value, "max"); left && *left == 0) dubious_ = true;
  const auto seconds = number_in(value, "timeout");
  if (!seconds) return;
  kept_for_ = std::chrono::seconds(*seconds) - on_its_way;
  if (kept_for_.count() <= 0) dubious_ = true;
}

// Stricter than Beast where two readers of the same bytes could disagree about where the answer ends:
// the next answer on the connection would then be somebody else's. No server needs any of this.
void response_parser::check_framing(http::field which, string_view_type value, beast_error& ec) {
  switch (which) {
    case http::field::content_length:
      // Beast takes equal values, in several fields or in one.
      if (std::exchange(has_length_, true) || value.find(',') != string_view_type::npos)
        ec = http::error::multiple_content_length;
      break;
    case http::field::transfer_encoding:
      // Beast passes over codings it does not know, in HTTP/1.0 too, and then goes by the length or the end.
      if (std::exchange(is_chunked_, true) || !boost::beast::iequals(value, "chunked") ||
          head_.version() < 11)
        ec = http::error::bad_transfer_encoding;
      break;
    case http::field::proxy_connection:
      if (head_.version() < 11)
        dubious_ = true;  // not a header of HTTP's, but Beast lets it keep a connection
      break;
    default:
      break;
  }
}

void response_parser::on_header_impl(beast_error& ec) {
  in_head_ = false;
  // These have no body by definition: a server that announces one may well send it.
  const auto length = content_length();
  const bool announces_body = is_chunked_ || (length && *length > 0);
  if (status_ / 100 == 1 && announces_body) ec = http::error::bad_content_length;
  if (status_ == 204 && announces_body) dubious_ = true;
}

std::size_t response_parser::on_body_impl(string_view_type body, beast_error&) {
  piece_ = std::string_view(body.data(), body.size());
  return body.size();
}

std::size_t response_parser::on_chunk_body_impl(std::uint64_t, string_view_type body, beast_error&) {
  piece_ = std::string_view(body.data(), body.size());
  return body.size();
}

std::string without_framing(std::string_view head) {
  std::string out;
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::size_t size = end == std::string_view::npos ? head.size() : end + 2;
    const std::string_view line = head.substr(0, size);
    head.remove_prefix(size);
    const boost::beast::string_view name = string_view_of(line.substr(0, line.find(':')));
    if (!boost::beast::iequals(name, "content-length") && !boost::beast::iequals(name, "transfer-encoding"))
      out += line;
  }
  return out;
}

}  // namespace mistral::workflows::net
