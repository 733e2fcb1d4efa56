// One answer to a request for a stream, by a script: what it says, piece by piece, and how it ends.
// Not which request is answered by it: scripted_host.hpp.
#pragma once

#include "net/common/failure.hpp"
#include "session/follow/stream_host.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scripted {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
namespace session = mistral::workflows::session;

using boost::system::system_error;

enum class finish { clean, reset, reset_later, truncated, open, comments };

/// The answer to one request for the stream.
struct act {
  act() = default;
  act(std::string text, finish how) : body(std::move(text)), ending(how) {}

  static act status_only(int code) {
    act made("", finish::clean);
    made.status = code;
    made.content_type = "application/json";
    return made;
  }
  static act no_connection() {
    act made("", finish::reset);
    made.status = 0;
    return made;
  }
  /// Each text that much after the one before.
  static act ticking(std::vector<std::string> texts, std::chrono::milliseconds every, finish how) {
    act made("", how);
    made.ticks = std::move(texts);
    made.tick_interval = every;
    return made;
  }

  int status = 200;
  std::string content_type = "text/event-stream; charset=utf-8";
  std::string coding;
  std::string location;
  std::optional<std::chrono::milliseconds> retry_after;
  std::chrono::milliseconds opening{0};  ///< how long it takes to connect, up to the head of the answer
  std::string body;                      ///< there at once
  std::size_t chunk = 1460;
  std::vector<std::string> ticks;  ///< behind the body
  std::chrono::milliseconds tick_interval{0};
  finish ending = finish::clean;
  std::chrono::milliseconds comment_interval{1};  ///< also the time up to `reset_later`
  std::chrono::milliseconds lasts{0};             ///< behind all else, before it ends cleanly
  bool flowing = false;                           ///< a part is there after each pause, and none before
  bool at_hand = false;  ///< what has come is there before anybody waits, and so is how it ends
};

class connection final : public session::stream_connection {
 public:
  using clock = std::chrono::steady_clock;

  /// `keeps`: what the numbers are a part of.
  connection(act script, asio::any_io_executor executor, std::shared_ptr<const void> keeps, int& open_count,
             int& waits, int& pauses)
      : act_(std::move(script)),
        keeps_(std::move(keeps)),
        timer_(executor),
        last_at_(clock::now()),
        open_(open_count),
        waits_(waits),
        pauses_(pauses) {
    head_.status = act_.status;
    head_.content_type = act_.content_type;
    head_.coding = act_.coding;
    head_.location = act_.location;
    head_.retry_after = act_.retry_after;
    ++open_;
  }
  ~connection() override { --open_; }

  const session::stream_head& head() const noexcept override { return head_; }

  std::string_view next_piece() noexcept override { return std::exchange(piece_, std::string_view()); }
  bool complete() const noexcept override { return complete_; }

  bool try_receive(bool after_pause) noexcept override {
    if (after_pause && act_.flowing) ++pauses_;
    if (!act_.at_hand && !(act_.flowing && after_pause)) return false;
    if (take_part()) return true;
    if (due() && *due() > clock::now()) return false;
    return take_due() || complete_;
  }
  bool flowing() const noexcept override { return act_.flowing; }

  asio::awaitable<void> receive() override {
    ++waits_;
    if (take_part()) co_return;
    const auto at = due();
    if (at && *at > clock::now()) {
      timer_.expires_at(*at);
      co_await timer_.async_wait(asio::use_awaitable);
    }
    if (take_due()) co_return;
    if (complete_) co_return;
    if (std::exchange(failed_, true)) throw system_error(wf::net::error::closed);  // as a real one
    if (act_.ending == finish::truncated) throw system_error(asio::error::eof);
    throw system_error(asio::error::connection_reset);
  }

 private:
  act act_;
  std::shared_ptr<const void> keeps_;
  session::stream_head head_;
  asio::steady_timer timer_;
  clock::time_point last_at_;  // when something came last
  std::size_t at_ = 0;
  std::size_t tick_ = 0;
  std::string_view piece_;
  bool complete_ = false;
  bool failed_ = false;
  int& open_;
  int& waits_;
  int& pauses_;

  bool take_part() {
    piece_ = std::string_view(act_.body).substr(at_, act_.chunk);
    at_ += piece_.size();
    return !piece_.empty();
  }

  // When something happens next; none: it has happened.
  std::optional<clock::time_point> due() const {
    if (tick_ < act_.ticks.size()) return last_at_ + act_.tick_interval;
    if (act_.ending == finish::open) return clock::time_point::max();
    if (act_.ending == finish::comments || act_.ending == finish::reset_later)
      return last_at_ + act_.comment_interval;
    if (act_.lasts.count() > 0) return last_at_ + act_.lasts;
    return std::nullopt;
  }

  // What was due. False: it was the end.
  bool take_due() {
    const auto at = due();
    if (tick_ < act_.ticks.size()) {
      piece_ = act_.ticks[tick_++];
    } else if (act_.ending == finish::comments) {
      piece_ = ": nothing new\n\n";
    } else {
      complete_ = act_.ending == finish::clean;
      return false;
    }
    last_at_ = *at;
    return true;
  }
};

}  // namespace scripted
