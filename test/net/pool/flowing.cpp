// A lease tells its stream when bytes come in quick succession, and looks for more without being waited for.
#include "net/channel/channel.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <algorithm>
#include <deque>
#include <future>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

using namespace test;

namespace {

/// Brings these, one with each read, and is broken then; there is never anything to wait for.
class breaking_channel final : public net::channel {
 public:
  explicit breaking_channel(std::deque<std::string> reads) : channel(nullptr), reads_(std::move(reads)) {}

  net::io_result try_read(std::span<char> into) noexcept override {
    if (reads_.empty()) return net::io_result(asio::error::connection_reset, "reset by the peer");
    const std::string next = std::move(reads_.front());
    reads_.pop_front();
    std::copy(next.begin(), next.end(), into.begin());
    return net::io_result(next.size());
  }
  net::io_result try_write(std::string_view from) noexcept override { return net::io_result(from.size()); }
  bool worth_reading() const noexcept override { return true; }
  bool alive() noexcept override { return false; }

 private:
  std::deque<std::string> reads_;
};

net::pool_options over(std::deque<std::string> reads) {
  net::pool_options out(net::origin(false, "localhost", 80));
  out.connect = [reads]() -> asio::awaitable<std::unique_ptr<net::channel>> {
    co_return std::make_unique<breaking_channel>(reads);
  };
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(a_lease_of_a_stream)

BOOST_AUTO_TEST_CASE(a_stream_flows_while_reads_bring_much_and_is_looked_at_again_after_a_pause_only) {
  for (const bool tls : {true, false}) {
    std::promise<void> first_sent, next, second_sent;
    raw_server server(
        [&](peer& client) {
          client.read_request();
          client.write("HTTP/1.1 200 OK\r\n\r\n" + std::string(15'000, 'a'));
          first_sent.set_value();
          next.get_future().wait();
          client.write("b");
          second_sent.set_value();
          client.wait_for_end();
        },
        with_tls(tls));
    asio::io_context io;
    net::pool pool(io.get_executor(), server.pool_options());
    net::progress record;
    run(io, [&]() -> asio::awaitable<void> {
      net::lease lease = co_await pool.acquire(net::kind::stream, record);
      std::string body;
      const auto take_pieces = [&] {
        for (auto piece = lease.next_piece(); !piece.empty(); piece = lease.next_piece()) body += piece;
      };
      co_await lease.send(get);
      first_sent.get_future().wait();  // so that all of it is there for the first read
      co_await lease.read_head();
      take_pieces();
      while (body.size() < 15'000) {
        co_await lease.receive();
        take_pieces();
      }
      BOOST_TEST(lease.flowing());
      next.set_value();
      second_sent.get_future().wait();
      BOOST_TEST(!lease.try_receive());  // all was taken: the system is not asked again at once
      BOOST_TEST(lease.try_receive(true));
      take_pieces();
      BOOST_TEST(body.size() == 15'001U);
      BOOST_TEST(!lease.flowing());
    });
  }
}

BOOST_AUTO_TEST_CASE(what_came_before_a_connection_broke_is_handed_over_first) {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const bool whole : {true, false}) {
    asio::io_context io;
    net::pool pool(io.get_executor(), over({head, whole ? "5\r\nhello\r\n0\r\n\r\n" : "5\r\nhello\r\n"}));
    net::progress record;
    std::string body;
    const auto read = [&]() -> asio::awaitable<void> {
      net::lease lease = co_await pool.acquire(net::kind::stream, record);
      co_await lease.send(get);
      co_await lease.read_head();
      co_await lease.receive();  // reads once more, as much may be coming, and meets the end of it all
      for (auto piece = lease.next_piece(); !piece.empty(); piece = lease.next_piece()) body += piece;
      BOOST_TEST(lease.complete() == whole);
      BOOST_TEST(!lease.reusable());
      co_await lease.receive();
    };
    if (whole)
      run(io, read);
    else
      BOOST_TEST((failure_of([&] { run(io, read); }).code() == asio::error::connection_reset));
    BOOST_TEST(body == "hello");
    BOOST_TEST(pool.stats().idle == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
