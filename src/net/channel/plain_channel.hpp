// HTTP without TLS: a channel straight on a socket.
// Not for anything but loopback and tests, unless the user allowed it explicitly.
#pragma once

#include "net/channel/channel.hpp"

namespace mistral::workflows::net {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT plain_channel final : public channel {
 public:
  /// `socket` is connected.
  explicit plain_channel(tcp_socket socket);
  ~plain_channel() override;

  io_result try_read(std::span<char> into) noexcept override;
  io_result try_write(std::string_view from) noexcept override;
  bool worth_reading() const noexcept override { return !drained_; }
  bool alive() noexcept override;
  void keep_alive() noexcept override;
  void shut_down() noexcept override;

  /// Ends a wait that is going on, as cancellation would.
  void stop_waiting() noexcept;
  /// The socket, for what is to be spoken over it next; the channel is then good for nothing but its end.
  tcp_socket release() noexcept { return std::move(socket_); }

 private:
  tcp_socket socket_;
  bool drained_ = true;
};

}  // namespace mistral::workflows::net
