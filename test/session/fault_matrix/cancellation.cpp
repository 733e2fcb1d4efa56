// Cancels each operation after each number of steps that its client's io_context can have
// run: whatever it waits for then, it ends, leaves nothing behind, and the pool goes on.
// Once from outside the loop, so that what is ready then comes first; and in the turn in
// which a wait has ended, ahead of what goes on because of that, with and without strands.
#include "session/fault_matrix/world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/test/unit_test.hpp>

#include <iostream>
#include <optional>

namespace fault_matrix {
namespace {

using namespace std::chrono_literals;
using wf::server_action;

constexpr auto hangs = 30s;
constexpr int most_steps = 500;

// Without optimisation one of four in the same turn: it takes seconds.
#ifdef NDEBUG
constexpr bool some_only = false;
#else
constexpr bool some_only = true;
#endif

enum class from { outside, the_same_turn, the_same_turn_without_strands };

std::string_view name_of(from where) {
  if (where == from::outside) return "from outside";
  return where == from::the_same_turn ? "in the same turn" : "in the same turn, without strands";
}

std::string_view name_of(asio::cancellation_type type) {
  if (type == asio::cancellation_type::terminal) return "terminal";
  return type == asio::cancellation_type::partial ? "partial" : "total";
}

asio::awaitable<void> cancellable(const operation* op, apis to, subject what) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await op->call(to, what);
}

class sweep {
 public:
  explicit sweep(from where) : from_(where) {
    run([this]() -> asio::awaitable<void> { shared_ = co_await world_.prepare(apis(client("none"))); });
  }

  /// How often the operation was cancelled; the last of its cases ended before it could be. Not before its
  /// coroutine has begun: Asio would meet that by itself, and what comes of it differs between its releases.
  int over(const operation& op, asio::cancellation_type type) {
    for (int steps = 1; steps < most_steps; ++steps)
      if (!cancelled_after(steps, op, type)) return steps - 1;
    BOOST_ERROR(std::string(op.name) << " never ends");
    return most_steps;
  }

  /// What a total or a partial cancellation ended may not have reached the server, also not later.
  void nothing_came_late() {
    world_.server.stop();
    for (const auto& [number, op] : unseen_)
      BOOST_TEST(world_.seen.of(number, op).asked == 0, number << ": " << op << " was seen by the server");
  }

 private:
  using handle_ptr = std::shared_ptr<const wf::session::client_handle>;

  const from from_;
  world world_;
  subject shared_;
  asio::io_context io_;
  int numbered_ = 0;
  std::vector<std::pair<std::string, std::string_view>> unseen_;

  handle_ptr client(const std::string& number) {
    wf::client_options options = world_.options(number);
    options.single_threaded = from_ == from::the_same_turn_without_strands;
    auto state = std::make_shared<wf::session::client_state>(io_.get_executor(), std::move(options));
    return std::make_shared<const wf::session::client_handle>(std::move(state));
  }

  void run(std::function<asio::awaitable<void>()> body) {
    std::exception_ptr problem;
    asio::co_spawn(io_, body(), [&](std::exception_ptr thrown) { problem = std::move(thrown); });
    finish();
    if (problem) std::rethrow_exception(problem);
  }

  // An io_context without work: nobody waits for anything any more.
  void finish() {
    io_.restart();
    io_.run_for(hangs);
    BOOST_REQUIRE(io_.stopped());
  }

  // The first request is answered 503, so that a back-off, and for
  // some a look, comes in between. False: it had ended by itself.
  bool cancelled_after(int steps, const operation& op, asio::cancellation_type type) {
    const std::string number = std::to_string(++numbered_);
    subject what = shared_;
    if (op.prepare)
      run([&]() -> asio::awaitable<void> { what.own = co_await op.prepare(apis(client("none")), shared_); });
    auto unavailable =
        world_.server.faults().add(wf::testing::fault()
                                       .on(std::string(op.name))
                                       .when([number](const wf::testing::seen_request& request) {
                                         return record::case_of(request) == number;
                                       })
                                       .answer(503));

    const handle_ptr handle = client(number);
    asio::cancellation_signal stop;
    std::optional<std::exception_ptr> outcome;
    const auto ended = [&](std::exception_ptr problem) { outcome = std::move(problem); };
    asio::co_spawn(io_, cancellable(&op, apis(handle), what),
                   asio::bind_cancellation_slot(stop.slot(), ended));
    bool in_time = false;
    const auto cancel = [&] {
      for (int i = 0; i < steps && !outcome; ++i) BOOST_REQUIRE(io_.run_one_for(hangs) == 1u);
      in_time = !outcome;
      if (in_time) stop.emit(type);
    };
    io_.restart();
    if (from_ == from::outside)
      cancel();
    else  // a handler goes on at once with what it cancels
      asio::post(io_, cancel);
    finish();
    unavailable.remove();
    BOOST_TEST_CONTEXT(op.name << ' ' << op.variant << ", " << name_of(type) << " after " << steps
                               << " steps, " << name_of(from_)) {
      BOOST_REQUIRE(outcome.has_value());
      judge(*outcome, op, type, number);
      pool_is_intact(handle, op);
    }
    return in_time;
  }

  void judge(const std::exception_ptr& problem, const operation& op, asio::cancellation_type type,
             const std::string& number) {
    if (!problem) return;
    try {
      std::rethrow_exception(problem);
    } catch (const wf::cancelled_error& e) {
      BOOST_TEST((e.code() == asio::error::operation_aborted));
      if (op.repeat == kind::stream) return;  // reading on costs nothing, so that any cancellation may end it
      if (type == asio::cancellation_type::total) {
        BOOST_TEST((e.server_may_have_acted() == server_action::no));
        unseen_.emplace_back(number, op.name);
      }
      if (e.server_may_have_acted() == server_action::no && world_.seen.of(number, op.name).done > 0)
        BOOST_ERROR("the server has acted, and the error says that it has not");
    } catch (const wf::api_error& e) {
      // The 503 itself, for what may not be repeated.
      BOOST_TEST(e.status() == 503);
      BOOST_TEST((op.repeat == kind::once));
    }
  }

  void pool_is_intact(const handle_ptr& handle, const operation& op) {
    BOOST_TEST(handle->state->pool().stats().in_use == 0);
    // Not the operation itself, whose requests are counted.
    const bool same = op.name == "workers.whoami";
    run([handle, same]() -> asio::awaitable<void> {
      const apis to(handle);
      if (same)
        co_await to.workflows.get("gate");
      else
        co_await to.workers.whoami();
    });
    BOOST_TEST(handle->state->pool().stats().in_use == 0);
    BOOST_TEST(handle->state->pool().stats().waiting == 0);
  }
};

}  // namespace
}  // namespace fault_matrix

// A ctest entry of its own, see CMakeLists.txt.
BOOST_AUTO_TEST_SUITE(cancellation, *boost::unit_test::disabled())

BOOST_AUTO_TEST_CASE(at_every_suspension_point_ends_every_operation_and_leaves_the_pool_intact) {
  using asio = boost::asio::cancellation_type;
  using fault_matrix::from;
  for (const auto where : {from::outside, from::the_same_turn, from::the_same_turn_without_strands}) {
    fault_matrix::sweep sweep(where);
    int cancellations = 0;
    std::size_t turn = 0;
    for (const auto& op : fault_matrix::all_operations()) {
      for (const auto type : {asio::terminal, asio::partial, asio::total}) {
        if (where != from::outside && fault_matrix::some_only && turn++ % 4 != 0) continue;
        const int points = sweep.over(op, type);
        // What is there by the time that a handler looks takes no step
        // of its own, and without strands one does the work of two.
        BOOST_TEST(points > (where == from::outside ? 5 : 2),
                   op.name << " was cancelled at " << points << " points only");
        cancellations += points;
      }
    }
    sweep.nothing_came_late();
    std::cout << "cancellation sweep, " << fault_matrix::name_of(where) << ": " << cancellations
              << " cancellations" << std::endl;
  }
}

BOOST_AUTO_TEST_SUITE_END()
