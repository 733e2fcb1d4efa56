#include "net/channel/channel.hpp"

#include "net/channel/plain_channel.hpp"

#include <cerrno>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace mistral::workflows::net {

channel::~channel() = default;

// A peer that is gone is noticed within a minute and a half: the system's default is over two hours.
void channel::keep_alive(tcp_socket& socket) noexcept {
  error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const auto set = [&](int option, int value) {
    ::setsockopt(socket.native_handle(), IPPROTO_TCP, option, &value, sizeof value);
  };
  set(TCP_KEEPIDLE, 60);  // seconds
  set(TCP_KEEPINTVL, 10);
  set(TCP_KEEPCNT, 3);
}

// Not through Asio, whose socket objects are for one thread at a time: the system call is not choosy.
void channel::shut_down(tcp_socket& socket) noexcept { ::shutdown(socket.native_handle(), SHUT_RDWR); }

std::shared_ptr<gate> channel::readiness_gate(readiness) { return nullptr; }

// One of the two waits outlives the other, which nobody notices: a gate opens once.
std::shared_ptr<gate> channel::either_gate() {
  settle();
  settled_ = false;
  auto ready = std::make_shared<gate>();
  for (const auto what : {tcp_socket::wait_read, tcp_socket::wait_write})
    socket_->async_wait(what, [ready](error_code why) { ready->open(why); });
  return ready;
}

void channel::settle() noexcept {
  if (std::exchange(settled_, true)) return;
  error_code ignored;
  socket_->cancel(ignored);
}

plain_channel::plain_channel(tcp_socket socket) : channel(&socket_), socket_(std::move(socket)) {
  error_code ignored;
  socket_.native_non_blocking(true, ignored);
}

plain_channel::~plain_channel() = default;

io_result plain_channel::try_read(std::span<char> into) noexcept {
  for (;;) {
    const ssize_t got = ::recv(socket_.native_handle(), into.data(), into.size(), 0);
    if (got > 0) {
      drained_ = static_cast<std::size_t>(got) < into.size();
      return io_result(static_cast<std::size_t>(got));
    }
    if (got == 0) return io_result(io_result::what::end);
    if (errno == EINTR) continue;
    drained_ = true;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return io_result(io_result::what::want_read);
    const error_code why(errno, boost::system::system_category());
    return io_result(why, why.message());
  }
}

io_result plain_channel::try_write(std::string_view from) noexcept {
  for (;;) {
    const ssize_t put = ::send(socket_.native_handle(), from.data(), from.size(), MSG_NOSIGNAL);
    if (put >= 0) return io_result(static_cast<std::size_t>(put));
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) return io_result(io_result::what::want_write);
    const error_code why(errno, boost::system::system_category());
    return io_result(why, why.message());
  }
}

bool plain_channel::alive() noexcept {
  char byte = 0;
  const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
  return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

void plain_channel::stop_waiting() noexcept {
  error_code ignored;
  socket_.cancel(ignored);
}

void plain_channel::keep_alive() noexcept { channel::keep_alive(socket_); }
void plain_channel::shut_down() noexcept { channel::shut_down(socket_); }

}  // namespace mistral::workflows::net
