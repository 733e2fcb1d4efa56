// An answer whose body comes faster than it can be taken, in pieces of a byte: there is never anything to
// wait for. Not its limits: test/net/http/hostile.cpp has those.
#include "session/script.hpp"

#include "net/channel/channel.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

using namespace mistral::workflows;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr std::string_view head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view chunk = "1\r\n \r\n";

class endless_channel final : public net::channel {
 public:
  explicit endless_channel(std::function<void()> flows) : channel(nullptr), flows_(std::move(flows)) {}

  net::io_result try_read(std::span<char> into) noexcept override {
    if (reads_++ == 0) {
      std::copy(head.begin(), head.end(), into.begin());
      return net::io_result(head.size());
    }
    if (reads_ == 4 && flows_) flows_();
    for (char& byte : into) byte = chunk[next_++ % chunk.size()];
    return net::io_result(into.size());
  }
  net::io_result try_write(std::string_view from) noexcept override { return net::io_result(from.size()); }
  bool worth_reading() const noexcept override { return true; }
  bool alive() noexcept override { return false; }

 private:
  std::function<void()> flows_;
  int reads_ = 0;
  std::size_t next_ = 0;
};

struct fixture {
  executions_api executions(std::chrono::milliseconds deadline) {
    client_options options;
    options.server_url = "http://localhost";
    options.api_key = "secret-key";
    options.call_deadline = deadline;
    options.max_body = 16 * 1024 * 1024;  // not for ever, where nothing else ends it
    options.retry.max_attempts = 1;
    net::connect_function connect = [this]() -> asio::awaitable<std::unique_ptr<net::channel>> {
      co_return std::make_unique<endless_channel>(flows);
    };
    return executions_api(std::make_shared<const session::client_handle>(
        session::client_state::over(io.get_executor(), std::move(options), std::move(connect))));
  }

  asio::io_context io;
  std::function<void()> flows;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(endless_bodies, fixture)

BOOST_AUTO_TEST_CASE(a_body_that_never_pauses_does_not_outlast_the_deadline) {
  const executions_api api = executions(500ms);
  const auto over = std::chrono::steady_clock::now() + 510ms;
  flows = [&] {
    while (std::chrono::steady_clock::now() < over) {
    }
  };
  const auto e =
      test::error_of<timeout_error>(io, [&]() -> asio::awaitable<void> { co_await api.get("e1"); });
  BOOST_TEST((e.phase() == call_phase::reading_body));
}

BOOST_AUTO_TEST_CASE(a_body_that_never_pauses_lets_others_run_and_a_cancellation_through) {
  const executions_api api = executions(1h);
  asio::cancellation_signal cancel;
  flows = [&] { asio::post(io, [&] { cancel.emit(asio::cancellation_type::terminal); }); };
  std::exception_ptr problem;
  asio::co_spawn(
      io, api.get("e1"),
      asio::bind_cancellation_slot(
          cancel.slot(), [&](std::exception_ptr thrown, const execution&) { problem = std::move(thrown); }));
  io.run();
  BOOST_REQUIRE(problem);
  BOOST_CHECK_THROW(std::rethrow_exception(problem), cancelled_error);
}

BOOST_AUTO_TEST_SUITE_END()
