// A channel through TLS, with OpenSSL driven directly on the socket.
// Knows no certificates and no sessions: tls_context.hpp prepares the SSL object, of either side.
#pragma once

#include "net/channel/channel.hpp"
#include "net/tls/tls_context.hpp"

namespace mistral::workflows::net {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT tls_channel final : public channel {
 public:
  /// `socket` is connected; `connection` is set to be client or server and has not begun.
  tls_channel(tcp_socket socket, ssl_ptr connection);
  ~tls_channel() override;

  /// To be called until it is `done` (with 0 bytes) or fails; then the channel can be read and written.
  io_result try_handshake() noexcept;

  io_result try_read(std::span<char> into) noexcept override;
  io_result try_write(std::string_view from) noexcept override;
  bool worth_reading() const noexcept override;
  bool alive() noexcept override;
  void farewell() noexcept override;
  void keep_alive() noexcept override;
  void resize_buffers(bool for_stream) noexcept override;
  void release_buffers() noexcept override;
  void shut_down() noexcept override;

  /// Ends a wait that is going on, as cancellation would.
  void stop_waiting() noexcept;

  bool resumed() const noexcept;
  /// Why a handshake failed, in words that help, where OpenSSL's own do not; else those.
  static std::string explain(const io_result& came);

  /// Why the peer's certificate was refused; empty if it was not.
  std::string certificate_problem() const;
  SSL* native() noexcept { return ssl_.get(); }

 private:
  struct bio_functions;
  enum class use { unknown, call, stream };

  static constexpr int most_reads = 4;  // of the system, in one try: a record takes one or two

  tcp_socket socket_;
  ssl_ptr ssl_;
  int reads_left_ = most_reads;
  int last_errno_ = 0;  // of the last recv() or send() that failed
  use buffers_for_ = use::unknown;
  bool peer_gone_ = false;  // recv() said 0
  bool drained_ = true;
  bool broken_ = false;  // OpenSSL must not be asked again, not even to say goodbye

  void begin_try() noexcept;
  io_result translate(int returned) noexcept;
};

}  // namespace mistral::workflows::net
