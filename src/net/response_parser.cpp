#include "net/response_parser.hpp"

#include "net/failure.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>

namespace mistral::workflows::net {
namespace {

namespace http = boost::beast::http;

[[noreturn]] void refuse(const boost::system::error_code& why) {
  if (why == http::error::header_limit || why == http::error::buffer_overflow) {
    throw failure(error::header_too_large, "the head of the answer is larger than allowed");
  }
  if (why == http::error::body_limit)
    throw failure(error::body_too_large, "the body of the answer is larger than allowed");
  throw failure(error::malformed, "the answer is not valid HTTP: " + why.message());
}

}  // namespace

response_parser::response_parser(response_head& head, std::size_t header_limit_bytes,
                                 std::optional<std::uint64_t> limit_of_body)
    : head_(head), head_bytes_left_(header_limit_bytes) {
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
  if (why && why != http::error::need_more) refuse(why);
  return consumed;
}

std::size_t response_parser::feed_head(std::string_view bytes) {
  eager(false);
  const std::size_t consumed = feed(bytes);
  // Counted here too: Beast's own limit is on what it has not consumed yet, and it consumes field by field.
  if (consumed > head_bytes_left_) refuse(http::error::header_limit);
  head_bytes_left_ -= consumed;
  return consumed;
}

std::size_t response_parser::feed_body(std::string_view bytes, std::string& body) {
  eager(true);
  body_ = &body;
  return feed(bytes);
}

void response_parser::feed_end(bool properly) {
  if (!got_some()) throw failure(error::truncated, "the server closed the connection without an answer");
  if (!is_header_done())
    throw failure(error::truncated, "the server closed the connection inside the head of the answer");
  boost::beast::error_code why;
  put_eof(why);
  if (why) throw failure(error::truncated, "the server closed the connection inside the body of the answer");
  if (!properly) {
    throw failure(
        error::truncated,
        "the body of the answer ends with the connection, and that was cut instead of closed (no close_notify)");
  }
}

void response_parser::on_response_impl(int status, string_view_type, int version, beast_error& ec) {
  if (status < 100) ec = http::error::bad_status;
  head_.begin(status, version);
}

void response_parser::on_field_impl(http::field, string_view_type name, string_view_type value, beast_error&) {
  if (!in_head_) return;  // a trailer: nothing in this API has one that means anything
  head_.add(std::string_view(name.data(), name.size()), std::string_view(value.data(), value.size()));
}

std::size_t response_parser::on_body_impl(string_view_type body, beast_error&) {
  body_->append(body.data(), body.size());
  return body.size();
}

std::size_t response_parser::on_chunk_body_impl(std::uint64_t, string_view_type body, beast_error&) {
  body_->append(body.data(), body.size());
  return body.size();
}

}  // namespace mistral::workflows::net
