// A stream's surroundings that follow a script: each request is answered by the next act, each look at the execution
// by the next status. No socket and no clock.
#pragma once

#include "session/follow/recorded_stream.hpp"
#include "session/follow/stream.hpp"

#include <mistral/workflows/event_stream.hpp>

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scripted {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
namespace protocol = mistral::workflows::protocol;
namespace session = mistral::workflows::session;

using boost::system::system_error;

enum class finish { clean, reset, truncated, open, comments };

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

  int status = 200;
  std::string content_type = "text/event-stream; charset=utf-8";
  std::optional<std::chrono::milliseconds> retry_after;
  std::string body;
  std::size_t chunk = 1460;
  finish ending = finish::clean;
  std::chrono::milliseconds comment_interval{1};
  bool flowing = false;  ///< a part is there after each pause, and none before
  bool at_hand = false;  ///< all of it, and how it ends, is there before anybody waits
};

class connection final : public session::stream_connection {
 public:
  connection(act script, asio::any_io_executor executor, int& open_count, int& waits)
      : act_(std::move(script)), timer_(executor), open_(open_count), waits_(waits) {
    head_.status = act_.status;
    head_.content_type = act_.content_type;
    head_.retry_after = act_.retry_after;
    ++open_;
  }
  ~connection() override { --open_; }

  const session::stream_head& head() const noexcept override { return head_; }

  std::string_view next_piece() noexcept override { return std::exchange(piece_, std::string_view()); }
  bool complete() const noexcept override { return complete_; }

  bool try_receive(bool after_pause) noexcept override {
    if (!act_.at_hand && !(act_.flowing && after_pause)) return false;
    return take_part() || (complete_ = act_.ending == finish::clean);
  }
  bool flowing() const noexcept override { return act_.flowing; }

  asio::awaitable<void> receive() override {
    ++waits_;
    if (take_part()) co_return;
    switch (act_.ending) {
      case finish::clean:
        complete_ = true;
        co_return;
      case finish::reset:
        throw system_error(asio::error::connection_reset);
      case finish::truncated:
        throw system_error(asio::error::eof);
      case finish::comments:
        timer_.expires_after(act_.comment_interval);
        co_await timer_.async_wait(asio::use_awaitable);
        piece_ = ": nothing new\n\n";
        co_return;
      case finish::open:
        break;
    }
    timer_.expires_at(asio::steady_timer::time_point::max());
    co_await timer_.async_wait(asio::use_awaitable);
  }

 private:
  act act_;
  session::stream_head head_;
  asio::steady_timer timer_;
  std::size_t at_ = 0;
  std::string_view piece_;
  bool complete_ = false;
  int& open_;
  int& waits_;

  bool take_part() {
    piece_ = std::string_view(act_.body).substr(at_, act_.chunk);
    at_ += piece_.size();
    return !piece_.empty();
  }
};

class host final : public session::stream_host {
 public:
  explicit host(asio::io_context& context) : executor_(asio::make_strand(context)) {}

  // The script
  std::function<act(const std::string& target, int number)> answer;  ///< number: 1 for the first request
  std::function<protocol::status_facts(const std::string& execution_id, int number)> look;
  std::string execution_of_run;
  bool renewable = false;

  // What happened
  std::vector<std::string> targets;
  std::vector<std::string> last_event_ids;  ///< of the header
  int looks = 0;
  int renewals = 0;
  int open_connections = 0;
  int waits = 0;  ///< for more of an answer

  asio::any_io_executor executor() override { return executor_; }

  asio::awaitable<std::unique_ptr<session::stream_connection>> open(protocol::request request) override {
    targets.push_back(request.target());
    last_event_ids.emplace_back();
    for (const auto& [name, value] : request.headers())
      if (name == "Last-Event-ID") last_event_ids.back() = value;
    act next = answer(request.target(), static_cast<int>(targets.size()));
    if (next.status == 0) throw system_error(asio::error::connection_refused);
    co_return std::make_unique<connection>(std::move(next), executor_, open_connections, waits);
  }

  asio::awaitable<protocol::status_facts> status(std::string execution_id) override {
    co_return look(execution_id, ++looks);
  }
  asio::awaitable<std::string> execution_of(std::string) override { co_return execution_of_run; }
  bool renew_key() override {
    ++renewals;
    return renewable;
  }
  double random01() override { return 0.999; }

 private:
  asio::any_io_executor executor_;
};

inline protocol::status_facts ended(const std::string& run = recorded::run) {
  protocol::status_facts status;
  status.known = status.terminal = true;
  status.run_id = run;
  return status;
}

inline protocol::status_facts running(const std::string& run = recorded::run) {
  protocol::status_facts status;
  status.known = true;
  status.run_id = run;
  return status;
}

/// The value of `last_event_id` in a target; 0 without one.
inline std::int64_t cursor_in(const std::string& target) {
  const std::string name = "last_event_id=";
  const auto at = target.find(name);
  return at == std::string::npos ? 0 : std::stoll(target.substr(at + name.size()));
}

inline std::string joined(const std::vector<std::string>& frames, std::size_t from = 0,
                          std::size_t to = std::string::npos) {
  std::string out;
  for (std::size_t i = from; i < std::min(to, frames.size()); ++i) out += frames[i];
  return out;
}

/// Limits so short that a test need not wait for them.
inline wf::stream_options quick() {
  wf::stream_options options;
  options.idle_limit = std::chrono::milliseconds(40);
  options.status_check = std::chrono::milliseconds(20);
  options.drain_time = std::chrono::milliseconds(10);
  options.initial_backoff = std::chrono::milliseconds(1);
  options.max_backoff = std::chrono::milliseconds(2);
  options.reconnect_budget = std::chrono::milliseconds(5'000);
  return options;
}

inline session::stream_description execution_stream(const std::string& id = recorded::execution) {
  session::stream_description description;
  description.request = [](const std::string& execution_id) {
    protocol::request request(protocol::operation::executions_stream);
    request.segment("execution_id", execution_id);
    return request;
  };
  description.execution_id = id;
  return description;
}

inline session::stream_description all_events() {
  session::stream_description description;
  description.request = [](const std::string&) { return protocol::request(protocol::operation::events_stream); };
  description.cursor_in = session::stream_description::cursor_place::header;
  description.resume = protocol::resume_by::last_event_id_or_start;
  description.filtered = false;
  return description;
}

inline wf::event_stream open(std::shared_ptr<host> surroundings, wf::stream_options options = quick(),
                             session::stream_description description = execution_stream()) {
  return wf::event_stream(std::make_shared<session::stream_session<wf::stream_event>>(
      std::move(surroundings), std::move(description), std::move(options)));
}

/// Runs a coroutine to its end on this thread, and returns what is left to do to none; what it throws comes out.
inline void run(asio::io_context& context, asio::awaitable<void> story) {
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(story), [&](std::exception_ptr e) { failure = e; });
  context.run();
  context.restart();
  if (failure) std::rethrow_exception(failure);
}

/// The sequences of all events up to the end of the stream.
inline asio::awaitable<std::vector<std::int64_t>> read_all(wf::event_stream& events) {
  std::vector<std::int64_t> out;
  while (auto event = co_await events.next()) out.push_back(event->broker_sequence);
  co_return out;
}

inline std::vector<std::int64_t> numbers(std::int64_t from, std::int64_t to) {
  std::vector<std::int64_t> out;
  for (auto n = from; n <= to; ++n) out.push_back(n);
  return out;
}

}  // namespace scripted
