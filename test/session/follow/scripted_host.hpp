// A stream's surroundings that follow a script: each request is answered by the next act, each look
// at the execution by the next status. No socket, and no time passes but where the script says so.
#pragma once

#include "session/follow/recorded_stream.hpp"
#include "session/follow/scripted_connection.hpp"
#include "session/follow/stream.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/log_stream.hpp>
#include <mistral/workflows/model/execution.hpp>

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

class host : public session::stream_host, public std::enable_shared_from_this<host> {
 public:
  explicit host(asio::io_context& context) : executor_(asio::make_strand(context)) {}

  // The script
  std::function<act(const std::string& target, int number)> answer;  ///< number: 1 for the first request
  std::function<protocol::status_facts(const std::string& execution_id, int number)> look;
  std::string execution_of_run;  ///< empty: it cannot be found out
  std::function<protocol::run_facts(const std::string& run_id, int number)> find;  ///< in place of that
  bool renewable = false;
  std::chrono::milliseconds opening{0};  ///< how long it takes to connect, where the act does not say
  std::chrono::milliseconds looking{0};  ///< how long a GET takes

  // What happened
  std::vector<std::string> targets;
  std::vector<std::string> last_event_ids;                       ///< of the header
  std::vector<std::chrono::steady_clock::time_point> opened_at;  ///< when the requests came
  std::vector<std::chrono::steady_clock::time_point> looked_at;
  int looks = 0;
  int finds = 0;
  int renewals = 0;
  int open_connections = 0;
  int waits = 0;   ///< for more of an answer
  int pauses = 0;  ///< between two reads, that came to their end

  asio::any_io_executor executor() override { return executor_; }

  asio::awaitable<std::unique_ptr<session::stream_connection>> open(protocol::request request) override {
    targets.push_back(request.target());
    last_event_ids.emplace_back();
    for (const auto& [name, value] : request.headers())
      if (name == "Last-Event-ID") last_event_ids.back() = value;
    opened_at.push_back(std::chrono::steady_clock::now());
    act next = answer(request.target(), static_cast<int>(targets.size()));
    co_await pause(next.opening.count() > 0 ? next.opening : opening);
    if (next.status == 0) throw system_error(asio::error::connection_refused);
    auto keeps = weak_from_this().lock();
    co_return std::make_unique<connection>(std::move(next), executor_, std::move(keeps), open_connections,
                                           waits, pauses);
  }

  asio::awaitable<session::status_answer> status(std::string execution_id) override {
    looked_at.push_back(std::chrono::steady_clock::now());
    const int number = ++looks;
    co_await pause(looking);
    session::status_answer out;
    if (look) out.facts = look(execution_id, number);
    describe(execution_id, out);
    co_return out;
  }
  asio::awaitable<protocol::run_facts> execution_of(std::string run_id) override {
    const int number = ++finds;
    co_await pause(looking);
    if (find) co_return find(run_id, number);
    protocol::run_facts out;
    if (!execution_of_run.empty()) out.said = protocol::run_facts::answer::found;
    out.execution_id = execution_of_run;
    co_return out;
  }
  bool renew_key() override {
    ++renewals;
    return renewable;
  }
  double random01() override { return 0.999; }

 private:
  asio::any_io_executor executor_;

  asio::awaitable<void> pause(std::chrono::milliseconds time) {
    if (time.count() <= 0) co_return;
    asio::steady_timer under_way(executor_, time);
    co_await under_way.async_wait(asio::use_awaitable);
  }

  static void describe(const std::string& execution_id, session::status_answer& out) {
    using answer = protocol::status_facts::answer;
    const bool is_404 = out.facts.said == answer::missing || out.facts.said == answer::page;
    if (is_404 || out.facts.said == answer::refused) {
      wf::api_error_details details;
      details.status = is_404 ? 404 : 403;
      out.failure = std::make_exception_ptr(
          wf::api_error(std::move(details), wf::error_context("scripted", 1, wf::server_action::no)));
    }
    if (out.facts.said != answer::running && out.facts.said != answer::ended) return;
    auto state = std::make_shared<wf::execution>();
    state->execution_id = execution_id;
    state->run_id = out.facts.run_id;
    state->status = wf::open_enum<wf::execution_status>(status_of(out.facts.kind));
    out.state = std::move(state);
  }
  static wf::execution_status status_of(protocol::terminal_kind kind) {
    using enum protocol::terminal_kind;
    switch (kind) {
      case completed:
        return wf::execution_status::completed;
      case canceled:
        return wf::execution_status::canceled;
      case failed:
        return wf::execution_status::failed;
      case continued_as_new:
        return wf::execution_status::continued_as_new;
      case terminated:
        return wf::execution_status::terminated;
      case timed_out:
        return wf::execution_status::timed_out;
      case none:
        break;
    }
    return wf::execution_status::running;
  }
};

inline protocol::status_facts ended(const std::string& run = recorded::run,
                                    protocol::terminal_kind kind = protocol::terminal_kind::completed) {
  protocol::status_facts status;
  status.said = protocol::status_facts::answer::ended;
  status.kind = kind;
  status.run_id = run;
  return status;
}

inline protocol::status_facts terminated(const std::string& run = recorded::run) {
  return ended(run, protocol::terminal_kind::terminated);
}

inline protocol::status_facts running(const std::string& run = recorded::run) {
  protocol::status_facts status;
  status.said = protocol::status_facts::answer::running;
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
  options.missing_after = std::chrono::milliseconds(100);
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

inline session::stream_description execution_log(const std::string& id = recorded::execution) {
  auto description = execution_stream(id);
  description.request = [](const std::string& execution_id) {
    protocol::request request(protocol::operation::executions_stream_logs);
    request.segment("execution_id", execution_id);
    return request;
  };
  description.cursor_in = session::stream_description::cursor_place::header;
  description.owes_event = false;
  return description;
}

inline session::stream_description all_events() {
  session::stream_description description;
  description.request = [](const std::string&) {
    return protocol::request(protocol::operation::events_stream);
  };
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

/// Runs a coroutine to its end on this thread, and returns
/// what is left to do to none; what it throws comes out.
inline void run(asio::io_context& context, asio::awaitable<void> story) {
  std::exception_ptr failure;
  asio::co_spawn(context, std::move(story), [&](std::exception_ptr e) { failure = e; });
  context.restart();  // where it has run out of work before
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
