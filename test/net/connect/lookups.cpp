// Look-ups beside a context: what a name that hangs holds up, and what happens where no thread can be had.
#include "net/client_support.hpp"
#include "net/connect/lookup.hpp"
#include "net/connect/name_service.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/execution_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <semaphore>
#include <thread>
#include <utility>

#include <signal.h>

using namespace test;
using namespace std::chrono_literals;

namespace {

/// Says when its context begins to end, before the services that were made earlier hear of it.
class end_of_context final : public asio::execution_context::service {
 public:
  using key_type = end_of_context;
  static asio::execution_context::id id;

  end_of_context(asio::execution_context& context, std::function<void()> tell)
      : service(context), tell_(std::move(tell)) {}
  void shutdown() override { tell_(); }

 private:
  std::function<void()> tell_;
};

asio::execution_context::id end_of_context::id;

net::pool_options to(const raw_server& server, const std::string& host) {
  net::pool_options options = server.pool_options();
  options.server.host = host;
  options.resolve = nullptr;
  return options;
}

bool is_blocked(int signal) {
  sigset_t now;
  pthread_sigmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(looking_up)

BOOST_AUTO_TEST_CASE(a_name_that_hangs_holds_up_only_itself) {
  raw_server server(always(ok()), plain());
  name_service names;
  asio::io_context io;
  net::look_up_by(io, names.means());
  net::pool_options hangs = to(server, "hangs.example");
  net::pool slow(io.get_executor(), hangs), quick(io.get_executor(), to(server, "quick.example"));
  std::string late;
  run(io, [&]() -> asio::awaitable<void> {
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, fetch(slow),
                   [&](std::exception_ptr, std::string body) { late = std::move(body); });
    co_await names.hangs->async_wait(asio::use_awaitable);
    BOOST_TEST(co_await fetch(quick) == "hello");
    BOOST_TEST(names.hanging == 1);
    names.let_go();
  });
  BOOST_TEST(late == "hello");
}

BOOST_AUTO_TEST_CASE(a_look_up_that_hangs_holds_the_end_of_its_context_for_a_second_at_most) {
  auto names = std::make_shared<name_service>();
  net::lookup_means means = names->means();
  means.ask = [names, ask = means.ask](const std::string& host, addresses& found) {
    return ask(host, found);
  };
  std::atomic<int> told{0};
  auto io = std::make_unique<asio::io_context>();
  net::look_up_by(*io, means);
  const auto note = [&told](boost::system::error_code, const addresses&) { ++told; };
  net::look_up(*io, "hangs.example", note);
  names->wait_until_hanging(1);
  const auto began = std::chrono::steady_clock::now();
  io.reset();
  BOOST_TEST((std::chrono::steady_clock::now() - began < 2s));
  names->let_go();
  names->wait_until_hanging(0);
  BOOST_TEST(told == 0);
}

// This one hangs on until the process has ended, and the process ends.
BOOST_AUTO_TEST_CASE(a_look_up_that_never_ends_does_not_keep_the_process_from_ending) {
  auto* const names =
      new name_service;  // NOLINT(cppcoreguidelines-owning-memory): its thread uses it to the end
  asio::io_context io;
  net::look_up_by(io, names->means());
  net::look_up(io, "hangs.example", [](boost::system::error_code, const addresses&) {});
  names->wait_until_hanging(1);
}

BOOST_AUTO_TEST_CASE(a_look_up_that_is_nearly_done_is_waited_for) {
  std::binary_semaphore begun(0), context_ends(0);
  std::atomic<bool> ended{false};
  net::lookup_means means;
  means.ask = [&](const std::string&, addresses&) {
    begun.release();
    context_ends.acquire();
    ended = true;
    return boost::system::error_code();
  };
  {
    asio::io_context io;
    net::look_up_by(io, means);
    asio::make_service<end_of_context>(io, [&] { context_ends.release(); });
    net::look_up(io, "quick.example", [](boost::system::error_code, const addresses&) {});
    begun.acquire();
  }
  BOOST_TEST(ended);
}

BOOST_AUTO_TEST_CASE(where_no_thread_can_be_started_the_call_fails_and_the_next_one_tries_again) {
  raw_server server(always(ok()), plain());
  std::atomic<bool> refused{true};
  asio::io_context io;
  net::look_up_by(io, without_threads(refused));
  net::pool pool(io.get_executor(), to(server, "some.example"));
  const bool before = is_blocked(SIGUSR1);
  const auto once = [&] {
    run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
  };
  for (int i = 0; i < 2; ++i) {
    const auto problem = failure_of(once);
    BOOST_TEST((problem.code() == boost::system::errc::resource_unavailable_try_again));
    BOOST_TEST(problem.reason().find("\"some.example\": no thread could be started") != std::string::npos,
               problem.reason());
    BOOST_TEST(is_blocked(SIGUSR1) == before);
  }
  refused = false;
  once();
  BOOST_TEST(is_blocked(SIGUSR1) == before);
  BOOST_TEST(pool.stats().in_use == 0);
}

BOOST_AUTO_TEST_CASE(a_client_without_a_thread_for_its_look_up_throws_a_transport_error) {
  raw_server server(always(answer(200, execution_body(), "Content-Type: application/json\r\n")), plain());
  std::atomic<bool> refused{true};
  asio::io_context io;
  net::look_up_by(io, without_threads(refused));
  wf::client_options options = options_for(server, false);
  options.resolve = nullptr;
  options.allow_insecure_http = true;
  options.server_url = "http://some.example:" + std::to_string(server.port());
  const wf::client client(io, options);
  const client_failure failed = failure_of_get(io, client);
  BOOST_TEST(failed.type == "transport_error");
  BOOST_TEST((failed.phase == wf::call_phase::resolving));
  refused = false;
  BOOST_TEST(failure_of_get(io, client).type == "");
}

BOOST_AUTO_TEST_CASE(a_resolver_that_throws_leaves_its_name_to_be_asked_for_again) {
  raw_server server(always(ok()), plain());
  asio::io_context io;
  int asked = 0;
  net::pool_options options = server.pool_options();
  options.resolve = [&](std::string, net::resolve_done done) {
    if (++asked == 1) throw std::runtime_error("no");
    done({}, {asio::ip::make_address("127.0.0.1")});
  };
  net::pool pool(io.get_executor(), options);
  const auto once = [&] {
    run(io, [&]() -> asio::awaitable<void> { BOOST_TEST(co_await fetch(pool) == "hello"); });
  };
  BOOST_TEST(failure_of(once).reason().starts_with("cannot resolve \"localhost\": "));
  once();
  BOOST_TEST(asked == 2);
}

BOOST_AUTO_TEST_SUITE_END()
