// A stream over a scripted host on a clock that jumps: hours
// pass in milliseconds, and what happened when is exact.
#pragma once

#include "session/follow/scripted_host.hpp"
#include "session/simulation/virtual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scripted {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

/// One that was made by a server which has these events, and goes on after the cursor that it is asked for.
inline std::string events_after(const std::string& target, std::int64_t last) {
  std::string text;
  for (auto n = cursor_in(target) + 1; n <= last; ++n) text += recorded::progress(n);
  return text;
}

struct story {
  asio::io_context io;
  std::shared_ptr<host> server = std::make_shared<host>(io);
  wf::stream_options options;  ///< as users have them, but for the idle limit, which a client gives
  simulation::time_point began = simulation::now();

  std::vector<std::int64_t> got;
  std::vector<wf::stream_disconnect> left;
  int connected = 0;

  story() {
    options.idle_limit = 60s;
    options.hooks.connected = [this] { ++connected; };
    options.hooks.resumed = [this](const std::string&) { ++connected; };
    options.hooks.disconnected = [this](const wf::stream_disconnect& why) { left.push_back(why); };
    server->look = [](const std::string&, int) { return running(); };
  }

  milliseconds passed() const { return since(began); }
  static milliseconds since(simulation::time_point when) {
    return std::chrono::duration_cast<milliseconds>(simulation::now() - when);
  }

  /// Until it has ended; what it throws comes out.
  void run(asio::awaitable<void> tale) {
    std::exception_ptr failure;
    bool ended = false;
    asio::co_spawn(io, std::move(tale), [&](std::exception_ptr thrown) {
      failure = std::move(thrown);
      ended = true;
    });
    BOOST_REQUIRE(simulation::run_until(io, [&] { return ended || passed() > 100h; }));
    BOOST_REQUIRE(ended);
    if (failure) std::rethrow_exception(failure);
  }

  asio::awaitable<void> pause(milliseconds time) {
    asio::steady_timer timer(io, time);
    co_await timer.async_wait(asio::use_awaitable);
  }

  wf::event_stream stream(session::stream_description description = execution_stream()) {
    return open(server, options, std::move(description));
  }

  /// To the end of the stream.
  template <class Stream>
  asio::awaitable<void> read(Stream& events) {
    while (auto event = co_await events.next()) note(*event);
  }
  /// For so long.
  template <class Stream>
  asio::awaitable<void> read_for(Stream& events, milliseconds time) {
    const auto until = simulation::now() + time;
    while (!events.ended() && simulation::now() < until) {
      const auto left_over = std::chrono::ceil<milliseconds>(until - simulation::now());
      if (auto event = co_await events.next_for(left_over)) note(*event);
    }
  }
  void note(const wf::stream_event& event) { got.push_back(event.broker_sequence); }
  void note(const wf::log_record&) { got.push_back(0); }

  /// Reads a new stream to its end.
  void read_all(session::stream_description description = execution_stream()) {
    auto events = stream(std::move(description));
    run(read(events));
    BOOST_TEST(events.ended());
    BOOST_TEST(server->open_connections == 0);
  }

  template <class Error>
  Error error_of(asio::awaitable<void> tale) {
    try {
      run(std::move(tale));
    } catch (const Error& e) {
      return e;
    }
    BOOST_FAIL("nothing was thrown");
    throw 0;
  }

  /// How many requests for the stream came in the first so many.
  std::size_t opened_within(milliseconds time) const { return count(server->opened_at, time); }
  std::size_t looked_within(milliseconds time) const { return count(server->looked_at, time); }
  std::size_t count(const std::vector<simulation::time_point>& all, milliseconds time) const {
    std::size_t out = 0;
    for (const auto& at : all) out += at - began <= time ? 1U : 0U;
    return out;
  }
};

/// Events of an execution that is not the recorded one.
inline std::string continued_as(std::int64_t sequence, const std::string& next_run,
                                const std::string& run = "r1",
                                const std::string& execution = recorded::execution) {
  return recorded::frame(sequence, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
                         R"({"task_id":"t","new_execution_run_id":")" + next_run +
                             R"(","workflow_name":"w","input":{"type":"json","value":null}})",
                         execution, run);
}

inline std::string without_id(const std::string& frame) { return frame.substr(frame.find('\n') + 1); }

inline std::string error_event(const std::string& error, const std::string& reason) {
  return "event: error\ndata: {\"error\":\"" + error + "\",\"reason\":\"" + reason + "\"}\n\n";
}

}  // namespace scripted
