// One execution by its handle, and results in types of the user's.
#include "api/support.hpp"

#include <boost/describe/class.hpp>

using namespace mistral::workflows;
using test::asio::awaitable;

namespace {

struct passed {
  std::string state;
  boost::json::value by;
};
BOOST_DESCRIBE_STRUCT(passed, (), (state, by))

struct numbered {
  std::int64_t number = 0;
};
BOOST_DESCRIBE_STRUCT(numbered, (), (number))

update_request opened() {
  test::json::object to;
  to["to"] = "open";
  return update_request("set", to);
}

struct with_temporaries : test::local {
  mistral::workflows::client client_of_the_moment() { return mistral::workflows::client(client); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(handles, with_temporaries)

BOOST_AUTO_TEST_CASE(what_execute_returns_is_a_handle_on_the_execution) {
  run([&]() -> awaitable<void> {
    auto run = co_await client.workflows().execute("gate");
    BOOST_TEST((run.status == execution_status::running));
    BOOST_TEST(run.id() == run.execution_id);
    const auto before = co_await run.query<std::string>(query_request("state"));
    BOOST_TEST(before == "closed");
    const auto after = co_await run.update<std::string>(opened());
    BOOST_TEST(after == "open");
    const query_answer plain = co_await run.query(query_request("state"));
    BOOST_TEST(plain.result == "open");
    test::json::object by;
    by["by"] = "Ada";
    co_await run.signal(signal_request("go", by));
    const auto result = co_await run.result<passed>();
    BOOST_TEST(result.state == "open");
    BOOST_TEST(result.by.at("by") == "Ada");
  });
}

BOOST_AUTO_TEST_CASE(any_execution_has_a_handle_by_its_id) {
  run([&]() -> awaitable<void> {
    execute_request request;
    request.execution_id = "mine";
    co_await client.workflows().execute("gate", request);
    const execution_handle mine = client.execution("mine");
    BOOST_TEST(mine.id() == "mine");
    const execution state = co_await mine.get();
    BOOST_TEST((state.status == execution_status::running));
    const test::json::value history = co_await mine.history();
    BOOST_TEST(!history.is_null());
    const update_answer changed = co_await mine.update(opened());
    BOOST_TEST(changed.result == "open");
    auto events = mine.events();
    const auto first = co_await events.next();
    BOOST_TEST((first.value().data.event_type == workflow_event_type::workflow_execution_started));
    const auto refused = co_await try_(mine.reset(reset_request(999'999)));
    BOOST_TEST((refused.code() == errc::invalid_request));
    co_await mine.cancel();
    const auto end = co_await try_(mine.result());
    BOOST_TEST((end.code() == errc::execution_failed));
    const auto ended = co_await try_(mine.terminate());
    BOOST_TEST((ended.code() == errc::execution_not_running));
  });
}

BOOST_AUTO_TEST_CASE(handles_and_clients_may_be_gone_before_an_operation_is_awaited) {
  run([&]() -> awaitable<void> {
    const test::json::object input = {{"number", 7}};
    auto started = client_of_the_moment().workflows().execute("echo", execute_request(input));
    auto run = co_await std::move(started);
    auto result = client_of_the_moment().execution(run.execution_id).result<numbered>();
    auto state = client_of_the_moment().execution(run.id()).get();
    const numbered read = co_await std::move(result);
    BOOST_TEST(read.number == 7);
    const execution now = co_await std::move(state);
    BOOST_TEST((now.status == execution_status::completed));
  });
}

BOOST_AUTO_TEST_CASE(a_result_that_is_no_such_struct_says_where_it_differs) {
  const auto e = error_of<decode_error>([&]() -> awaitable<void> {
    const test::json::object input = {{"number", "seven"}};
    auto run = co_await client.workflows().execute("echo", execute_request(input));
    co_await run.result<numbered>();
  });
  BOOST_TEST(e.path() == "/number");
  BOOST_TEST(e.operation() == "executions.result");
}

BOOST_AUTO_TEST_CASE(a_typed_result_follows_continue_as_new_unless_told_otherwise) {
  run([&]() -> awaitable<void> {
    const test::json::object input = {{"left", 2}, {"then", "done"}};
    auto run = co_await client.workflows().execute("again", execute_request(input));
    const auto result = co_await run.result<std::string>();
    BOOST_TEST(result == "done");
  });
  const auto e = error_of<execution_error>([&]() -> awaitable<void> {
    const test::json::object input = {{"left", 1}, {"then", 0}, {"elsewhere", true}};
    auto run = co_await client.workflows().execute("again", execute_request(input));
    result_options options;
    options.follow_continue_as_new = false;
    co_await run.result<int>(options);
  });
  BOOST_TEST((e.status() == execution_status::continued_as_new));
}

BOOST_AUTO_TEST_CASE(a_handle_of_no_execution_and_an_id_that_cannot_be_are_refused) {
  BOOST_CHECK_THROW(static_cast<void>(execution_handle().get()), invalid_argument);
  const auto e =
      error_of<invalid_argument>([&]() -> awaitable<void> { co_await client.execution("..").get(); });
  BOOST_TEST(e.field() == "execution_id");
  BOOST_TEST(server.counts().requests_of("executions.get") == 0);
}

BOOST_AUTO_TEST_SUITE_END()
