// The way through a proxy: CONNECT, and what it may be answered with.
#include "net/channel/plain_channel.hpp"
#include "net/pool/connect_attempt.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

namespace mistral::workflows::net {

asio::awaitable<tcp_socket> connector::connect_attempt::tunnel(tcp_socket socket) {
  enter_(phase::proxy);
  plain_channel bytes(std::move(socket));
  limit_.on_end([&bytes] { bytes.stop_waiting(); });
  const std::string request = connect_request();
  for (std::string_view unsent = request; !unsent.empty();) {
    const io_result moved = bytes.try_write(unsent);
    if (moved.done()) {
      unsent.remove_prefix(moved.bytes);
      continue;
    }
    if (!moved.blocked()) refuse_tunnel(moved);
    const std::tuple<error_code> ready = co_await bytes.async_wait(moved.wanted(), no_throw);
    check(std::get<0>(ready));
  }

  response_head head;
  std::optional<response_parser> parser;
  parser.emplace(head, parent_->header_limit_, std::nullopt);
  read_buffer buffer;
  int interim = 0;
  for (;;) {
    if (!buffer.empty()) feed(*parser, buffer);
    if (parser->is_header_done()) {
      if (head.status() / 100 != 1 || head.status() == 101) break;
      if (++interim > most_interim_answers)
        throw failure(error::proxy_refused, target() + " sent too many 1xx answers");
      parser.emplace(head, parent_->header_limit_, std::nullopt);
      continue;
    }
    const std::span<char> room = buffer.prepare(parent_->header_limit_ + 1);
    if (room.empty()) refuse_large_head();
    const io_result moved = bytes.try_read(room);
    if (moved.done()) {
      buffer.commit(moved.bytes);
      continue;
    }
    if (!moved.blocked()) refuse_tunnel(moved);
    const std::tuple<error_code> ready = co_await bytes.async_wait(moved.wanted(), no_throw);
    check(std::get<0>(ready));
  }
  limit_.on_end(nullptr);
  if (head.status() / 100 != 2) refuse_tunnel(head.status());
  if (!buffer.empty())
    throw failure(error::proxy_refused, target() + " sent bytes before the tunnel was used");
  co_return bytes.release();
}

std::string connector::connect_attempt::connect_request() const {
  const std::string host = server();
  std::string text = "CONNECT " + host + " HTTP/1.1\r\nHost: " + host + "\r\n";
  if (!parent_->proxy_.authorization.empty())
    text += "Proxy-Authorization: " + parent_->proxy_.authorization + "\r\n";
  return text + "\r\n";
}

// All of the head at once; what does not begin like one is refused before that.
void connector::connect_attempt::feed(response_parser& parser, read_buffer& buffer) const {
  constexpr std::string_view beginning = "HTTP/1.";
  const std::string_view unread = buffer.unread();
  const std::size_t end = unread.find("\r\n\r\n");
  const bool whole = end != std::string_view::npos;
  const bool may_become_one = unread.substr(0, beginning.size()) == beginning.substr(0, unread.size());
  if (may_become_one && std::min(end, unread.size()) > parent_->header_limit_) refuse_large_head();
  if (!whole && may_become_one) return;
  try {
    const std::string_view head = unread.substr(0, whole ? end + 4 : end);
    parser.feed_head(without_framing(head));
    buffer.consume(head.size());
  } catch (const failure& problem) {
    throw failure(error::proxy_refused, target() + " did not answer as a proxy does: " + problem.reason());
  }
}

void connector::connect_attempt::refuse_large_head() const {
  throw failure(error::proxy_refused, target() + " answered with a head of more than " +
                                          std::to_string(parent_->header_limit_) + " bytes");
}

void connector::connect_attempt::refuse_tunnel(const io_result& came) const {
  throw failure(error::proxy_failed,
                target() + (came.status == io_result::what::failed ? " failed: " + came.reason
                                                                   : " closed the connection"));
}

void connector::connect_attempt::refuse_tunnel(int status) const {
  std::string text =
      target() + " refused the tunnel to " + server() + " with status " + std::to_string(status);
  if (status == 407) {
    text += parent_->proxy_.authorization.empty() ? " (it wants credentials)"
                                                  : " (it does not take the credentials)";
  }
  const bool for_now = status >= 500 || status == 408 || status == 429;
  throw failure(for_now ? error::proxy_failed : error::proxy_refused, text);
}

}  // namespace mistral::workflows::net
