// A host with several addresses (RFC 8305): in which order they are tried, and what a dead one costs.
#include "net/connect/happy_eyeballs.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// An address that never answers: something listens there
/// whose queue is full, so that the system drops what comes.
class black_hole {
 public:
  black_hole(const char* address, std::uint16_t port) {
    where_.sin_family = AF_INET;
    where_.sin_port = htons(port);
    ::inet_pton(AF_INET, address, &where_.sin_addr);
    listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::bind(listening_, generic(), sizeof where_) != 0 || ::listen(listening_, 0) != 0) {
      throw std::runtime_error("cannot listen on loopback");
    }
    for (int i = 0; i < 16 && fill_one(); ++i) {
    }
  }
  ~black_hole() {
    for (const int fd : filling_) ::close(fd);
    ::close(listening_);
  }
  black_hole(const black_hole&) = delete;
  black_hole& operator=(const black_hole&) = delete;

 private:
  sockaddr_in where_{};
  int listening_ = -1;
  std::vector<int> filling_;

  const sockaddr* generic() const { return reinterpret_cast<const sockaddr*>(&where_); }

  /// False: this one was not answered any more.
  bool fill_one() {
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    filling_.push_back(fd);
    ::connect(fd, generic(), sizeof where_);
    pollfd answered{fd, POLLOUT, 0};
    return ::poll(&answered, 1, 100) == 1;
  }
};

net::pool_options with_addresses(const raw_server& server, const std::vector<std::string>& addresses) {
  net::pool_options options = server.pool_options();
  options.resolve = [addresses](std::string, net::resolve_done done) {
    std::vector<asio::ip::address> parsed;
    for (const auto& one : addresses) parsed.push_back(asio::ip::make_address(one));
    done({}, parsed);
  };
  return options;
}

std::string fetched(net::pool_options options) {
  asio::io_context io;
  net::pool pool(io.get_executor(), std::move(options));
  std::string body;
  run(io, [&]() -> asio::awaitable<void> { body = co_await fetch(pool); });
  BOOST_TEST(pool.stats().opened == 1u);
  return body;
}

net::failure refused(net::pool_options options) {
  asio::io_context io;
  net::pool pool(io.get_executor(), std::move(options));
  net::progress record;
  const auto problem = failure_of(
      [&] { run(io, [&]() -> asio::awaitable<void> { co_await pool.acquire(net::kind::call, record); }); });
  BOOST_TEST((record.reached == net::phase::connecting));
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().connect_failures == 1u);
  return problem;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(happy_eyeballs)

BOOST_AUTO_TEST_CASE(families_take_turns_and_the_first_address_decides_who_begins) {
  const std::vector<std::pair<std::vector<std::string>, std::vector<std::string>>> table = {
      {{}, {}},
      {{"::1"}, {"::1"}},
      {{"10.0.0.1", "10.0.0.2"}, {"10.0.0.1", "10.0.0.2"}},
      {{"::1", "::2", "10.0.0.1", "10.0.0.2"}, {"::1", "10.0.0.1", "::2", "10.0.0.2"}},
      {{"10.0.0.1", "::1", "::2", "::3"}, {"10.0.0.1", "::1", "::2", "::3"}},
      {{"10.0.0.1", "10.0.0.2", "10.0.0.3", "::1"}, {"10.0.0.1", "::1", "10.0.0.2", "10.0.0.3"}},
  };
  for (const auto& [given, expected] : table) {
    std::vector<asio::ip::address> addresses;
    for (const auto& one : given) addresses.push_back(asio::ip::make_address(one));
    std::vector<std::string> order;
    for (const auto& one : net::interleave(addresses)) order.push_back(one.to_string());
    BOOST_TEST(order == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(the_next_attempt_begins_on_a_failure_or_after_the_delay) {
  // What happens, and what is to be done then: which address
  // to try, whether to wait again, whether to give up.
  enum class event { begin, delay, failure };
  struct row {
    row(event w, int s, bool d, bool g) : what(w), start(s), delay(d), give_up(g) {}
    event what;
    int start;
    bool delay, give_up;
  };
  const std::vector<std::pair<std::size_t, std::vector<row>>> table = {
      {1, {{event::begin, 0, false, false}, {event::failure, -1, false, true}}},
      {2,
       {{event::begin, 0, true, false},
        {event::failure, 1, false, false},
        {event::failure, -1, false, true}}},
      {3,
       {{event::begin, 0, true, false},
        {event::delay, 1, true, false},
        {event::failure, 2, false, false},
        {event::failure, -1, false, false},
        {event::failure, -1, false, true}}},
      {3,
       {{event::begin, 0, true, false},
        {event::delay, 1, true, false},
        {event::delay, 2, false, false},
        {event::failure, -1, false, false}}},
  };
  for (const auto& [addresses, rows] : table) {
    net::attempt_schedule schedule(addresses);
    for (const row& expected : rows) {
      const net::attempt_step step = expected.what == event::begin   ? schedule.begin()
                                     : expected.what == event::delay ? schedule.delay_is_over()
                                                                     : schedule.one_failed();
      BOOST_TEST((step.start ? static_cast<int>(*step.start) : -1) == expected.start);
      BOOST_TEST(step.delay == expected.delay);
      BOOST_TEST(step.give_up == expected.give_up);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_address_that_refuses_costs_no_delay) {
  raw_server server(always(ok()), plain());
  net::pool_options options = with_addresses(server, {"127.0.0.3", "127.0.0.4", "127.0.0.1"});
  options.attempt_delay = 1h;
  BOOST_TEST(fetched(options) == "hello");
}

BOOST_AUTO_TEST_CASE(an_address_that_never_answers_costs_the_delay_and_its_attempt_is_cancelled) {
  raw_server server(always(ok()), plain());
  const black_hole hole("127.0.0.2", server.port());
  net::pool_options options = with_addresses(server, {"127.0.0.2", "127.0.0.3", "127.0.0.1"});
  options.connect_limit = 1h;
  const auto begun = std::chrono::steady_clock::now();
  BOOST_TEST(fetched(options) == "hello");  // run() has returned: no attempt is left behind
  BOOST_TEST((std::chrono::steady_clock::now() - begun >= 250ms));
}

BOOST_AUTO_TEST_CASE(when_all_addresses_fail_each_is_named_with_its_reason) {
  std::uint16_t port = 0;
  {
    raw_server gone(always(ok()), plain());
    port = gone.port();
  }
  raw_server server(always(ok()), plain());
  net::pool_options options = with_addresses(server, {"127.0.0.3", "127.0.0.4"});
  options.server.port = port;
  const auto problem = refused(options);
  BOOST_TEST((problem.code() == asio::error::connection_refused));
  BOOST_TEST(problem.reason() == "cannot connect to localhost:" + std::to_string(port) +
                                     " (127.0.0.3: Connection refused; 127.0.0.4: Connection refused)");
}

BOOST_AUTO_TEST_CASE(one_limit_holds_for_all_addresses_together) {
  raw_server server(always(ok()), plain());
  const black_hole one("127.0.0.2", server.port());
  const black_hole other("127.0.0.5", server.port());
  net::pool_options options = with_addresses(server, {"127.0.0.2", "127.0.0.3", "127.0.0.5"});
  options.attempt_delay = 1ms;
  options.connect_limit = 200ms;
  const auto problem = refused(options);
  BOOST_TEST((problem.code() == net::error::connect_timeout));
  BOOST_TEST(contains(problem.reason(), "within 200 ms"), problem.reason());
  BOOST_TEST(contains(problem.reason(), "127.0.0.2: no answer"), problem.reason());
  BOOST_TEST(contains(problem.reason(), "127.0.0.3: Connection refused"), problem.reason());
  BOOST_TEST(contains(problem.reason(), "127.0.0.5: no answer"), problem.reason());
}

BOOST_AUTO_TEST_CASE(a_cancelled_race_leaves_nothing_behind_in_a_pool_that_is_closed) {
  raw_server server(always(ok()), plain());
  const black_hole one("127.0.0.2", server.port());
  const black_hole other("127.0.0.5", server.port());
  asio::io_context io;
  net::pool_options options = with_addresses(server, {"127.0.0.2", "127.0.0.5", "127.0.0.1"});
  options.attempt_delay = 1h;
  options.connect_limit = 1h;
  net::pool pool(io.get_executor(), options);
  net::progress record;
  boost::system::error_code ended;
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    asio::cancellation_signal signal;
    bool over = false;
    const auto acquire = [&]() -> asio::awaitable<void> { co_await pool.acquire(net::kind::call, record); };
    asio::co_spawn(executor, acquire,
                   asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr thrown) {
                     over = true;
                     try {
                       if (thrown) std::rethrow_exception(thrown);
                     } catch (const boost::system::system_error& problem) {
                       ended = problem.code();
                     }
                   }));
    while (record.reached != net::phase::connecting) co_await asio::post(asio::use_awaitable);
    for (int i = 0; i < 10; ++i) co_await asio::post(asio::use_awaitable);
    signal.emit(asio::cancellation_type::terminal);
    while (!over) co_await asio::post(asio::use_awaitable);
    pool.close();  // for whom it goes on
  });
  BOOST_TEST((ended == asio::error::operation_aborted));
  BOOST_TEST(pool.stats().in_use == 0);
  BOOST_TEST(pool.stats().connect_failures == 0u);
}

BOOST_AUTO_TEST_CASE(a_context_may_go_away_while_addresses_race) {
  raw_server server(always(ok()), plain());
  const black_hole hole("127.0.0.2", server.port());
  auto io = std::make_unique<asio::io_context>();
  net::pool pool(io->get_executor(), with_addresses(server, {"127.0.0.2", "127.0.0.3"}));
  net::progress record;
  const auto acquire = [&]() -> asio::awaitable<void> { co_await pool.acquire(net::kind::call, record); };
  asio::co_spawn(asio::make_strand(*io), acquire, asio::detached);
  while (record.reached != net::phase::connecting) io->run_one();
  io->poll();
  io.reset();
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(many_races_on_four_threads_all_find_the_address_that_answers) {
  raw_server server(always(ok()));
  const black_hole hole("127.0.0.2", server.port());
  asio::io_context io;
  net::pool_options options = with_addresses(server, {"127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.4"});
  options.attempt_delay = 1ms;
  options.call_connections = 16;
  net::pool pool(io.get_executor(), options);
  std::atomic<int> answered{0};
  for (int i = 0; i < 64; ++i) {
    asio::co_spawn(asio::make_strand(io), fetch(pool),
                   [&](std::exception_ptr thrown, const std::string& body) {
                     if (!thrown && body == "hello") ++answered;
                   });
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { io.run(); });
  for (auto& one : threads) one.join();
  BOOST_TEST(answered == 64);
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_SUITE_END()
