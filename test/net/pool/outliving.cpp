// Clients that outlive their context: nothing of it may be touched then, nor kept.
#include "net/client_support.hpp"
#include "net/raw_server.hpp"
#include "net/support.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <memory>
#include <optional>
#include <utility>

using namespace test;
using namespace std::chrono_literals;

namespace {

raw_server::script executions() {
  return always(answer(200, execution_body(), "Content-Type: application/json\r\n"));
}

/// An executor that shows how many copies of it there are.
/// A strand of its kind is no type that the library knows.
template <typename Inner>
class counted {
 public:
  counted(Inner inner, std::shared_ptr<int> copies) : inner_(std::move(inner)), copies_(std::move(copies)) {}

  template <typename Property>
    requires asio::can_query_v<const Inner&, Property>
  decltype(auto) query(const Property& what) const {
    return asio::query(inner_, what);
  }
  template <typename Property>
    requires asio::can_require_v<const Inner&, Property>
  auto require(const Property& what) const {
    auto made = asio::require(inner_, what);
    return counted<decltype(made)>(std::move(made), copies_);
  }
  template <typename Function>
  void execute(Function&& what) const {
    inner_.execute(std::forward<Function>(what));
  }
  friend bool operator==(const counted& a, const counted& b) noexcept { return a.inner_ == b.inner_; }
  friend bool operator!=(const counted& a, const counted& b) noexcept { return !(a == b); }

 private:
  Inner inner_;
  std::shared_ptr<int> copies_;
};

/// Uses a client made on `executor` of `io`, and then destroys `io` before it.
template <typename Executor>
void outlive(std::unique_ptr<asio::io_context> io, Executor executor, const raw_server& server,
             bool single_threaded) {
  wf::client_options options = options_for(server, true);
  options.single_threaded = single_threaded;
  std::optional<wf::client> client(std::in_place, asio::any_io_executor(std::move(executor)), options);
  BOOST_TEST(failure_of_get(*io, *client).type == "");
  BOOST_TEST(client->stats().connections_idle == 1u);
  const wf::client copy = *client;
  io.reset();
  BOOST_TEST(client->stats().connections_idle == 0u);
  client->trim();
  client->close();
  client.reset();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(outliving)

BOOST_AUTO_TEST_CASE(a_client_on_a_strand_may_outlive_its_context) {
  raw_server server(executions());
  for (const bool single_threaded : {true, false}) {
    {
      auto io = std::make_unique<asio::io_context>();
      auto strand = asio::make_strand(*io);
      outlive(std::move(io), std::move(strand), server, single_threaded);
    }
    {
      auto io = std::make_unique<asio::io_context>();
      auto strand = asio::make_strand(asio::any_io_executor(io->get_executor()));
      outlive(std::move(io), std::move(strand), server, single_threaded);
    }
  }
}

BOOST_AUTO_TEST_CASE(no_executor_is_kept_beyond_its_context) {
  raw_server server(executions());
  for (const bool single_threaded : {true, false}) {
    const auto copies = std::make_shared<int>();
    auto io = std::make_unique<asio::io_context>();
    const counted<asio::io_context::executor_type> executor(io->get_executor(), copies);
    std::optional<wf::client> client(std::in_place, asio::any_io_executor(executor),
                                     options_for(server, true));
    BOOST_TEST(failure_of_get(*io, *client).type == "");
    BOOST_TEST(copies.use_count() > 2);
    io.reset();
    BOOST_TEST(copies.use_count() == 2);  // this test's own
    auto strand_io = std::make_unique<asio::io_context>();
    auto strand =
        asio::make_strand(counted<asio::io_context::executor_type>(strand_io->get_executor(), copies));
    outlive(std::move(strand_io), std::move(strand), server, single_threaded);
  }
}

BOOST_AUTO_TEST_CASE(a_client_on_a_thread_pools_strand_may_outlive_the_pool) {
  raw_server server(executions());
  auto threads = std::make_unique<asio::thread_pool>(1);
  const wf::client client(asio::any_io_executor(asio::make_strand(threads->get_executor())),
                          options_for(server, true));
  std::exception_ptr problem;
  const auto body = [&]() -> asio::awaitable<void> { co_await client.executions().get("e1"); };
  asio::co_spawn(*threads, body, [&](std::exception_ptr thrown) { problem = std::move(thrown); });
  threads->join();
  BOOST_TEST(!problem);
  threads.reset();
  client.close();
}

BOOST_AUTO_TEST_SUITE_END()
