#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/test/unit_test.hpp>

namespace {

using namespace scripted;

// Reads the stream to its end, on a server whose connections are these, in turn; the last one repeats.
struct story_of {
  story_of(asio::io_context& on, std::vector<act> acts) : context(on), server(std::make_shared<host>(on)) {
    server->answer = [acts = std::move(acts)](const std::string&, int number) {
      return acts[std::min(static_cast<std::size_t>(number), acts.size()) - 1];
    };
    server->look = [](const std::string&, int) { return ended(); };
  }

  std::vector<std::int64_t> read(wf::stream_options options = quick(),
                                 session::stream_description description = execution_stream()) {
    auto events = scripted::open(server, std::move(options), std::move(description));
    std::vector<std::int64_t> got;
    auto story = [&]() -> asio::awaitable<void> {
      while (auto event = co_await events.next()) got.push_back(event->broker_sequence);
      BOOST_TEST(events.ended());
      BOOST_TEST(!(co_await events.next()).has_value());
      BOOST_TEST(server->open_connections == 0);
    };
    run(context, story());
    return got;
  }

  asio::io_context& context;
  std::shared_ptr<host> server;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(a_stream_of_an_execution)

BOOST_AUTO_TEST_CASE(ends_on_its_terminal_event_once_a_get_confirms_it) {
  asio::io_context context;
  story_of story(context, {act(joined(recorded::frames()), finish::open)});
  BOOST_TEST((story.read() == numbers(1, 60)));
  BOOST_TEST(story.server->looks == 1);
  BOOST_TEST(story.server->targets.size() == 1U);
}

BOOST_AUTO_TEST_CASE(delivers_what_happened_after_the_connection_closed_before_it_ends) {
  asio::io_context context;
  const auto& all = recorded::frames();
  story_of story(context, {act(joined(all, 0, 10), finish::clean), act(joined(all, 10), finish::open)});
  BOOST_TEST((story.read() == numbers(1, 60)));
}

BOOST_AUTO_TEST_CASE(that_is_terminated_on_a_connection_of_comments_only_ends) {
  asio::io_context context;
  story_of story(context,
                 {act(joined(recorded::frames(), 0, 10), finish::comments), act("", finish::comments)});
  story.server->look = [](const std::string&, int number) { return number < 3 ? running() : terminated(); };
  BOOST_TEST((story.read() == numbers(1, 10)));
  BOOST_TEST(story.server->looks == 4);  // a reset goes on: the last asks once more for the run
}

BOOST_AUTO_TEST_CASE(that_failed_and_is_retried_goes_on) {
  asio::io_context context;
  const std::string text = recorded::started(1, "r1") + recorded::failed(2, "r1") +
                           recorded::started(3, "r2") + recorded::progress(4, "r2") +
                           recorded::completed(5, "r2");
  story_of story(context, {act(text, finish::open)});
  story.server->look = [](const std::string&, int) { return ended("r2"); };
  BOOST_TEST((story.read() == numbers(1, 5)));
}

BOOST_AUTO_TEST_CASE(whose_retry_comes_later_goes_on_after_the_failed) {
  asio::io_context context;
  // FAILED, and the GET still says so when it is asked; the
  // retry shows on the connection that was to prove the end.
  story_of story(context, {act(recorded::started(1, "r1") + recorded::failed(2, "r1"), finish::open),
                           act(recorded::started(3, "r2") + recorded::completed(4, "r2"), finish::open)});
  story.server->look = [](const std::string&, int number) {
    return number == 1 ? ended("r1", protocol::terminal_kind::failed) : ended("r2");
  };
  BOOST_TEST((story.read() == numbers(1, 4)));
}

BOOST_AUTO_TEST_CASE(is_not_ended_by_the_first_of_two_failed_read_from_the_start) {
  asio::io_context context;
  act slow(recorded::failed(1, "r1") + recorded::started(2, "r2") + recorded::failed(3, "r2"), finish::open);
  slow.chunk = recorded::failed(1, "r1").size();  // the first FAILED comes alone, and is asked about
  story_of story(context, {slow, act("", finish::open)});
  story.server->look = [](const std::string&, int) { return ended("r2", protocol::terminal_kind::failed); };
  BOOST_TEST((story.read() == numbers(1, 3)));
  BOOST_TEST(story.server->looks >= 2);
  BOOST_TEST(story.server->targets.size() == 2U);
}

BOOST_AUTO_TEST_CASE(is_not_ended_by_a_childs_completed) {
  asio::io_context context;
  story_of story(context, {act(joined(recorded::frames(), 0, 5), finish::reset),
                           act(joined(recorded::frames(), 5), finish::open)});
  BOOST_TEST((story.read() == numbers(1, 60)));
}

BOOST_AUTO_TEST_CASE(that_fails_for_good_ends_after_one_more_silent_connection) {
  asio::io_context context;
  story_of story(context,
                 {act(recorded::started(1) + recorded::failed(2), finish::open), act("", finish::comments)});
  story.server->look = [](const std::string&, int) {
    return ended(recorded::run, protocol::terminal_kind::failed);
  };
  std::vector<wf::disconnect_reason> reasons;
  auto options = quick();
  options.hooks.disconnected = [&](const wf::stream_disconnect& why) { reasons.push_back(why.reason); };
  BOOST_TEST((story.read(options) == numbers(1, 2)));
  BOOST_TEST(story.server->targets.size() == 2U);
  BOOST_TEST((reasons == std::vector{wf::disconnect_reason::checking_end, wf::disconnect_reason::ended}));
}

BOOST_AUTO_TEST_CASE(ends_on_204) {
  asio::io_context context;
  story_of story(context, {act(recorded::progress(1), finish::reset), act::status_only(204)});
  BOOST_TEST((story.read() == numbers(1, 1)));
}

BOOST_AUTO_TEST_CASE(throws_on_a_permanent_4xx) {
  asio::io_context context;
  auto refusal = act::status_only(404);
  refusal.body = R"({"detail":"no such execution","code":"WF_1100"})";
  story_of story(context, {refusal});
  BOOST_CHECK_EXCEPTION(story.read(), wf::api_error, [](const wf::api_error& e) {
    return e.status() == 404 && e.code() == wf::errc::workflow_not_found &&
           e.details().path == "/v1/workflows/executions/exec-1/stream";
  });
}

BOOST_AUTO_TEST_CASE(goes_on_with_the_run_that_continues_it) {
  asio::io_context context;
  const std::string continued = recorded::frame(
      2, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
      R"({"task_id":"t","new_execution_run_id":"r2","workflow_name":"w","input":{"type":"json","value":null}})",
      recorded::execution, "r1");
  story_of story(context, {act(recorded::started(1, "r1") + continued + recorded::started(3, "r2") +
                                   recorded::completed(4, "r2"),
                               finish::open)});
  story.server->execution_of_run = recorded::execution;
  story.server->look = [](const std::string&, int) { return ended("r2"); };
  BOOST_TEST((story.read() == numbers(1, 4)));

  auto options = quick();
  options.follow_continue_as_new = false;
  BOOST_TEST((story.read(options) == numbers(1, 2)));
}

BOOST_AUTO_TEST_CASE(follows_to_another_execution_that_continues_it) {
  asio::io_context context;
  const std::string continued = recorded::frame(
      2, "WORKFLOW_EXECUTION_CONTINUED_AS_NEW",
      R"({"task_id":"t","new_execution_run_id":"r2","workflow_name":"w","input":{"type":"json","value":null}})",
      recorded::execution, "r1");
  story_of story(context, {});
  story.server->execution_of_run = "exec-2";
  story.server->look = [](const std::string& id, int) {
    return id == "exec-2" ? ended("r2") : ended("r1", protocol::terminal_kind::continued_as_new);
  };
  story.server->answer = [&](const std::string& target, int) {
    if (target.find("exec-2") == std::string::npos)
      return cursor_in(target) == 0 ? act(recorded::started(1, "r1") + continued, finish::clean)
                                    : act("", finish::clean);
    BOOST_TEST(cursor_in(target) == 0);
    return act(recorded::frame(10, "WORKFLOW_EXECUTION_COMPLETED",
                               R"({"task_id":"t","result":{"type":"json","value":1}})", "exec-2", "r2"),
               finish::open);
  };
  BOOST_TEST((story.read() == std::vector<std::int64_t>{1, 2, 10}));
}

BOOST_AUTO_TEST_CASE(of_all_events_never_ends_by_itself) {
  asio::io_context context;
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int number) {
    return act(recorded::completed(number), finish::clean);
  };
  auto events = open(server, quick(), all_events());
  auto story = [&]() -> asio::awaitable<void> {
    for (std::int64_t i = 1; i <= 20; ++i) BOOST_TEST((co_await events.next())->broker_sequence == i);
  };
  run(context, story());
  BOOST_TEST(server->looks == 0);
}

BOOST_AUTO_TEST_SUITE_END()
