// A lease tells its stream when bytes come in quick succession, and looks for more without being waited for.
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <future>
#include <string>

using namespace test;

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

BOOST_AUTO_TEST_SUITE_END()
