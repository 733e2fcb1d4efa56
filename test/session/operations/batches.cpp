// Batches of any size: split, merged, and an outcome for every id whatever happens between the calls.
#include "session/operations/operations.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace mistral::workflows;
using boost::asio::awaitable;
using test::some_uuid;

namespace {

std::vector<std::string> ids_from(int first, int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("e" + std::to_string(first + i));
  return out;
}

// What the server says when all goes well.
std::string successes(int first, int count) {
  std::string out;
  for (const std::string& id : ids_from(first, count))
    out += (out.empty() ? "\"" : ",\"") + id + R"(":{"status":"success"})";
  return "{\"results\":{" + out + "}}";
}

struct fixture : test::operations {
  // One attempt a call, so that the script is the calls.
  executions_api executions{server.client(once())};

  static client_options once() {
    client_options out;
    out.retry.max_attempts = 1;
    return out;
  }

  batch_outcome cancelled(std::vector<std::string> ids) {
    batch_outcome out;
    test::run(io, [&]() -> awaitable<void> { out = co_await executions.batch_cancel(ids); });
    return out;
  }

  // The batch under a cancellation of any kind, which `stop` emits.
  batch_outcome cancelled_by(boost::asio::cancellation_signal& stop, std::vector<std::string> ids) {
    namespace asio = boost::asio;
    batch_outcome out;
    test::run(io, [&]() -> awaitable<void> {
      const auto executor = co_await asio::this_coro::executor;
      const auto body = [&]() -> awaitable<void> {
        co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
        out = co_await executions.batch_cancel(ids);
      };
      co_await asio::co_spawn(executor, body(),
                              asio::bind_cancellation_slot(stop.slot(), asio::use_awaitable));
    });
    return out;
  }

  std::size_t ids_in(std::size_t request) const {
    const std::string& text = server.requests.at(request);
    return boost::json::parse(text.substr(text.find("\r\n\r\n") + 4)).at("execution_ids").as_array().size();
  }
};

bool all_are(const batch_outcome& outcome, std::size_t first, std::size_t count, batch_status status) {
  for (std::size_t i = first; i < first + count; ++i)
    if (outcome.items.at(i).status != status) return false;
  return true;
}

template <class Error>
bool holds(const batch_item& item) {
  if (!item.error) return false;
  try {
    std::rethrow_exception(item.error);
  } catch (const Error&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(batches, fixture)

BOOST_AUTO_TEST_CASE(more_than_100_ids_take_several_calls_and_come_back_as_one_outcome) {
  server.answer(200, successes(0, 100)).answer(200, successes(100, 100)).answer(200, successes(200, 50));
  const batch_outcome outcome = cancelled(ids_from(0, 250));
  BOOST_TEST(outcome.all_succeeded());
  BOOST_REQUIRE(outcome.items.size() == 250u);
  BOOST_TEST(outcome.items.at(249).id == "e249");
  BOOST_TEST(outcome.find("e100")->text.empty());
  BOOST_TEST(outcome.find("e250") == nullptr);
  BOOST_REQUIRE(server.requests.size() == 3u);
  BOOST_TEST(ids_in(0) == 100u);
  BOOST_TEST(ids_in(2) == 50u);
  BOOST_TEST(server.line(2) == "POST /v1/workflows/executions/cancel");
}

BOOST_AUTO_TEST_CASE(an_id_that_stands_there_twice_is_sent_once_and_comes_back_once) {
  std::vector<std::string> ids = ids_from(0, 100);
  ids.insert(ids.begin() + 1, "e0");
  ids.push_back("e99");
  server.answer(200, successes(0, 100));
  const batch_outcome outcome = cancelled(ids);
  BOOST_TEST(outcome.items.size() == 100u);
  BOOST_TEST(outcome.all_succeeded());
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_failure_keeps_what_the_server_says) {
  server.answer(200,
                R"({"results":{"e0":{"status":"failure","error":"not running"},"e1":{"status":"failure"}}})");
  const batch_outcome outcome = cancelled(ids_from(0, 2));
  BOOST_TEST(outcome.count(batch_status::failed) == 2u);
  BOOST_TEST(outcome.items.at(0).text == "not running");
  BOOST_TEST(!outcome.items.at(0).error);
}

BOOST_AUTO_TEST_CASE(a_failure_without_a_word_is_one_all_the_same) {
  server.answer(200, R"({"results":{"e0":{"status":"failure","error":""},"e1":{"status":"","error":""}}})");
  const batch_outcome outcome = cancelled(ids_from(0, 2));
  BOOST_TEST(outcome.count(batch_status::failed) == 2u);
  for (const batch_item& item : outcome.items) {
    BOOST_TEST(item.text == "failure");
    BOOST_TEST(!item.error);
  }
}

BOOST_AUTO_TEST_CASE(what_the_answer_does_not_tell_is_unknown) {
  server.answer(200, R"({"results":{"e0":{"status":"success"},"e1":{"status":"postponed"}}})");
  server.otherwise = [](const std::string& request) {
    return request.starts_with("GET") ? test::answer_bytes(500, "", "{}")
                                      : test::answer_bytes(200, "", "nonsense");
  };
  const batch_outcome some = cancelled(ids_from(0, 3));
  BOOST_TEST((some.items.at(0).status == batch_status::success));
  BOOST_TEST(all_are(some, 1, 2, batch_status::unknown));
  BOOST_TEST(holds<decode_error>(some.items.at(1)));
  BOOST_TEST(holds<decode_error>(some.items.at(2)));
  const batch_outcome none = cancelled(ids_from(0, 3));
  BOOST_TEST(all_are(none, 0, 3, batch_status::unknown));
}

BOOST_AUTO_TEST_CASE(a_call_that_fails_leaves_its_ids_unknown_and_the_others_are_sent) {
  server.answer(200, successes(0, 100)).cut();
  server.otherwise = [](const std::string& request) {
    return request.starts_with("GET") ? test::answer_bytes(500, "", "{}")
                                      : test::answer_bytes(200, "", successes(200, 10));
  };
  const batch_outcome outcome = cancelled(ids_from(0, 210));
  BOOST_TEST(all_are(outcome, 0, 100, batch_status::success));
  BOOST_TEST(all_are(outcome, 100, 100, batch_status::unknown));
  BOOST_TEST(holds<transport_error>(outcome.items.at(100)));
  BOOST_TEST(!outcome.items.at(100).text.empty());
  BOOST_TEST(all_are(outcome, 200, 10, batch_status::success));
}

BOOST_AUTO_TEST_CASE(a_later_call_that_could_not_be_sent_leaves_its_ids_not_sent) {
  server.answer(200, successes(0, 100), "Connection: close\r\n", [&] { server.refuse(); });
  const batch_outcome outcome = cancelled(ids_from(0, 101));
  BOOST_TEST(all_are(outcome, 0, 100, batch_status::success));
  BOOST_TEST(all_are(outcome, 100, 1, batch_status::not_sent));
  BOOST_TEST(holds<transport_error>(outcome.items.at(100)));
}

BOOST_AUTO_TEST_CASE(a_refused_call_fails_its_ids) {
  server.answer(401, R"({"detail":"no such key"})");
  const batch_outcome outcome = cancelled(ids_from(0, 2));
  BOOST_TEST(outcome.count(batch_status::failed) == 2u);
  BOOST_TEST(holds<api_error>(outcome.items.at(0)));
}

BOOST_AUTO_TEST_CASE(what_keeps_the_first_call_from_being_sent_is_thrown) {
  server.refuse();
  BOOST_CHECK_THROW(cancelled(ids_from(0, 2)), transport_error);
  std::vector<std::string> bad = ids_from(0, 150);
  bad.push_back("..");
  BOOST_CHECK_EXCEPTION(cancelled(bad), invalid_argument,
                        [](const invalid_argument& e) { return e.field() == "execution_ids[150]"; });
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_CASE(a_key_supplier_that_fails_leaves_nothing_in_doubt) {
  client_options options = once();
  options.api_key_supplier = []() -> awaitable<std::string> {
    throw std::runtime_error("the vault is sealed");
    co_return std::string();
  };
  const executions_api sealed(server.client(options));
  const std::vector<std::string> ids = ids_from(1, 2);
  BOOST_CHECK_THROW(test::run(io, [&]() -> awaitable<void> { co_await sealed.batch_cancel(ids); }),
                    std::runtime_error);

  bool first = true;
  options.api_key_supplier = [&]() -> awaitable<std::string> {
    if (!std::exchange(first, false)) throw std::runtime_error("the vault is sealed");
    co_return "secret-key";
  };
  server.answer(200, successes(1, 100)).answer(401);
  const executions_api later(server.client(options));
  const std::vector<std::string> many = ids_from(1, 101);
  batch_outcome out;
  test::run(io, [&]() -> awaitable<void> { out = co_await later.batch_cancel(many); });
  BOOST_TEST(out.count(batch_status::success) == 100u);
  BOOST_TEST(out.count(batch_status::not_sent) == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancellation_stops_before_the_next_call_and_throws_nothing) {
  boost::asio::cancellation_signal stop;
  const auto cancel = [&] { stop.emit(boost::asio::cancellation_type::total); };
  server.answer(200, successes(0, 100)).answer(200, successes(100, 100), std::string(), cancel);
  const batch_outcome outcome = cancelled_by(stop, ids_from(0, 250));
  BOOST_TEST(all_are(outcome, 0, 200, batch_status::success));
  BOOST_TEST(all_are(outcome, 200, 50, batch_status::not_sent));
  BOOST_TEST(holds<cancelled_error>(outcome.items.at(249)));
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_cancellation_in_the_middle_of_a_call_leaves_its_ids_unknown) {
  boost::asio::cancellation_signal stop;
  server.answer(200, successes(0, 100)).stall([&] { stop.emit(boost::asio::cancellation_type::terminal); });
  const batch_outcome outcome = cancelled_by(stop, ids_from(0, 250));
  BOOST_TEST(all_are(outcome, 0, 100, batch_status::success));
  BOOST_TEST(all_are(outcome, 100, 100, batch_status::unknown));
  BOOST_TEST(holds<cancelled_error>(outcome.items.at(100)));
  BOOST_TEST(all_are(outcome, 200, 50, batch_status::not_sent));
}

BOOST_AUTO_TEST_CASE(workflows_are_told_apart_by_uuid_whatever_its_case) {
  const workflows_api workflows(server.client());
  const std::string other = "01934C6E-7A3B-7DEF-8ABC-00000000000A";
  const std::string same = "01934c6e-7a3b-7def-8abc-00000000000a";
  const std::string workflow = R"({"id":")" + some_uuid +
                               R"(","name":"t","display_name":"T","type":"code",)" + R"("customer_id":")" +
                               some_uuid + R"(","workspace_id":")" + some_uuid + R"(","archived":true})";
  const std::string busy = R"({"workflow_id":")" + same + R"(","message":"busy"})";
  const std::vector<std::string> ids{some_uuid, other, same};
  const auto outcome = answered("{\"archived\":[" + workflow + "],\"errored\":[" + busy + "]}",
                                [&] { return workflows.bulk_archive(ids); });
  BOOST_REQUIRE(outcome.items.size() == 2u);
  BOOST_TEST(outcome.items.at(0).workflow.value().archived);
  BOOST_TEST((outcome.items.at(1).status == batch_status::failed));
  BOOST_TEST(outcome.items.at(1).id == other);
  BOOST_TEST(outcome.items.at(1).text == "busy");
  const std::vector<std::string> none;
  test::run(io, [&]() -> awaitable<void> {
    const workflow_batch_outcome nothing = co_await workflows.bulk_unarchive(none);
    BOOST_TEST(nothing.items.empty());
  });
  BOOST_TEST(server.requests.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
