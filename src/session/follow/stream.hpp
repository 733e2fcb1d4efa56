// One resuming stream: joins connections, GETs and parser to the rules; facts to the watcher, wishes from it.
// Not the rules (protocol/follow/watcher.hpp, resume.hpp), and not how bytes travel (stream_host.hpp).
#pragma once

#include "protocol/follow/cursor.hpp"
#include "protocol/follow/resume.hpp"
#include "protocol/follow/sse_parser.hpp"
#include "protocol/follow/watcher.hpp"
#include "protocol/http/request.hpp"
#include "session/call/call.hpp"
#include "session/follow/exchange.hpp"
#include "session/follow/stream_host.hpp"
#include "session/follow/stream_item.hpp"
#include "session/follow/wait_time.hpp"
#include "session/frame/live_operations.hpp"

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/pull_gate.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
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

  /// The request without a cursor, for the execution given
  /// (empty where the stream has none). Validates its arguments.
  std::function<protocol::request(const std::string& execution_id)> request;
  std::string execution_id;  ///< the execution whose end is the stream's; empty: it never ends by itself
  cursor_place cursor_in = cursor_place::query;  ///< "last_event_id", or the header "Last-Event-ID"
  protocol::resume_by resume = protocol::resume_by::last_event_id;
  std::optional<std::int64_t> start_seq;  ///< of the first request, where there is no cursor
  bool filtered = true;     ///< its events are a part of the sequence, so numbers are stepped over by nature
  bool owes_event = true;   ///< the end of the execution is an event of it, but for TERMINATED and TIMED_OUT
  bool for_result = false;  ///< whoever waits wants the end alone, and GETs that say it will do
  std::chrono::steady_clock::time_point lags_until{};  ///< before this, a GET of it that finds nothing lags
  begun_operation part_of;  ///< what errors are of, where it is no operation by itself
};

/// The stream but for the type of its events. Guarded by its
/// gate: whoever holds a turn may call what is public here.
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

  /// Goes on until an event is held, the stream has ended or `limit` has passed; for
  /// `run`. Throws what the stream ends with; a later call goes on after the cursor.
  boost::asio::awaitable<void> advance(clock::time_point limit);

  /// Holds the next event if it has been received already. Does no I/O.
  void advance_within_buffer();
  /// Receives more if that takes no waiting: false where nothing
  /// is there, or where it is the turn of others to run.
  bool receive_at_hand(bool after_pause = false);

  /// Throws in a child of the process that made the stream: to
  /// be asked before `run`, as the executor is the parent's.
  void check_process() const { host_->check_process(); }

  bool holding() const noexcept { return holding_; }
  bool ended() const noexcept { return ended_; }
  std::string cursor() const { return record_->cursor(); }
  /// Where it stands for its caller; outlives it.
  std::shared_ptr<const protocol::stream_record> record() const noexcept { return record_; }

  /// The execution that is followed now; empty: none.
  const std::string& execution_id() const noexcept { return description_.execution_id; }
  /// Of that execution, what the last GET that was understood said; null: there was none.
  std::shared_ptr<const execution> last_state() const noexcept { return state_; }
  protocol::terminal_kind known_end() const noexcept { return watcher_.known_end(); }

 protected:
  /// Decodes an event and keeps it.
  virtual void hold(const protocol::sse_event& wire, stream_item& item) = 0;
  virtual void drop_held() noexcept = 0;
  /// The held event goes to the caller.
  void handed_over();

  const place_ptr& place() const noexcept { return place_; }
  /// What comes next says whether it was the end.
  bool end_in_sight() const noexcept { return watcher_.end_in_sight(); }

 private:
  using moment = protocol::watch_moment;
  using verdict = protocol::wishes::verdict;

  std::shared_ptr<stream_host> host_;
  stream_options options_;
  protocol::stream_cursor begins_;  // as `stream_options::from` says
  stream_description description_;

  wait_time waited_;
  moment at_;  // when the stream last looked at the clock

  protocol::sse_parser parser_;
  protocol::resume_policy resume_;
  protocol::watcher watcher_;
  place_ptr place_;
  std::shared_ptr<protocol::stream_record> record_;

  std::unique_ptr<stream_connection> connection_;  // its hooks have been told of it
  stream_item item_;
  bool holding_ = false;
  bool ended_ = false;
  int reads_at_hand_ = 0;  // in a row, with nothing waited for
  int last_reads_ = 0;     // since the stream has ended, or the last event that was new
  bool paused_ = false;    // since the last read

  // What outlives a wait. Touched by who has a turn on the executor, or when no more turns are to be had.
  std::shared_ptr<connect_exchange> connecting_;
  std::shared_ptr<status_exchange> asking_;
  std::shared_ptr<run_exchange> finding_;

  int attempts_ = 0;
  bool key_renewed_ = false;
  stream_disconnect last_loss_;
  std::optional<std::chrono::milliseconds> last_retry_after_;
  std::shared_ptr<const execution> state_;
  std::exception_ptr refusal_;  // of the last GET
  std::atomic<bool> client_closed_{false};

  boost::asio::steady_timer timer_;
  std::shared_ptr<bool> breakable_;  // true: a wait is under way that `wake` ends
  bool broken_ = false;

  static stream_disconnect left_because(disconnect_reason reason, std::string text = std::string()) {
    stream_disconnect why;
    why.reason = reason;
    why.text = std::move(text);
    return why;
  }

  protocol::watch_rules rules() const;  // stream_setup.cpp

  // stream.cpp: events, and what to do next
  const moment& now();
  void take(const protocol::sse_event& wire);
  void error_came();
  bool nothing_belongs_any_more() const noexcept;
  bool begin(const protocol::wishes& wished);

  // stream_end.cpp: its end, whoever wants that
  void conclude(verdict outcome);
  [[noreturn]] void fail(verdict outcome);
  void end();
  void follow();
  /// No connection gives what is asked for. A result does without.
  void unusable(std::exception_ptr why);
  void release() noexcept override;
  void throw_if_cancelled();
  error_context context() const;

  // stream_connect.cpp: what is under way beside the reading, and what comes of it
  protocol::request next_request() const;
  void start(std::shared_ptr<exchange> one, std::chrono::milliseconds limit,
             boost::asio::awaitable<void> work);
  void connect();
  void ask();
  void ask_run();
  bool answered() const noexcept;
  void take_answers();
  void take_connection(connect_exchange& got);
  void answer_began(std::unique_ptr<stream_connection> connection);
  void refuse(const stream_head& head, const std::string& body);
  void not_connected(const std::exception_ptr& failure);
  void stop_exchanges() noexcept;
  void disconnect() noexcept;
  void leave(protocol::wishes::leaving why);
  /// The connection, or what was to be one, is gone.
  void lost(protocol::loss how, stream_disconnect why,
            std::optional<std::chrono::milliseconds> retry_after = std::nullopt);
  void tell(const stream_disconnect& why) const;

  // stream_receive.cpp: waiting for bytes, answers and time
  boost::asio::awaitable<void> wait(protocol::wishes wished, clock::time_point limit);
  boost::asio::awaitable<void> receive(clock::time_point limit);
  boost::asio::awaitable<bool> receive_after_pause(clock::time_point limit);
  boost::asio::awaitable<bool> receive_the_last();
  boost::asio::awaitable<void> let_others_run();
  boost::asio::awaitable<void> wait_for_timer_only();
  void received();
  void body_ended();
  /// Awaits `work` until `limit` or the end of an exchange; false if one of these came first.
  boost::asio::awaitable<bool> await_until(clock::time_point limit, boost::asio::awaitable<void> work);
  void wake();
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
    if (!holding()) return out;
    // By a hook. A raw event lies in the buffer that goes with the connection.
    if (closed()) throw_closed_generator();
    handed_over();
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
    if constexpr (std::is_same_v<T, raw_event> || std::is_same_v<T, end_news>)
      read_item(wire, place(), end_in_sight(), item, event);
    else if constexpr (std::is_same_v<T, log_record>)
      read_item(wire, item, event);
    else
      read_item(wire, place(), item, event);
  }
  void drop_held() noexcept override { into_->reset(); }
};

}  // namespace mistral::workflows::session
