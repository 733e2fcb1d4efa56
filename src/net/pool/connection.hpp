// One HTTP/1.1 connection: exchange after exchange over a
// channel, each step told apart from waiting for the next.
// Does not wait itself (pool.cpp's lease does), opens nothing and knows nothing of pools.
#pragma once

#include "net/channel/channel.hpp"
#include "net/common/fork_guard.hpp"
#include "net/http/read_buffer.hpp"
#include "net/http/response_head.hpp"
#include "net/http/response_parser.hpp"
#include "net/pool/pool.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mistral::workflows::net {

// In a child of the process that opened it nothing is sent,
// read or shut down: the parent goes on with the same socket.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT connection {
 public:
  connection(std::unique_ptr<channel> bytes, std::size_t header_limit);
  ~connection();

  /// Somebody takes it; `record` hears of everything until idle() or the end.
  void taken(progress& record, std::optional<std::uint64_t> body_limit);
  /// For what it is used for next.
  void prepare_for(kind use) {
    for_stream_ = use == kind::stream;
    bytes().resize_buffers(for_stream_);
    if (for_stream_) bytes().keep_alive();
    buffer_.allow_large(for_stream_);
  }
  /// Nobody has it any more; the memory it read with goes back to be used elsewhere.
  void idle() noexcept;

  // Each step goes as far as it can without waiting: nullopt when it is through, else what
  // to wait for before the next try. Errors: failure, after which reusable() is false.
  void begin_send(std::string_view bytes);
  /// Through also when the answer has come before all was sent: the
  /// rest then stays here, and the connection ends with the exchange.
  std::optional<readiness> send_step();
  std::optional<readiness> head_step();
  /// Appends to `body`; through when something was appended or the body is complete.
  std::optional<readiness> body_step(std::string& body);

  /// The next part of the body among the bytes that have been
  /// received, good until more are; empty where there is none.
  /// What is wrong with the bytes, or was met behind them, is said by the receive_step() that follows.
  std::string_view next_piece() noexcept;
  /// For more, once there is no piece: through when bytes have come or the body is complete.
  std::optional<readiness> receive_step();
  /// As receive_step(), once: true if it is through. What it meets otherwise is said by the
  /// next one. `after_pause`: asks the system also where the last read took all there was.
  bool try_receive(bool after_pause) noexcept;
  /// For a stream: the last read brought much, so more can be expected soon.
  bool flowing() const noexcept { return flowing_; }

  void body_limit(std::optional<std::uint64_t> bytes) noexcept { body_limit_ = bytes; }
  bool complete() const noexcept { return now_ == state::complete; }
  const response_head& head() const noexcept { return head_; }

  /// Whether another exchange may follow, as far as this side knows.
  bool reusable() const noexcept;
  /// Nothing was sent since it was taken.
  bool untouched() const noexcept { return now_ == state::ready; }
  /// How long it may lie idle, as the last answer says.
  std::chrono::milliseconds kept_for() const noexcept { return kept_for_; }
  /// An idle connection is still open and silent.
  bool alive() noexcept { return !process_.in_child() && channel_ && channel_->alive(); }
  bool used() const noexcept { return used_; }
  /// An idle connection is not needed soon: memory goes back.
  void release_buffers() noexcept {
    if (channel_) channel_->release_buffers();
  }

  channel& bytes();
  /// Says goodbye, if no exchange is under way, and closes. The destructor does the same.
  void close() noexcept;
  /// Closes without a word; for when the io_context goes away.
  void drop() noexcept;
  /// Has the exchange under way, and every later one, fail
  /// with error::closed. The only function for any thread.
  void abort() noexcept;

 private:
  enum class state {
    ready,     // nothing sent since it was opened or the last exchange ended
    sending,   // part of a request may have left
    waiting,   // for the head of the answer
    reading,   // the body
    complete,  // the answer is there
    failed,
  };

  const fork_guard process_;
  std::unique_ptr<channel> channel_;
  std::mutex ending_;  // channel_ goes away under it, as far as abort() may be looking
  std::atomic<bool> aborted_{false};
  std::size_t header_limit_;
  std::optional<std::uint64_t> body_limit_;
  read_buffer buffer_;
  response_head head_;
  std::optional<response_parser> parser_;
  std::string_view unsent_;
  progress* record_ = nullptr;
  state now_ = state::ready;
  bool keep_alive_ = true;
  std::chrono::milliseconds kept_for_ = std::chrono::milliseconds::max();
  bool used_ = false;
  bool for_stream_ = false;
  bool waited_ = false;  // for what the next read takes
  bool flowing_ = false;
  int interim_ = 0;  // 1xx answers since the request

  enum class fill { more, end, cut };
  fill last_fill_ = fill::more;
  std::exception_ptr behind_;  // what was met where it could not be said yet
  bool unreadable_ = false;    // it was met in the bytes themselves
  std::optional<readiness> read_more(fill& came);
  void met_behind_bytes() noexcept;
  void borrow_memory() noexcept;
  std::span<char> room();
  void answer_is_complete();
  bool answered_before_it_went();
  [[noreturn]] void fail(error_code why, const std::string& reason);
  template <typename Step>
  auto guarded(Step step);
};

}  // namespace mistral::workflows::net
