// Reads one HTTP/1.x answer out of the bytes as they come:
// head into a response_head, body in pieces where it lies.
// Does no I/O and keeps no bytes back: what it did not consume belongs to the next answer, or to nobody.
#pragma once

#include "net/http/response_head.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::net {

/// 1xx answers before another one. No server has reason to send
/// more; one that does would keep whoever waits busy for ever.
inline constexpr int most_interim_answers = 16;

class response_parser final : public boost::beast::http::basic_parser<false> {
 public:
  response_parser(response_head& head, std::size_t header_limit, std::optional<std::uint64_t> limit_of_body);

  /// Consumes from the head, and stops behind it. How many bytes were consumed; Errors: failure.
  std::size_t feed_head(std::string_view bytes);

  /// Consumes from the body, up to the end of one piece of it
  /// at most: `piece` is a part of `bytes`, framing taken off.
  /// Nothing consumed: more bytes are needed.
  std::size_t feed_body(std::string_view bytes, std::string_view& piece);

  /// After the answer: whether the connection can take another
  /// request, as the answer says and as far as it is to be believed.
  bool connection_stays() const { return keep_alive() && !dubious_; }

  /// How long the server lets the connection lie idle, less what the next request
  /// may take on its way; the largest value where the answer does not say.
  std::chrono::milliseconds kept_for() const noexcept { return kept_for_; }

  /// The peer ended the connection; `properly`: it said so first
  /// where it can. Errors: failure if that cuts the answer.
  void feed_end(bool properly);

 private:
  using string_view_type = boost::beast::string_view;
  using beast_error = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, string_view_type, string_view_type, int,
                       beast_error&) override {}
  void on_response_impl(int status, string_view_type reason, int version, beast_error& ec) override;
  void on_field_impl(boost::beast::http::field, string_view_type name, string_view_type value,
                     beast_error& ec) override;
  void on_header_impl(beast_error& ec) override;
  void on_body_init_impl(boost::optional<std::uint64_t> const&, beast_error&) override {}
  std::size_t on_body_impl(string_view_type body, beast_error& ec) override;
  void on_chunk_header_impl(std::uint64_t, string_view_type, beast_error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t remain, string_view_type body, beast_error& ec) override;
  void on_finish_impl(beast_error&) override {}

  std::size_t feed(std::string_view bytes);
  std::size_t feed_start(std::string_view bytes);
  void count_framing(std::size_t consumed);
  void read_keep_alive(std::string_view value);
  void check_framing(boost::beast::http::field which, string_view_type value, beast_error& ec);

  response_head& head_;
  std::size_t head_bytes_left_;
  std::uint64_t framing_limit_;  // beside what belongs to the bytes of the body
  std::uint64_t framing_bytes_ = 0;
  std::uint64_t body_bytes_ = 0;
  int status_ = 0;
  bool in_head_ = true;
  bool has_length_ = false;
  bool is_chunked_ = false;
  bool dubious_ = false;
  std::chrono::milliseconds kept_for_ = std::chrono::milliseconds::max();
  std::string_view piece_;
};

/// The head of an answer without Content-Length and Transfer-Encoding,
/// which mean nothing in a 2xx answer to CONNECT (RFC 9110, 9.3.6).
std::string without_framing(std::string_view head);

}  // namespace mistral::workflows::net
