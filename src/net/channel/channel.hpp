// Bytes to and from one peer, never blocking: try, and wait until it is worth trying again.
// Not HTTP, not a pool, and not a coroutine in sight: those are built on top.
#pragma once

#include "net/common/asio_compat.hpp"
#include "net/common/gate.hpp"

#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows::net {

enum class readiness { readable, writable, either };

/// What one try came to.
struct io_result {
  enum class what {
    done,        ///< `bytes` were moved, at least 1
    want_read,   ///< nothing moved: wait until readable (a write may want this too, in TLS)
    want_write,  ///< nothing moved: wait until writable
    end,         ///< the peer ended its side properly
    cut,         ///< TLS only: the peer ended without saying so first
    failed,      ///< `code` and `reason` say why
  };

  io_result() = default;
  explicit io_result(what came) : status(came) {}
  explicit io_result(std::size_t moved) : status(what::done), bytes(moved) {}
  io_result(error_code why, std::string text) : status(what::failed), code(why), reason(std::move(text)) {}

  bool done() const noexcept { return status == what::done; }
  bool blocked() const noexcept { return status == what::want_read || status == what::want_write; }
  readiness wanted() const noexcept {
    return status == what::want_read ? readiness::readable : readiness::writable;
  }

  what status = what::failed;
  std::size_t bytes = 0;
  error_code code;
  std::string reason;
};

/// Used by one coroutine at a time. After `end`, `cut`, `failed` or a wait that was
/// cancelled half-way through something, the only thing left to do is to destroy it.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT channel {
 public:
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;
  virtual ~channel();

  virtual io_result try_read(std::span<char> into) noexcept = 0;
  virtual io_result try_write(std::string_view from) noexcept = 0;

  /// False: the last read took all there was, so that waiting first saves a system call.
  virtual bool worth_reading() const noexcept = 0;

  /// While nothing is expected: still open, and nothing came that nobody asked for.
  virtual bool alive() noexcept = 0;

  /// Says goodbye as far as that goes without waiting.
  virtual void farewell() noexcept {}

  /// Ends both directions at once, and with that whatever waits for one. From any
  /// thread, also while another one reads or writes; not while it is being destroyed.
  virtual void shut_down() noexcept {}

  /// Has the system find out about a peer that is gone; for streams, which may be silent for long.
  virtual void keep_alive() noexcept {}
  /// For its next use: a stream may be silent for long and then have much to say, a call is short.
  virtual void resize_buffers(bool for_stream) noexcept { static_cast<void>(for_stream); }
  /// Not used for a while: gives back what memory it can.
  virtual void release_buffers() noexcept {}

  /// Ends what a wait for either has left behind; before the channel may lie idle.
  void settle() noexcept;

  /// Completes with void(error_code) when a try is worth while; cancellation of any type ends it with
  /// operation_aborted.
  template <typename Token>
  auto async_wait(readiness what, Token&& token) {
    return asio::async_initiate<Token, void(error_code)>(start_waiting(this), token, what);
  }

 protected:
  /// `waiting_on` is what readiness comes from; null: readiness_gate() is asked instead.
  explicit channel(tcp_socket* waiting_on) noexcept : socket_(waiting_on) {}

  static void keep_alive(tcp_socket& socket) noexcept;
  static void shut_down(tcp_socket& socket) noexcept;

  /// A gate that opens when it is ready.
  virtual std::shared_ptr<gate> readiness_gate(readiness what);

 private:
  class start_waiting {
   public:
    explicit start_waiting(channel* self) noexcept : self_(self) {}
    template <typename Handler>
    void operator()(Handler&& handler, readiness what) const {
      if (self_->socket_ && what == readiness::either) {
        self_->either_gate()->async_wait(std::forward<Handler>(handler));
      } else if (self_->socket_) {
        self_->socket_->async_wait(
            what == readiness::readable ? tcp_socket::wait_read : tcp_socket::wait_write,
            std::forward<Handler>(handler));
      } else {
        self_->readiness_gate(what)->async_wait(std::forward<Handler>(handler));
      }
    }

   private:
    channel* self_;
  };

  tcp_socket* socket_;
  bool settled_ = true;

  std::shared_ptr<gate> either_gate();
};

}  // namespace mistral::workflows::net
