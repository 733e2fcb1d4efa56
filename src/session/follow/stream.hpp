// One resuming stream: joins connections, parser, resume policy and end policy.
// Not the rules themselves (protocol/follow/resume.hpp, stream_end.hpp, reconnect.hpp), and not how bytes travel (stream_host.hpp).
#pragma once

#include "protocol/follow/reconnect.hpp"
#include "protocol/follow/resume.hpp"
#include "protocol/follow/sse_parser.hpp"
#include "protocol/follow/stream_end.hpp"
#include "protocol/http/request.hpp"
#include "session/follow/stream_host.hpp"
#include "session/follow/stream_item.hpp"
#include "session/frame/live_operations.hpp"

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/pull_gate.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace mistral::workflows::session {

/// Which stream it is; the four kinds differ in nothing else.
struct stream_description {
  stream_description() = default;

  enum class cursor_place { query, header };

  /// The request without a cursor, for the execution given (empty where the stream has none). Validates its arguments.
  std::function<protocol::request(const std::string& execution_id)> request;
  std::string execution_id;  ///< the execution whose end is the stream's; empty: it never ends by itself
  cursor_place cursor_in = cursor_place::query;  ///< "last_event_id", or the header "Last-Event-ID"
  protocol::resume_by resume = protocol::resume_by::last_event_id;
  std::optional<std::int64_t> start_seq;  ///< of the first request, where there is no cursor
  bool filtered = true;  ///< its events are a part of the sequence, so numbers are stepped over by nature
};

/// The stream but for the type of its events. Guarded by its gate: whoever holds a turn may call what is public here.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_core : public pull_gate, public live_operation {
 public:
  using clock = std::chrono::steady_clock;

  stream_core(std::shared_ptr<stream_host> host, stream_description description, stream_options options);
  ~stream_core() override;

  std::shared_ptr<live_operation> self() override {
    return std::static_pointer_cast<stream_core>(weak_from_this().lock());
  }
  /// What has been received is still handed over; then it ends with errc::closed.
  void client_closed() override;

  /// Goes on until an event is held, the stream has ended or `limit` has passed; for `run`. Throws what the stream ends with; a
  /// later call goes on after the cursor.
  boost::asio::awaitable<void> advance(clock::time_point limit);

  /// Holds the next event if it has been received already. Does no I/O.
  void advance_within_buffer();
  /// Receives more if that takes no waiting: false where nothing is there, or where it is the turn of others to run.
  bool receive_at_hand(bool after_pause = false);

  /// Asks an `advance` under way, or the next, to return as soon as it costs nothing: once the attempt to connect or the GET is
  /// done. A wait for bytes is not ended by it; that is to be cancelled, which loses nothing. Callable from any thread, as is
  /// `attempting`. With `yield(true)` before `attempting()`: false means that a cancellation gives nothing up.
  void yield(bool wanted) noexcept { yield_ = wanted; }
  bool attempting() const noexcept { return attempting_; }

  bool holding() const noexcept { return holding_; }
  bool ended() const noexcept { return ended_; }
  const std::string& cursor() const noexcept { return resume_.cursor(); }

 protected:
  /// Decodes an event and keeps it.
  virtual void hold(const protocol::sse_event& wire, stream_item& item) = 0;
  virtual void drop_held() noexcept = 0;
  /// The held event goes to the caller.
  void handed_over();

  const std::string& execution_id() const noexcept { return description_.execution_id; }
  /// What comes next says whether it was the end.
  bool end_in_sight() const noexcept { return end_.in_sight(); }

 private:
  std::shared_ptr<stream_host> host_;
  stream_description description_;
  stream_options options_;

  protocol::sse_parser parser_;
  protocol::resume_policy resume_;
  protocol::stream_end end_;
  protocol::reconnect_policy reconnect_;

  std::unique_ptr<stream_connection> connection_;
  stream_item item_;
  bool holding_ = false;
  bool ended_ = false;
  int reads_at_hand_ = 0;  // in a row, with nothing waited for
  bool paused_ = false;    // since the last read
  bool key_renewed_ = false;
  std::atomic<bool> client_closed_{false};
  int attempts_ = 0;
  std::atomic<bool> yield_{false};
  std::atomic<bool> attempting_{false};  // an exchange is under way that a cancellation would give up
  clock::time_point connected_at_{};
  clock::time_point reconnect_at_{};

  // Times run while somebody waits, and not otherwise.
  bool wait_begins_ = true;  // the two below are to be set when something is waited for
  std::chrono::nanoseconds idle_left_{};
  std::chrono::nanoseconds check_left_{};
  std::chrono::nanoseconds drain_left_{};

  boost::asio::steady_timer timer_;
  bool timed_out_ = false;

  /// Says that an exchange is under way.
  struct attempt_mark {
    explicit attempt_mark(std::atomic<bool>& under_way) : flag(under_way) { flag = true; }
    attempt_mark(const attempt_mark&) = delete;
    attempt_mark& operator=(const attempt_mark&) = delete;
    ~attempt_mark() { flag = false; }

    std::atomic<bool>& flag;
  };

  static stream_disconnect left_because(disconnect_reason reason) {
    stream_disconnect why;
    why.reason = reason;
    return why;
  }

  void release() noexcept override;

  // stream.cpp: events, and what to do next
  bool take(const protocol::sse_event& wire);
  void event_came() noexcept { wait_begins_ = true; }
  boost::asio::awaitable<void> ask();
  boost::asio::awaitable<void> ask_run();
  void follow(std::string execution_id);
  void throw_if_cancelled() const;
  error_context context() const;

  // stream_connect.cpp: from a request to an answer, and from a lost connection to the next request
  protocol::request next_request() const;
  boost::asio::awaitable<bool> connect(clock::time_point limit);
  boost::asio::awaitable<void> open();
  void answer_began();
  boost::asio::awaitable<void> refuse();
  void disconnect() noexcept;
  void drop_paced();
  /// Leaves the connection (or what was to be one) and says when to try again; throws when the budget is spent.
  void lost(stream_disconnect why, std::optional<std::chrono::milliseconds> retry_after = std::nullopt,
            const std::string& reason = std::string());

  // stream_receive.cpp: waiting for bytes and for time
  boost::asio::awaitable<bool> receive(clock::time_point limit);
  boost::asio::awaitable<bool> receive_after_pause(clock::time_point limit);
  void body_ended();
  void time_is_up();
  boost::asio::awaitable<void> wait_for_timer_only();
  /// Awaits `step` until `limit`; false if that came first.
  boost::asio::awaitable<bool> until(clock::time_point limit, boost::asio::awaitable<void> step);
};

/// A stream of events of type T. `read_item` for T says what an event means.
template <class T>
class stream_session final : public stream_core {
 public:
  using stream_core::stream_core;

  /// The next event that has been received, if there is one; the cursor moves. Does not wait.
  std::optional<T> take_received() {
    std::optional<T> out;
    if (holding()) {
      out = std::exchange(held_, std::nullopt);
    } else {
      const detour there(into_, &out);
      try {
        advance_within_buffer();
      } catch (...) {
        held_ = std::move(out);  // a hook may have thrown, and then it is still to be handed over
        throw;
      }
    }
    if (holding()) handed_over();
    return out;
  }

  /// The same, and receives for it what is there.
  std::optional<T> take_at_hand() {
    auto out = take_received();
    while (!out && !ended() && receive_at_hand()) out = take_received();
    return out;
  }

 private:
  // Where an event is decoded: at once to where it goes, as one of the model is not cheap to move.
  std::optional<T> held_;
  std::optional<T>* into_ = &held_;

  struct detour {
    detour(std::optional<T>*& way, std::optional<T>* to) : way_(way), usual_(std::exchange(way, to)) {}
    detour(const detour&) = delete;
    detour& operator=(const detour&) = delete;
    ~detour() { way_ = usual_; }

   private:
    std::optional<T>*& way_;
    std::optional<T>* usual_;
  };

  void hold(const protocol::sse_event& wire, stream_item& item) override {
    T& event = into_->emplace();
    if constexpr (std::is_same_v<T, raw_event>)
      read_item(wire, execution_id(), end_in_sight(), item, event);
    else if constexpr (std::is_same_v<T, log_record>)
      read_item(wire, item, event);
    else
      read_item(wire, execution_id(), item, event);
  }
  void drop_held() noexcept override { into_->reset(); }
};

}  // namespace mistral::workflows::session
