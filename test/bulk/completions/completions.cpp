// Waiting for many executions at once, in all the ways that they end.
#include "bulk/completions/completion_support.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <optional>
#include <string>
#include <utility>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using hub_test::started_run;
using hub_test::with_hub;
using test::asio::awaitable;

BOOST_FIXTURE_TEST_SUITE(completion_hub, with_hub)

BOOST_AUTO_TEST_CASE(an_end_before_the_answer_to_the_start_is_kept_and_costs_no_request) {
  completions hub(client);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    expected place = hub.expect("short");
    const test::json::object input = {{"n", 1}};
    execute_request request(input);
    request.execution_id = "short";
    const started_execution begun = co_await client.workflows().execute("echo", request);
    // The hub is told of the answer once it has the event.
    while (hub.stats().events == 0) co_await boost::asio::post(io, boost::asio::use_awaitable);
    place.started(begun.run_id.value(), begun.start_time);
    const completion end = co_await place.wait();
    BOOST_TEST((end.status == execution_status::completed));
    BOOST_TEST(end.result == input);
    BOOST_TEST(end.execution_id == "short");
    BOOST_TEST(end.run_id == begun.run_id.value());
    BOOST_TEST((end.seen_by == completion_source::event));
    BOOST_TEST(end.ended.has_value());
  });
  BOOST_TEST(gets() == 0);
  BOOST_TEST(hub.stats().by_event == 1u);
  BOOST_TEST(hub.stats().waiting == 0u);
}

BOOST_AUTO_TEST_CASE(a_failure_is_confirmed_by_one_get_and_has_its_text) {
  completions hub(client);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    const completion end = co_await run_one(hub, "fails", "f");
    BOOST_TEST((end.status == execution_status::failed));
    BOOST_TEST(end.failure == "out of paper");
    BOOST_TEST(end.result.is_null());
  });
  BOOST_TEST(gets() == 1);
}

BOOST_AUTO_TEST_CASE(a_failed_attempt_is_not_the_end_where_a_retry_follows) {
  completions hub(client);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    const test::json::object twice = {{"times", 2}};
    const completion end = co_await run_one(hub, "flaky", "r", twice);
    BOOST_TEST((end.status == execution_status::completed));
    BOOST_TEST(end.result == "at last");
    BOOST_TEST(end.failure == "");
    const test::json::object often = {{"times", 5}};
    const completion last = co_await run_one(hub, "flaky", "r5", often);
    BOOST_TEST((last.status == execution_status::failed));
    BOOST_TEST(last.failure == "not yet");
  });
}

BOOST_AUTO_TEST_CASE(runs_that_continue_are_followed_under_the_same_id_and_under_another) {
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    const test::json::object same = {{"left", 3}, {"then", "done"}};
    const completion one = co_await run_one(hub, "again", "same", same);
    BOOST_TEST((one.status == execution_status::completed));
    BOOST_TEST(one.result == "done");
    const test::json::object other = {{"left", 2}, {"then", "there"}, {"elsewhere", true}};
    const completion two = co_await run_one(hub, "again", "other", other);
    BOOST_TEST((two.status == execution_status::completed));
    BOOST_TEST(two.result == "there");
    BOOST_TEST(two.execution_id == "other");
  });
}

BOOST_AUTO_TEST_CASE(a_termination_and_a_timeout_which_send_no_event_are_found_in_the_list_of_runs) {
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    started_run begun = co_await start(hub, "sleeps", "t");
    co_await client.executions().terminate("t");
    const completion end = co_await begun.place.wait();
    BOOST_TEST((end.status == execution_status::terminated));
    BOOST_TEST((end.seen_by == completion_source::page));
    const completion late = co_await run_one(hub, "slow", "o");
    BOOST_TEST((late.status == execution_status::timed_out));
    BOOST_TEST((late.seen_by == completion_source::page));
  });
  BOOST_TEST(gets() == 3);  // a second look at the termination, as a reset ends a run so, too
}

BOOST_AUTO_TEST_CASE(a_reset_is_followed_by_the_run_that_it_began) {
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    started_run begun = co_await start(hub, "gate", "g");
    const auto refused = co_await try_(client.executions().reset("g", reset_request(999'999)));
    std::int64_t point = 0;
    try {
      refused.value();
    } catch (const api_error& e) {
      point = e.details().body.at("valid_reset_events").at(0).to_number<std::int64_t>();
    }
    co_await client.executions().reset("g", reset_request(point));
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal("g", signal_request("go", by));
    const completion end = co_await begun.place.wait();
    BOOST_TEST((end.status == execution_status::completed));
    BOOST_TEST(end.result.at("by").at("by") == "Ada");
    BOOST_TEST(end.run_id != begun.run_id);
  });
}

BOOST_AUTO_TEST_CASE(an_older_run_under_the_same_id_does_not_count) {
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    execute_request request;
    request.execution_id = "x";
    co_await client.workflows().execute("echo", request);
    co_await client.executions().result("x");
    // Its event comes when the stream begins, and its row with each look.
    started_run begun = co_await start(hub, "gate", "x");
    co_await server.until([](const testing::server_counts& c) { return c.answered_of("runs.list") > 2; });
    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal("x", signal_request("go", by));
    const completion end = co_await begun.place.wait();
    BOOST_TEST(end.run_id == begun.run_id);
    BOOST_TEST(end.result.at("by").at("by") == "Ada");
  });
}

BOOST_AUTO_TEST_CASE(a_wait_alone_finds_what_has_ended_what_runs_and_what_is_not_there) {
  completions hub(client, quickly());
  run([&]() -> awaitable<void> {
    execute_request request(7);
    request.execution_id = "e";
    co_await client.workflows().execute("echo", request);
    co_await client.executions().result("e");
    const completion ended = co_await hub.wait("e");
    BOOST_TEST(ended.result == 7);
    BOOST_TEST(ended.execution_id == "e");
    const test::json::object nap = {{"ms", 60}};
    execute_request later(nap);
    later.execution_id = "n";
    const started_execution begun = co_await client.workflows().execute("naps", later);
    const completion end = co_await hub.wait("n", begun.run_id.value());
    BOOST_TEST(end.result == nap);
    const auto missing = co_await try_(hub.wait("nobody"));
    BOOST_REQUIRE(!missing);
    BOOST_TEST((missing.code() == errc::workflow_not_found));
    const auto wrong = co_await try_(hub.wait("n", "no-uuid"));
    BOOST_TEST((wrong.code() == errc::invalid_argument));
  });
}

BOOST_AUTO_TEST_CASE(a_wait_that_was_cancelled_can_be_called_again_and_one_completion_is_handed_out_once) {
  completions hub(client);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    started_run begun = co_await start(hub, "gate", "g");

    boost::asio::cancellation_signal stop;
    std::exception_ptr thrown;
    boost::asio::steady_timer gone(io, boost::asio::steady_timer::time_point::max());
    const auto waits = [&]() -> awaitable<void> { co_await begun.place.wait(); };
    boost::asio::co_spawn(io, waits,
                          boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr e) {
                            thrown = std::move(e);
                            gone.cancel();
                          }));
    const auto cancels = [&] { stop.emit(boost::asio::cancellation_type::terminal); };
    boost::asio::post(io, cancels);
    co_await gone.async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    BOOST_REQUIRE(thrown);
    BOOST_CHECK_THROW(std::rethrow_exception(thrown), cancelled_error);

    const test::json::object by = {{"by", "Ada"}};
    co_await client.executions().signal("g", signal_request("go", by));
    const completion end = co_await begun.place.wait();
    BOOST_TEST((end.status == execution_status::completed));
    const auto again = co_await try_(begun.place.wait());
    BOOST_TEST((again.code() == errc::invalid_argument));
    const auto empty = co_await try_(expected().wait());
    BOOST_TEST((empty.code() == errc::invalid_argument));
  });
}

BOOST_AUTO_TEST_CASE(close_ends_waits_and_refuses_what_comes_after) {
  completions hub(client);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    expected place = hub.expect("never");
    const auto closes = [&] { hub.close(); };
    boost::asio::post(io, closes);
    const auto ended = co_await try_(place.wait());
    BOOST_TEST((ended.code() == errc::closed));
    const auto later = co_await try_(hub.wait("e"));
    BOOST_TEST((later.code() == errc::closed));
    const auto ready = co_await try_(hub.ready());
    BOOST_TEST((ready.code() == errc::closed));
    BOOST_CHECK_THROW(hub.expect("more"), error);
  });
  BOOST_TEST(server.wait_until([](const testing::server_counts& c) { return c.streams_open == 0; }));
}

BOOST_AUTO_TEST_CASE(the_end_of_the_client_is_the_end_of_its_waits) {
  completions hub(client);
  run([&]() -> awaitable<void> {
    co_await hub.ready();
    expected place = hub.expect("never");
    const auto closes = [&]() -> awaitable<void> { co_await client.close(0ms); };
    boost::asio::co_spawn(io, closes, [](std::exception_ptr thrown) { BOOST_TEST(!thrown); });
    const auto ended = co_await try_(place.wait());
    BOOST_TEST((ended.code() == errc::closed));
  });
}

BOOST_AUTO_TEST_CASE(a_dropped_place_ends_its_wait_and_leaves_nothing_pending) {
  std::optional<expected> place;
  {
    completions hub(client);  // the place keeps it open
    run([&]() -> awaitable<void> {
      co_await hub.ready();
      place.emplace(hub.expect("never"));
      const auto drops = [&] { place.reset(); };
      boost::asio::post(io, drops);
      const auto ended = co_await try_(place->wait());
      BOOST_TEST((ended.code() == boost::asio::error::operation_aborted));
    });
    BOOST_TEST(hub.stats().expected == 0u);
  }
  BOOST_TEST(server.wait_until([](const testing::server_counts& c) { return c.streams_open == 0; }));
}

BOOST_AUTO_TEST_CASE(handles_may_outlive_the_context) {
  std::optional<completions> hub;
  std::optional<expected> place;
  {
    boost::asio::io_context other;
    mistral::workflows::client own(other, options());
    hub.emplace(own);
    place.emplace(hub->expect("never"));
    const auto waits = [&]() -> awaitable<void> { co_await place->wait(); };
    boost::asio::co_spawn(other, waits, boost::asio::detached);
    other.run_for(50ms);
  }
  BOOST_TEST(hub->stats().events == 0u);
  BOOST_CHECK_THROW(hub->expect("more"), error);
  hub->close();
}

BOOST_AUTO_TEST_CASE(options_that_cannot_work_are_refused_by_name) {
  completions_options options;
  options.gets_per_second = 0;
  BOOST_CHECK_THROW(completions(client, options), invalid_argument);
  options = completions_options();
  options.page_overlap = 0ms;
  BOOST_CHECK_THROW(completions(client, options), invalid_argument);
  completions hub(client);
  BOOST_CHECK_THROW(hub.expect(""), invalid_argument);
  BOOST_CHECK_THROW(hub.expect(std::string(257, 'x')), invalid_argument);
}

BOOST_AUTO_TEST_SUITE_END()
