// One scripted exchange, run again with each of its steps
// failing, once with an error and once with a cancellation.
#include "net/channel/memory_channel.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/post.hpp>

#include <memory>

using namespace test;

namespace {

const std::string request = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody";
const std::string answer =
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
    "chunked\r\n\r\n5\r\nhello\r\n6\r\n "
    "world\r\n0\r\n\r\n";

enum class fault { none, error, cancellation };

/// Which step is to go wrong, and how; counts them.
struct plan {
  plan() = default;
  fault how = fault::none;
  int at = -1;
  int steps = 0;
  std::function<void()> cancel;

  bool now() { return how != fault::none && steps++ == at; }
};

/// Moves a few bytes at a time, and does what the plan says
/// at the planned step. The server answers the whole request.
class faulty_channel final : public net::channel {
 public:
  faulty_channel(std::unique_ptr<net::memory_channel> bytes, net::memory_channel& server, plan& what)
      : channel(nullptr), bytes_(std::move(bytes)), server_(server), plan_(what) {}

  net::io_result try_read(std::span<char> into) noexcept override {
    if (plan_.now()) return wrong(net::io_result::what::want_read);
    return bytes_->try_read(into.first(std::min<std::size_t>(into.size(), 9)));
  }
  net::io_result try_write(std::string_view from) noexcept override {
    if (plan_.now()) return wrong(net::io_result::what::want_write);
    const auto moved = bytes_->try_write(from.substr(0, 9));
    if (moved.bytes == from.size()) server_.try_write(answer);
    return moved;
  }
  bool worth_reading() const noexcept override { return true; }
  bool alive() noexcept override { return bytes_->alive(); }

 private:
  std::unique_ptr<net::memory_channel> bytes_;
  net::memory_channel& server_;
  plan& plan_;

  net::io_result wrong(net::io_result::what blocked) {
    if (plan_.how == fault::error) return net::io_result(asio::error::connection_reset, "reset");
    plan_.cancel();
    return net::io_result(blocked);
  }
  std::shared_ptr<net::gate> readiness_gate(net::readiness) override { return std::make_shared<net::gate>(); }
};

struct scene {
  explicit scene(plan& what) : script(what) {
    net::pool_options options(net::origin(true, "localhost", 443));
    options.call_connections = 1;
    options.connect = [this]() -> asio::awaitable<std::unique_ptr<net::channel>> {
      if (script.now()) {
        if (script.how == fault::error) throw net::failure(asio::error::connection_refused, "refused");
        script.cancel();
        const auto never = std::make_shared<net::gate>();
        co_await never->async_wait(net::plain);
      }
      auto ends = net::memory_channel::make_pair();
      server = std::move(ends.second);
      co_return std::make_unique<faulty_channel>(std::move(ends.first), *server, script);
    };
    pool.emplace(io.get_executor(), options);
  }

  /// The body, or what it ended with.
  boost::system::error_code exchange_once(std::string& body) {
    boost::system::error_code result;
    asio::cancellation_signal signal;
    const auto strand = asio::make_strand(io);
    script.cancel = [&] { asio::post(strand, [&] { signal.emit(asio::cancellation_type::terminal); }); };
    auto whole = [&]() -> asio::awaitable<void> {
      net::lease lease = co_await pool->acquire(net::kind::call, record);
      co_await lease.send(request);
      co_await lease.read_head();
      co_await lease.read_body(body);
    };
    asio::co_spawn(strand, whole, asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown) {
                     try {
                       if (thrown) std::rethrow_exception(thrown);
                     } catch (const boost::system::system_error& problem) {
                       result = problem.code();
                     }
                   }));
    io.restart();
    io.run();
    return result;
  }

  plan& script;
  asio::io_context io;
  std::unique_ptr<net::memory_channel> server;
  net::progress record;
  std::optional<net::pool> pool;
};

int steps_of_a_whole_exchange() {
  plan counting;
  counting.how = fault::error;  // counts, but has no step to fail at
  scene stage(counting);
  std::string body;
  BOOST_TEST(!stage.exchange_once(body));
  BOOST_TEST(body == "hello world");
  BOOST_TEST(stage.pool->stats().idle == 1);
  return counting.steps;
}

void fail_at_each_step(fault how, boost::system::error_code expected) {
  const int steps = steps_of_a_whole_exchange();
  BOOST_TEST(steps > 15);
  for (int at = 0; at < steps; ++at) {
    BOOST_TEST_CONTEXT("step " << at << " of " << steps) {
      plan script;
      script.how = how;
      script.at = at;
      scene stage(script);
      std::string body;
      const auto result = stage.exchange_once(body);
      BOOST_TEST((result == expected ||
                  (at == 0 && how == fault::error && result == asio::error::connection_refused)),
                 result.message());

      const auto stats = stage.pool->stats();
      BOOST_TEST(stats.in_use == 0);
      BOOST_TEST(stats.idle == 0);  // a half-done exchange costs the connection
      if (at <= 1 && how == fault::error) BOOST_TEST(!stage.record.request_may_have_left);
      BOOST_TEST(stage.record.request_may_have_left ==
                 (stage.record.bytes_sent > 0 || (at == 1 && how == fault::cancellation)));
      BOOST_TEST(stage.record.request_sent == (stage.record.bytes_sent == request.size()));
      BOOST_TEST(stage.record.answer_began == (stage.record.bytes_received > 0));
      if (stage.record.answer_began) BOOST_TEST(stage.record.request_sent);

      body.clear();
      const auto again = stage.exchange_once(body);
      BOOST_TEST(!again, again.message());  // the one place of this pool is free again
      BOOST_TEST(body == "hello world");
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(exchanges)

BOOST_AUTO_TEST_CASE(an_error_at_any_step_is_reported_and_leaves_the_pool_usable) {
  fail_at_each_step(fault::error, asio::error::connection_reset);
}

BOOST_AUTO_TEST_CASE(a_cancellation_at_any_step_ends_the_exchange_and_leaves_the_pool_usable) {
  fail_at_each_step(fault::cancellation, asio::error::operation_aborted);
}

BOOST_AUTO_TEST_SUITE_END()
