// The whole way of a stream, HTTP and all, over connections in memory that are cut anywhere.
#include "session/follow/recorded_stream.hpp"
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <array>
#include <cstdio>
#include <string_view>

namespace {

namespace asio = boost::asio;
namespace net = mistral::workflows::net;
namespace wf = mistral::workflows;

#ifdef NDEBUG
constexpr std::size_t step = 1;
#else
constexpr std::size_t step = 31;
#endif

enum class cut { clean_close, reset, truncated_chunk };

std::string chunk(std::string_view text, std::size_t promised_more = 0) {
  std::array<char, 24> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", text.size() + promised_more);
  return size.data() + std::string(text) + (promised_more > 0 ? "" : "\r\n");
}

// Sends the recording in chunks of one event each, from after the
// cursor; the first answer ends after `offset` bytes of events.
class server {
 public:
  server(asio::io_context& io, std::size_t offset, cut how) : io_(io), offset_(offset), how_(how) {}

  std::shared_ptr<const wf::session::client_handle> client() {
    wf::client_options options;
    options.server_url = "http://localhost";
    options.api_key = "key";
    const net::connect_function connect = [this]() -> asio::awaitable<std::unique_ptr<net::channel>> {
      auto ends = net::memory_channel::make_pair();
      asio::co_spawn(io_, serve(std::move(ends.second)), asio::detached);
      co_return std::move(ends.first);
    };
    return std::make_shared<const wf::session::client_handle>(
        wf::session::client_state::over(io_.get_executor(), std::move(options), connect));
  }

 private:
  asio::io_context& io_;
  std::size_t offset_;
  cut how_;
  int streams_ = 0;

  asio::awaitable<void> serve(std::unique_ptr<net::memory_channel> end) {
    net::memory_channel& channel = *end;
    net::stream peer(io_.get_executor(), std::move(end));
    for (std::string request;;) {
      boost::system::error_code gone;
      const std::size_t head = co_await asio::async_read_until(
          peer, asio::dynamic_buffer(request), "\r\n\r\n", asio::redirect_error(asio::use_awaitable, gone));
      if (gone) co_return;
      const std::string asked = request.substr(0, head);
      request.erase(0, head);
      if (asked.find("/stream") == std::string::npos) {
        const std::string body = test::execution_json(recorded::execution, "RUNNING", "2026-01-01T00:00:00Z");
        channel.try_write("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                          body);
      } else if (++streams_ == 1) {
        send_cut(channel);
      } else {
        send(channel, asked);
      }
    }
  }

  static void send_head(net::memory_channel& channel) {
    channel.try_write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  }

  void send_cut(net::memory_channel& channel) const {
    send_head(channel);
    std::size_t left = offset_;
    for (const std::string& frame : recorded::frames()) {
      const std::string_view part = std::string_view(frame).substr(0, left);
      left -= part.size();
      const bool last = left == 0;
      if (!part.empty()) channel.try_write(chunk(part, last && how_ == cut::truncated_chunk ? 100 : 0));
      if (last) break;
    }
    if (how_ == cut::clean_close) channel.try_write("0\r\n\r\n");
    if (how_ == cut::reset)
      channel.cut();
    else
      channel.end();
  }

  static void send(net::memory_channel& channel, const std::string& asked) {
    constexpr std::string_view name = "last_event_id=";
    const std::size_t at = asked.find(name);
    const std::size_t cursor = at == std::string::npos ? 0 : std::stoul(asked.substr(at + name.size()));
    send_head(channel);
    const auto& frames = recorded::frames();
    for (std::size_t i = cursor; i < frames.size(); ++i) channel.try_write(chunk(frames[i]));
  }
};

std::vector<std::int64_t> read_sixty(asio::io_context& io, server& from) {
  wf::stream_options options;
  options.initial_backoff = options.max_backoff = std::chrono::milliseconds(1);
  const wf::executions_api executions(from.client());
  auto events = executions.stream(recorded::execution, options);
  std::vector<std::int64_t> got;
  test::run(io, [&]() -> asio::awaitable<void> {
    while (got.size() < 60) {
      auto event = co_await events.next();
      if (!event) break;
      got.push_back(event->broker_sequence);
    }
  });
  return got;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stream_over_connections_in_memory)

BOOST_AUTO_TEST_CASE(gives_exactly_the_60_events_once_and_in_order_wherever_it_is_cut) {
  std::size_t size = 0;
  for (const std::string& frame : recorded::frames()) size += frame.size();
  std::vector<std::int64_t> expected;
  for (std::int64_t n = 1; n <= 60; ++n) expected.push_back(n);
  for (const cut how : {cut::clean_close, cut::reset, cut::truncated_chunk}) {
    for (std::size_t offset = 0; offset <= size; offset += step) {
      asio::io_context io;
      server from(io, offset, how);
      const auto got = read_sixty(io, from);
      BOOST_TEST_CONTEXT("cut after byte " << offset << ", way " << static_cast<int>(how))
      BOOST_TEST_REQUIRE((got == expected));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
