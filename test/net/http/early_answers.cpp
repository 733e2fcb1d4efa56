// An answer that comes before its request has been sent:
// over memory in fragments, and whole clients over loopback.
#include "net/channel/memory_channel.hpp"
#include "net/client_support.hpp"

#include <chrono>
#include <future>
#include <limits>

using namespace test;
using namespace std::chrono_literals;

namespace {

const std::string request =
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000\r\n\r\n" + std::string(4000, 'x');

/// Takes so many bytes; then the server has answered, and
/// nothing more can be written: never, or because it has gone.
class narrow_channel final : public net::channel {
 public:
  narrow_channel(std::string answer, std::size_t most_per_read, std::size_t room, bool goes)
      : channel(nullptr), answer_(std::move(answer)), room_(room), goes_(goes) {
    std::tie(bytes_, server_) = net::memory_channel::make_pair(most_per_read);
  }

  net::io_result try_read(std::span<char> into) noexcept override { return bytes_->try_read(into); }
  net::io_result try_write(std::string_view from) noexcept override {
    if (room_ > 0) {
      const auto moved = bytes_->try_write(from.substr(0, room_));
      room_ -= moved.bytes;
      return moved;
    }
    if (!answer_.empty()) server_->try_write(std::exchange(answer_, std::string()));
    if (!goes_) return net::io_result(net::io_result::what::want_write);
    server_.reset();
    return net::io_result(asio::error::broken_pipe, "the other end is gone");
  }
  bool worth_reading() const noexcept override { return bytes_->worth_reading(); }
  bool alive() noexcept override { return bytes_->alive(); }

 private:
  std::string answer_;
  std::size_t room_;
  bool goes_;
  std::unique_ptr<net::memory_channel> bytes_, server_;

  std::shared_ptr<net::gate> readiness_gate(net::readiness) override {
    auto ready = std::make_shared<net::gate>();
    ready->open();
    return ready;
  }
};

struct outcome {
  outcome() = default;
  int status = 0;
  std::string body;
  boost::system::error_code error;
  net::progress record;
};

outcome exchange_with(const std::string& answer, std::size_t fragment, std::size_t room, bool goes) {
  net::pool_options options(net::origin(true, "localhost", 443));
  options.connect = [&]() -> asio::awaitable<std::unique_ptr<net::channel>> {
    co_return std::make_unique<narrow_channel>(answer, fragment, room, goes);
  };
  asio::io_context io;
  net::pool pool(io.get_executor(), options);
  outcome out;
  run(io, [&]() -> asio::awaitable<void> {
    net::lease lease = co_await pool.acquire(net::kind::call, out.record);
    try {
      co_await lease.send(request);
      out.status = (co_await lease.read_head())->status();
      co_await lease.read_body(out.body);
    } catch (const net::failure& problem) {
      out.error = problem.code();
    }
    BOOST_TEST(!lease.reusable());
  });
  BOOST_TEST(pool.stats().idle == 0);
  BOOST_TEST(!out.record.request_sent);
  return out;
}

enum class ending { stays, half_closes, closes };

/// What became of a signal of 16 MB to a server that reads its head alone.
struct large_signal {
  large_signal() = default;
  int status = 0;  // 0: no answer came
  wf::server_action acted = wf::server_action::unknown;
  int connections = 0;
};

large_signal signal_16_mb(bool tls, int status, ending how) {
  std::promise<void> over;
  const std::shared_future<void> until_over = over.get_future().share();
  raw_server server(
      [&](peer& client) {
        client.read_head();
        client.write(answer(status, R"({"message":"done"})", "Content-Type: application/json\r\n"));
        if (how == ending::half_closes) client.goodbye();
        if (how != ending::closes) until_over.wait();
      },
      with_tls(tls));
  wf::client_options options = options_for(server, tls);
  options.call_deadline = 60s;
  asio::io_context io;
  const wf::client client(io, options);
  large_signal out;
  boost::json::object input;
  input["text"] = boost::json::string(16 * 1024 * 1024, 'x');
  try {
    run(io, [&]() -> asio::awaitable<void> {
      co_await client.executions().signal("e1", wf::signal_request("go", input));
    });
    out.status = status;
    out.acted = wf::server_action::yes;
  } catch (const wf::api_error& e) {
    out.status = e.status();
    out.acted = e.server_may_have_acted();
  } catch (const wf::transport_error& e) {
    out.acted = e.server_may_have_acted();
  }
  BOOST_TEST(client.stats().connections_idle == 0u);
  out.connections = server.connections();
  over.set_value();
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(early_answers)

BOOST_AUTO_TEST_CASE(an_answer_that_comes_before_the_request_has_been_sent_ends_the_sending) {
  const std::string refusal =
      "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 413 Too Large\r\nContent-Length: 5\r\n\r\nlarge";
  for (const std::size_t fragment : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{7},
                                     std::numeric_limits<std::size_t>::max()}) {
    for (const bool goes : {false, true}) {
      for (const std::size_t room : {1u, 60u, 2000u}) {
        BOOST_TEST_CONTEXT("fragments of " << fragment << ", room for " << room << ", goes: " << goes) {
          const outcome out = exchange_with(refusal, fragment, room, goes);
          BOOST_TEST(!out.error, out.error.message());
          BOOST_TEST(out.status == 413);
          BOOST_TEST(out.body == "large");
          BOOST_TEST(out.record.request_may_have_left);
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_goes_without_an_answer_is_a_failure_to_send) {
  for (const char* answer : {"", "HTTP/1.1 103 Early Hints\r\n\r\n", "HTTP/1.1 413 Too L"}) {
    const outcome out = exchange_with(answer, 3, 60, true);
    BOOST_TEST((out.error == asio::error::broken_pipe), out.error.message());
    BOOST_TEST(out.status == 0);
  }
}

BOOST_AUTO_TEST_CASE(a_large_request_that_is_refused_early_ends_with_the_status_at_once) {
  for (const bool tls : {false, true}) {
    for (const int status : {413, 401, 429}) {
      for (const ending how : {ending::stays, ending::half_closes}) {
        BOOST_TEST_CONTEXT("status " << status << ", tls " << tls << ", half-closes "
                                     << (how == ending::half_closes)) {
          const auto began = std::chrono::steady_clock::now();
          const large_signal out = signal_16_mb(tls, status, how);
          BOOST_TEST(out.status == status);
          BOOST_TEST((out.acted == wf::server_action::no));
          BOOST_TEST(out.connections == 1);
          BOOST_TEST((std::chrono::steady_clock::now() - began < 30s));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(an_early_2xx_has_acted) {
  for (const bool tls : {false, true}) {
    const large_signal out = signal_16_mb(tls, 202, ending::stays);
    BOOST_TEST(out.status == 202);
    BOOST_TEST((out.acted == wf::server_action::yes));
  }
}

BOOST_AUTO_TEST_CASE(a_server_that_answers_and_closes_at_once_leaves_its_status_or_doubt) {
  for (const bool tls : {false, true}) {
    for (int i = 0; i < 5; ++i) {
      const large_signal out = signal_16_mb(tls, 413, ending::closes);
      BOOST_TEST((out.status == 413 || out.acted == wf::server_action::unknown));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
