// The hub over a key supplier that fails: what it throws comes as it is, and no wait may hang by it.
#include "bulk/run/batch_support.hpp"

#include <mistral/workflows/bulk/completions.hpp>

#include <boost/asio/co_spawn.hpp>

#include <chrono>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using mistral::workflows::testing::fault;
using test::asio::awaitable;

namespace {

struct with_vault : test::batches {
  with_vault() : own(io, supplied([this] { return ask(); })) {}

  std::string ask() {
    ++asked;
    if (sealed) throw std::runtime_error("the vault is sealed");
    return "test-key";
  }

  /// Looks often; no GET but to confirm.
  completions hub() const {
    completions_options how;
    how.page_interval = 30ms;
    return completions(own, how);
  }

  /// By the client whose key does not rotate.
  awaitable<void> start(std::string id, std::string what) {
    execute_request request(test::job("1", std::move(what), "done").input);
    request.execution_id = std::move(id);
    co_await client.workflows().execute("job", std::move(request));
  }

  /// Waits beside what a test does.
  void wait(completions on, std::string id) {
    auto body = [this](completions where, std::string which) -> awaitable<void> {
      end = co_await where.wait(which);
    };
    test::asio::co_spawn(io, body_of(body, std::move(on), std::move(id)),
                         [](std::exception_ptr e) { BOOST_TEST(!e); });
  }

  mistral::workflows::client own;
  bool sealed = false;
  int asked = 0;
  std::optional<completion> end;

 private:
  using waiting = std::function<awaitable<void>(completions, std::string)>;
  static awaitable<void> body_of(waiting body, completions on, std::string id) {
    co_await body(std::move(on), std::move(id));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(completion_keys, with_vault)

BOOST_AUTO_TEST_CASE(ready_tells_what_the_key_supplier_threw_and_the_hub_goes_on) {
  sealed = true;
  const completions hub = this->hub();
  run([&]() -> awaitable<void> {
    std::exception_ptr failure;
    bool ended = false;
    auto ready = [&]() -> awaitable<void> {
      completions same = hub;
      co_await same.ready();
    };
    test::asio::co_spawn(io, ready(), [&](std::exception_ptr e) {
      failure = e;
      ended = true;
    });
    co_await test::until([&] { return ended; });
    BOOST_REQUIRE(failure != nullptr);
    BOOST_CHECK_THROW(std::rethrow_exception(failure), std::runtime_error);
    BOOST_TEST(hub.stats().stream_failures == 1u);
    sealed = false;
    completions again = hub;
    co_await again.ready();
    BOOST_TEST(hub.stats().streaming);
  });
}

BOOST_AUTO_TEST_CASE(a_get_whose_key_supplier_fails_is_sent_again_later) {
  const completions hub = this->hub();
  run([&]() -> awaitable<void> {
    co_await start("e", "echo");
    sealed = true;
    wait(hub, "e");
    // For the stream, for the GET, and for one of the two once more.
    co_await test::until([&] { return asked >= 3; });
    sealed = false;
    co_await test::until([&] { return end.has_value(); });
    BOOST_TEST((end->status == execution_status::completed));
  });
}

BOOST_AUTO_TEST_CASE(a_look_whose_key_supplier_fails_is_not_the_last) {
  const completions hub = this->hub();
  run([&]() -> awaitable<void> {
    co_await start("e", "wait");
    completions head = hub;
    co_await head.ready();
    wait(hub, "e");
    co_await test::until([&] { return hub.stats().pages > 0; });
    sealed = true;
    const int before = asked;
    server.faults().add(fault().on("runs.list").answer(401));
    co_await test::until([&] { return asked > before; });
    sealed = false;
    // That sends no event.
    co_await client.executions().terminate("e");
    co_await test::until([&] { return end.has_value(); });
    BOOST_TEST((end->status == execution_status::terminated));
  });
}

BOOST_AUTO_TEST_SUITE_END()
