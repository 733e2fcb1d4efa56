// Calls that end in the same turn of the loop in which a wait
// of theirs ends: nothing of a request leaves after that.
// 100,000 of them, 3,000 without optimisation; SAME_TURN_ENDS in the environment says another number.
#include "session/call/turn_host.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <iostream>
#include <optional>
#include <thread>

using namespace mistral::workflows;
using namespace std::chrono_literals;
namespace asio = boost::asio;
using clock_type = std::chrono::steady_clock;

namespace turns {
namespace {

enum class wait { lease, turn, key, connection, back_off };
enum class runs { on_the_context, call_on_a_strand, caller_on_a_strand_too };
/// Where the end comes from: ahead of the handlers that wait
/// to be run, from behind them, or from what ends the wait.
enum class place { ahead, behind, within };
enum class how { total, partial, terminal, closed, deadline };

constexpr auto short_deadline = 3ms;

const char* name_of(wait what) {
  constexpr const char* names[] = {"lease", "turn", "key", "connection", "back-off"};
  return names[static_cast<int>(what)];
}

std::uint64_t wanted_ends() {
#ifdef NDEBUG
  constexpr std::uint64_t usual = 100'000;
#else
  constexpr std::uint64_t usual = 3'000;
#endif
  const char* const given = std::getenv("SAME_TURN_ENDS");
  return given ? std::strtoull(given, nullptr, 0) : usual;
}

struct scene {
  scene(wait on, runs where, place from, how type)
      : waits(on), runs_in(where), comes_from(from), ends(type) {}

  wait waits;
  runs runs_in;
  place comes_from;
  how ends;
};

asio::awaitable<void> signal_mine(executions_api executions) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await executions.signal("mine", signal_request("go"));
}

/// One call that is ended so many handlers after its wait was.
class round {
 public:
  explicit round(scene what) : is_(what), caller_(io_.get_executor()) {
    if (is_.runs_in == runs::caller_on_a_strand_too) caller_ = asio::make_strand(io_);
    client_options options = make_options();
    handle_ = std::make_shared<const session::client_handle>(
        session::client_state::over(io_.get_executor(), std::move(options), server_.connector()));
  }

  /// Whether it came to the end before the call had sent all it has to send.
  bool run(int steps) {
    begin();
    step_all();
    late_ = clock_type::now() + short_deadline;
    // Steps within a handler, so that what it does then is done ahead of all that waits.
    asio::post(caller_, [this, steps] {
      end_wait();
      for (int i = 0; i < steps && !outcome_; ++i) io_.poll_one();
      if (is_.comes_from == place::ahead) end_call();
      if (is_.comes_from == place::behind) asio::post(caller_, [this] { end_call(); });
    });
    step();
    finish();
    if (!ended_at_) return false;
    judge();
    return *ended_at_ == first_request_;
  }

 private:
  const scene is_;
  asio::io_context io_;
  host server_;
  asio::any_io_executor caller_;
  std::shared_ptr<const session::client_handle> handle_;
  asio::cancellation_signal stop_;
  asio::steady_timer first_{io_, clock_type::time_point::min()};
  std::shared_ptr<net::gate> let_on_ = std::make_shared<net::gate>();
  clock_type::time_point late_;
  std::size_t first_request_ = 0;        // what had left before the wait
  std::optional<std::size_t> ended_at_;  // what had left when the call was ended
  std::optional<std::exception_ptr> outcome_;

  client_options make_options() {
    client_options options;
    options.server_url = "http://localhost";
    options.single_threaded = is_.runs_in == runs::on_the_context;
    options.retry.initial_backoff = options.retry.max_backoff = 1ms;
    if (is_.waits == wait::lease) options.max_connections = 1;
    if (is_.waits == wait::turn) options.rate.max_in_flight = 1;
    if (is_.waits == wait::connection) server_.before_connecting = [this] { return held_back(); };
    server_.refuses_first = is_.waits == wait::back_off;
    if (is_.waits == wait::key)
      options.api_key_supplier = [this] { return supply(); };
    else
      options.api_key = "secret-key";
    return options;
  }

  asio::awaitable<void> held_back() {
    co_await let_on_->async_wait(asio::use_awaitable);
    if (is_.comes_from == place::within) end_call();
  }
  asio::awaitable<std::string> supply() {
    co_await held_back();
    co_return "secret-key";
  }

  void begin() {
    if (is_.waits == wait::lease || is_.waits == wait::turn) {
      const auto other_ended = [this](std::exception_ptr problem, const signal_answer&) {
        if (is_.ends != how::closed) BOOST_TEST(!problem);
        if (is_.comes_from == place::within) end_call();
      };
      asio::co_spawn(caller_, executions_api(handle_).signal("other", signal_request("go")), other_ended);
      step_all();
      BOOST_REQUIRE(server_.other_waits());
    }
    auto settings = std::make_shared<call_options>();
    if (is_.ends == how::deadline) settings->deadline = short_deadline;
    const auto mine = std::make_shared<const session::client_handle>(handle_->state, std::move(settings));
    asio::co_spawn(caller_, signal_mine(executions_api(mine)),
                   asio::bind_cancellation_slot(
                       stop_.slot(), [this](std::exception_ptr problem) { outcome_ = std::move(problem); }));
  }

  void end_wait() {
    first_request_ = server_.mine;
    server_.answer_other();
    let_on_->open();
    if (is_.waits != wait::back_off) return;
    // In one turn of the loop with the back-off, and before it.
    if (is_.comes_from == place::within) first_.async_wait([this](boost::system::error_code) { end_call(); });
    // The back-off is over in this turn: the loop must not run until it is, so only time can pass.
    std::this_thread::sleep_until(clock_type::now() + 1ms);
  }

  void end_call() {
    if (outcome_ || ended_at_) return;
    ended_at_ = server_.mine;
    switch (is_.ends) {
      case how::total:
        return stop_.emit(asio::cancellation_type::total);
      case how::partial:
        return stop_.emit(asio::cancellation_type::partial);
      case how::terminal:
        return stop_.emit(asio::cancellation_type::terminal);
      case how::closed:
        return handle_->state->live().end_calls();
      case how::deadline:  // passes within the handler, as above
        return std::this_thread::sleep_until(late_);
    }
  }

  bool step() {
    io_.restart();
    return io_.poll_one() > 0;
  }
  void step_all() {
    while (step()) {
    }
  }
  void finish() {
    while (!outcome_) {
      io_.restart();
      BOOST_REQUIRE(io_.run_one_for(20s) == 1u);
    }
    server_.answer_other();
    step_all();
  }

  void judge() {
    BOOST_TEST_CONTEXT(name_of(is_.waits)
                       << ", runs " << static_cast<int>(is_.runs_in) << ", from "
                       << static_cast<int>(is_.comes_from) << ", ends " << static_cast<int>(is_.ends)) {
      BOOST_TEST(server_.mine == *ended_at_, "bytes of a request left after the end");
      BOOST_TEST(handle_->state->pool().stats().in_use == 0);
      const bool nothing_left = *ended_at_ == first_request_;
      BOOST_TEST((nothing_left || is_.comes_from != place::within),
                 "the call went on before who ended its wait was told");
      if (!*outcome_) {
        BOOST_TEST(!nothing_left, "a call that was ended was answered");
        return;
      }
      try {
        std::rethrow_exception(*outcome_);
      } catch (const error& e) {
        if (nothing_left || is_.ends == how::total)
          BOOST_TEST((e.server_may_have_acted() == server_action::no));
      }
    }
  }
};

/// Each scene at each step at which its call can still be ended, again and again. How many ends there were.
std::uint64_t end_calls(std::uint64_t most) {
  std::uint64_t ends = 0;
  for (int pass = 0; ends < most; ++pass) {
    for (const auto waits : {wait::lease, wait::turn, wait::key, wait::connection, wait::back_off})
      for (const auto in : {runs::on_the_context, runs::call_on_a_strand, runs::caller_on_a_strand_too})
        for (const auto from : {place::ahead, place::behind, place::within})
          for (const auto type : {how::total, how::partial, how::terminal, how::closed, how::deadline}) {
            if (type == how::deadline && pass % 16 != 0) continue;  // each takes its time
            for (int steps = 0; round(scene(waits, in, from, type)).run(steps); ++steps) {
              ++ends;
              if (from == place::within) break;
            }
          }
  }
  return ends;
}

}  // namespace
}  // namespace turns

BOOST_AUTO_TEST_SUITE(same_turn)

BOOST_AUTO_TEST_CASE(a_call_that_ends_in_the_turn_in_which_its_wait_ends_sends_nothing) {
  const std::uint64_t ends = turns::end_calls(turns::wanted_ends());
  std::cout << "same turn: " << ends << " calls ended" << std::endl;
}

BOOST_AUTO_TEST_CASE(
    of_two_calls_of_which_one_is_enough_the_second_sends_nothing_over_the_firsts_connection) {
  using namespace asio::experimental::awaitable_operators;
  for (const bool single_threaded : {true, false})
    for (const bool on_a_strand : {true, false}) {
      asio::io_context io;
      turns::host server;
      client_options options;
      options.server_url = "http://localhost";
      options.api_key = "secret-key";
      options.single_threaded = single_threaded;
      options.max_connections = 1;
      const executions_api executions(std::make_shared<const session::client_handle>(
          session::client_state::over(io.get_executor(), std::move(options), server.connector())));
      const auto either = [&]() -> asio::awaitable<void> {
        auto first = executions.signal("other", signal_request("go"));
        auto second = executions.signal("mine", signal_request("go"));
        const auto came = co_await (std::move(first) || std::move(second));
        BOOST_TEST(came.index() == 0u);
      };
      asio::any_io_executor caller = io.get_executor();
      if (on_a_strand) caller = asio::make_strand(io);
      const std::uint64_t rounds = turns::wanted_ends() / 40;
      for (std::uint64_t i = 0; i < rounds; ++i) {
        bool ended = false;
        asio::co_spawn(caller, either(), [&](std::exception_ptr problem) {
          BOOST_TEST(!problem);
          ended = true;
        });
        while (!server.other_waits()) {
          io.restart();
          BOOST_REQUIRE(io.poll_one() == 1u);
        }
        io.restart();
        io.poll();
        server.answer_other();
        io.restart();
        io.poll();
        BOOST_REQUIRE(ended);
        BOOST_REQUIRE(server.mine == 0u);
      }
    }
}

BOOST_AUTO_TEST_SUITE_END()
