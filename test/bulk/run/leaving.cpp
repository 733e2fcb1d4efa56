// Batches whose generator is destroyed, or that are stopped with `leave`, at odd moments.
#include "bulk/run/batch_support.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <thread>
#include <utility>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using test::asio::awaitable;

namespace {

/// A journal that opens, or is read, when it is let, and then knows how often it was closed.
class late_journal final : public bulk_journal {
 public:
  late_journal(test::asio::io_context& io, std::shared_ptr<bulk_journal> inner)
      : inner_(std::move(inner)), let_(io, test::asio::steady_timer::time_point::max()) {}

  awaitable<journal_state> open(journal_manifest manifest, journal_begin begin) override {
    opening = true;
    co_await permission(&let);
    co_return co_await inner_->open(std::move(manifest), begin);
  }
  awaitable<journal_record> claim(journal_record wanted) override { return inner_->claim(std::move(wanted)); }
  awaitable<void> started(std::string key, std::string run_id, timestamp at, int attempts) override {
    return inner_->started(std::move(key), std::move(run_id), at, attempts);
  }
  awaitable<void> done(std::string key, std::string outcome, bool failed, timestamp at) override {
    return inner_->done(std::move(key), std::move(outcome), failed, at);
  }
  awaitable<void> acknowledge(std::vector<std::string> keys) override {
    return inner_->acknowledge(std::move(keys));
  }
  awaitable<std::vector<journal_record>> records(std::uint64_t after, std::size_t most,
                                                 std::optional<journal_stage> stage) override {
    reading = true;
    co_await permission(&readable);
    co_return co_await inner_->records(after, most, stage);
  }
  awaitable<void> finish() override { return inner_->finish(); }
  awaitable<void> close() override {
    ++closed;
    return inner_->close();
  }

  void allow() {
    let = readable = true;
    let_.cancel();
  }

  bool let = false;
  bool readable = true;
  bool opening = false;
  bool reading = false;
  int closed = 0;

 private:
  std::shared_ptr<bulk_journal> inner_;
  test::asio::steady_timer let_;

  // As a journal does that is past the point where it could be cancelled.
  awaitable<void> permission(const bool* given) {
    co_await test::asio::this_coro::reset_cancellation_state(test::asio::disable_cancellation());
    boost::system::error_code ignored;
    while (!*given) co_await let_.async_wait(test::asio::redirect_error(test::asio::use_awaitable, ignored));
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(batches_that_are_left, test::batches)

BOOST_AUTO_TEST_CASE(what_was_taken_last_is_in_the_progress_of_a_batch_that_was_left) {
  run([&]() -> awaitable<void> {
    bulk_options options = this->options();
    options.progress_every = std::chrono::hours(1);
    const auto control = options.control;
    {
      auto outcomes = bulk().run("job", test::jobs(40), options);
      for (int taken = 0; taken < 3; ++taken) co_await outcomes.next();
    }
    co_await test::until([&] { return control.progress().phase == bulk_phase::over; });
    BOOST_TEST(control.progress().handed_out == 3u);
    BOOST_TEST(control.progress().paused_because.empty());
  });
}

BOOST_AUTO_TEST_CASE(no_progress_is_told_once_the_generator_is_gone) {
  run([&]() -> awaitable<void> {
    bool gone = false;
    int told = 0;
    int too_late = 0;
    bulk_options options = this->options();
    options.progress_every = 1ms;
    options.on_progress = [&](const bulk_progress&) { ++(gone ? too_late : told); };
    const auto control = options.control;
    {
      auto outcomes = bulk().run("job", test::jobs(3), options);
      co_await outcomes.next();
      // Nothing else runs on this thread meanwhile: what the wish posts finds that it is time to tell.
      std::this_thread::sleep_for(5ms);
      control.pause("so that there is something to do");
    }
    gone = true;
    co_await journal_is_free();
    BOOST_TEST(told > 0);
    BOOST_TEST(too_late == 0);
  });
}

BOOST_AUTO_TEST_CASE(no_progress_is_told_once_the_generator_is_gone_for_which_somebody_waits) {
  run([&]() -> awaitable<void> {
    bool gone = false;
    int told = 0;
    int too_late = 0;
    bulk_options options = this->options();
    options.progress_every = 1ms;
    options.on_progress = [&](const bulk_progress&) { ++(gone ? too_late : told); };
    const auto control = options.control;
    std::optional<async_generator<bulk_outcome>> outcomes;
    outcomes.emplace(bulk().run("job", test::jobs(1, "wait"), options));
    std::exception_ptr ended_with;
    auto ask = [&]() -> awaitable<void> { co_await outcomes->next(); };
    test::asio::co_spawn(io, ask(), [&](std::exception_ptr e) { ended_with = std::move(e); });
    co_await test::until([&] { return control.progress().running == 1; });
    // As above: what the wish posts finds that it is time to tell, before that wait has ended.
    std::this_thread::sleep_for(5ms);
    control.pause("so that there is something to do");
    outcomes.reset();
    gone = true;
    co_await test::until([&] { return static_cast<bool>(ended_with); });
    co_await journal_is_free();
    BOOST_TEST(told > 0);
    BOOST_TEST(too_late == 0);
  });
}

BOOST_AUTO_TEST_CASE(the_generator_may_be_destroyed_where_progress_is_told) {
  run([&]() -> awaitable<void> {
    std::optional<async_generator<bulk_outcome>> outcomes;
    bool may = false;
    bulk_options options = this->options();
    options.progress_every = 1ms;
    options.on_progress = [&](const bulk_progress&) {
      if (may) outcomes.reset();
    };
    const std::vector<bulk_job> jobs = {test::job("1", "echo"), test::job("2", "wait")};
    outcomes.emplace(bulk().run("job", jobs, options));
    co_await outcomes->next();
    may = true;
    co_await test::until([&] { return !outcomes; });
    co_await journal_is_free();
  });
}

BOOST_AUTO_TEST_CASE(a_journal_that_opens_only_after_its_batch_was_left_is_closed) {
  run([&]() -> awaitable<void> {
    const auto late = std::make_shared<late_journal>(io, journal());
    bulk_options options = this->options();
    options.journal = late;
    {
      auto outcomes = bulk().run("job", test::jobs(1), options);
      test::asio::cancellation_signal enough;
      bool ended = false;
      auto ask = [&]() -> awaitable<void> { co_await outcomes.next(); };
      auto finish = [&](const std::exception_ptr&) { ended = true; };
      test::asio::co_spawn(io, ask(), test::asio::bind_cancellation_slot(enough.slot(), finish));
      co_await test::until([&] { return late->opening; });
      enough.emit(test::asio::cancellation_type::terminal);
      co_await test::until([&] { return ended; });
    }
    late->allow();
    co_await test::until([&] { return late->closed > 0; });
    co_await journal_is_free();
    BOOST_TEST(starts() == 0);
  });
}

BOOST_AUTO_TEST_CASE(a_report_that_is_left_while_it_is_read_has_no_end) {
  run([&]() -> awaitable<void> {
    co_await test::all_of(bulk().run("job", test::jobs(1), options()));
    const auto slow = std::make_shared<late_journal>(io, journal());
    slow->let = true;
    bulk_options options = this->options();
    options.begin = bulk_begin::report;
    options.journal = slow;
    std::optional<async_generator<bulk_outcome>> outcomes(bulk().run("job", bulk_source(), options));
    co_await outcomes->next();
    outcomes.reset();
    co_await test::until([&] { return slow->closed > 0; });

    slow->readable = slow->reading = false;
    std::exception_ptr ended_with;
    bool ended = false;
    outcomes.emplace(bulk().run("job", bulk_source(), options));
    auto ask = [&]() -> awaitable<void> { co_await outcomes->next(); };
    test::asio::co_spawn(io, ask(), [&](std::exception_ptr e) {
      ended = true;
      ended_with = std::move(e);
    });
    co_await test::until([&] { return slow->reading; });
    outcomes.reset();
    slow->allow();
    co_await test::until([&] { return ended && slow->closed > 1; });
    BOOST_REQUIRE(ended_with);
    BOOST_CHECK_EXCEPTION(std::rethrow_exception(ended_with), boost::system::system_error,
                          [](const auto& e) { return e.code() == test::asio::error::operation_aborted; });
    BOOST_TEST(slow->closed == 2);
  });
}

BOOST_AUTO_TEST_SUITE_END()
