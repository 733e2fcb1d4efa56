// Batches of endings whose answers are lost, over the real
// session. The rules: test/protocol/calls/batch_endings.cpp.
#include "session/script.hpp"

#include "session/client/closing.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/unknown_outcome.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/json/parse.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

using namespace mistral::workflows;
using namespace std::chrono_literals;
using boost::asio::awaitable;

namespace {

constexpr const char* noon = "Date: Sun, 22 Nov 2026 12:00:00 GMT\r\n";
const std::string long_ago = "2026-11-22T10:00:00Z";
const std::string just_now = "2026-11-22T12:00:00.2Z";
const std::string run_a = "01934c6e-7a3b-7def-8abc-00000000000a";
const std::string run_b = "01934c6e-7a3b-7def-8abc-00000000000b";

std::vector<std::string> ids_from(int first, int count) {
  std::vector<std::string> out;
  for (int i = 0; i < count; ++i) out.push_back("e" + std::to_string(first + i));
  return out;
}

std::vector<std::string> ids_in(const std::string& request) {
  std::vector<std::string> out;
  const auto body = boost::json::parse(request.substr(request.find("\r\n\r\n") + 4));
  for (const auto& id : body.at("execution_ids").as_array()) out.emplace_back(id.as_string());
  return out;
}

std::string all_done(const std::string& request) {
  std::string out;
  for (const std::string& id : ids_in(request))
    out += (out.empty() ? "\"" : ",\"") + id + R"(":{"status":"success"})";
  return test::answer_bytes(200, noon, "{\"results\":{" + out + "}}");
}

// A server that knows what GETs of executions show, and does what batches ask for.
struct fixture {
  boost::asio::io_context io;
  test::script server{io};
  std::map<std::string, std::string> shown;  // in place of an execution that runs since long ago

  fixture() {
    server.otherwise = [this](const std::string& request) {
      if (request.starts_with("POST")) return all_done(request);
      const std::string id = test::id_of(request);
      const auto found = shown.find(id);
      return test::answer_bytes(
          200, noon,
          found != shown.end() ? found->second : test::execution_json(id, "RUNNING", long_ago, run_a));
    };
  }

  template <class Ids>
  batch_outcome terminate(Ids ids, client_options options = client_options()) {
    const executions_api executions(server.client(std::move(options)));
    batch_outcome out;
    test::run(io, [&]() -> awaitable<void> { out = co_await executions.batch_terminate(ids); });
    return out;
  }
  std::vector<std::vector<std::string>> batches() const {
    std::vector<std::vector<std::string>> out;
    for (const std::string& request : server.requests)
      if (request.starts_with("POST")) out.push_back(ids_in(request));
    return out;
  }
  std::size_t gets() const { return server.requests.size() - batches().size(); }
};

template <class Error, class Check>
void check_error(const batch_item& item, Check check) {
  BOOST_REQUIRE(item.error);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(item.error), Error, check);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(lost_batches, fixture)

BOOST_AUTO_TEST_CASE(only_ids_whose_run_goes_on_are_sent_again) {
  shown["e1"] = test::execution_json("e1", "COMPLETED", long_ago, run_a);
  shown["e2"] = test::execution_json("e2", "RUNNING", just_now, run_b);
  server.cut();
  const batch_outcome outcome = terminate(ids_from(0, 3));
  BOOST_TEST((outcome.items.at(0).status == batch_status::success));
  BOOST_TEST((outcome.items.at(1).status == batch_status::success));
  BOOST_TEST((outcome.items.at(2).status == batch_status::unknown));
  check_error<ending_unknown_error>(outcome.items.at(2), [](const ending_unknown_error& e) {
    return e.found().run_id == run_b && e.sent() && e.server_may_have_acted() == server_action::unknown;
  });
  const auto sent = batches();
  BOOST_REQUIRE(sent.size() == 2u);
  BOOST_TEST(sent.at(1) == ids_from(0, 1));
  BOOST_TEST(gets() == 3u);
}

BOOST_AUTO_TEST_CASE(a_run_id_decides_where_the_clock_cannot) {
  shown["e0"] = test::execution_json("e0", "RUNNING", just_now, run_a);
  shown["e1"] = test::execution_json("e1", "RUNNING", just_now, run_b);
  server.cut();
  std::vector<batch_target> targets;
  for (const char* id : {"e0", "e1"}) targets.emplace_back(id, run_a);
  const batch_outcome outcome = terminate(targets);
  BOOST_TEST(outcome.items.size() == 2u);
  const auto sent = batches();
  BOOST_REQUIRE(sent.size() == 2u);
  BOOST_TEST(sent.at(1) == ids_from(0, 1));  // the newer run of e1 is not touched
  BOOST_TEST((outcome.items.at(0).status == batch_status::success));
}

BOOST_AUTO_TEST_CASE(run_ids_that_cannot_be_are_refused_by_name) {
  const auto field_of = [&](std::vector<batch_target> targets) {
    try {
      terminate(std::move(targets));
    } catch (const invalid_argument& e) {
      return e.field();
    }
    return std::string();
  };
  std::vector<batch_target> targets(1, batch_target("e0"));
  targets.emplace_back("e1", "run");
  BOOST_TEST(field_of(targets) == "targets[1].run_id");
  targets.back().run_id = run_a;
  targets.emplace_back("e1", run_b);
  BOOST_TEST(field_of(targets) == "targets[2].run_id");
  BOOST_TEST(server.requests.empty());
}

BOOST_AUTO_TEST_CASE(a_look_that_proves_nothing_leaves_its_id_unknown_and_unsent) {
  shown["e0"] = R"({"detail":"no such page"})";
  server.cut();
  const batch_outcome outcome = terminate(ids_from(0, 2));
  BOOST_TEST((outcome.items.at(0).status == batch_status::unknown));
  BOOST_TEST((outcome.items.at(1).status == batch_status::success));
  check_error<transport_error>(outcome.items.at(0), [](const error&) { return true; });
  BOOST_TEST(batches().at(1) == ids_from(1, 1));
}

BOOST_AUTO_TEST_CASE(a_look_that_is_answered_for_another_execution_proves_nothing_and_closes_its_connection) {
  const executions_api executions(server.client());
  server.cut().answer(200, test::execution_json("another", "COMPLETED", long_ago), noon);
  batch_outcome outcome;
  test::run(io, [&]() -> awaitable<void> {
    std::vector<std::string> ids = ids_from(0, 1);
    outcome = co_await executions.batch_terminate(std::move(ids));
    BOOST_TEST(server.connections == 2);
    co_await executions.get("e0");
  });
  BOOST_TEST((outcome.items.at(0).status == batch_status::unknown));
  BOOST_TEST(server.requests.size() == 3u);
  BOOST_TEST(server.connections == 3);
}

BOOST_AUTO_TEST_CASE(looks_are_made_anew_after_a_wait_that_the_server_asks_for) {
  server.cut();
  for (int i = 0; i < 2; ++i)
    server.answer(200, test::execution_json(test::asked_id, "RUNNING", long_ago, run_a), noon);
  server.answer(429, "{}", "Retry-After: 1\r\n");
  const batch_outcome outcome = terminate(ids_from(0, 2));
  BOOST_TEST(outcome.all_succeeded());
  BOOST_TEST(batches().size() == 3u);
  BOOST_TEST(gets() == 4u);
  BOOST_TEST(server.line(server.requests.size() - 1).starts_with("POST"));
}

BOOST_AUTO_TEST_CASE(a_header_hook_that_takes_long_makes_the_looks_of_a_portion_too_old) {
  client_options options;
  bool slow = true;
  options.hooks.headers = [&](const attempt_info& info) {
    if (info.method == "POST" && gets() > 0 && std::exchange(slow, false))
      for (const auto began = std::chrono::steady_clock::now();
           std::chrono::steady_clock::now() - began < 1100ms;) {
      }
    return call_hooks::header_list();
  };
  server.cut();
  const batch_outcome outcome = terminate(ids_from(0, 2), options);
  BOOST_TEST(outcome.all_succeeded());
  BOOST_TEST(!slow);
  BOOST_TEST(batches().size() == 2u);
  BOOST_TEST(gets() >= 4u);  // each id is looked at again before it goes
}

BOOST_AUTO_TEST_CASE(where_nothing_may_be_sent_any_more_a_last_look_says_what_became_of_each) {
  client_options options;
  options.retry.max_attempts = 1;
  shown["e1"] = test::execution_json("e1", "TERMINATED", long_ago, run_a);
  server.cut();
  const batch_outcome outcome = terminate(ids_from(0, 2), options);
  BOOST_TEST((outcome.items.at(0).status == batch_status::unknown));
  BOOST_TEST((outcome.items.at(1).status == batch_status::success));
  BOOST_TEST(batches().size() == 1u);
}

BOOST_AUTO_TEST_CASE(ten_batches_whose_answers_are_lost_look_at_eight_executions_at_once) {
  for (int i = 0; i < 10; ++i) server.cut();
  client_options options;
  options.max_connections = 100;
  const executions_api executions(server.client(options));
  int ended = 0;
  for (int i = 0; i < 10; ++i) {
    const auto one = [&, i]() -> awaitable<void> {
      std::vector<std::string> ids = ids_from(i * 100, 100);
      const batch_outcome outcome = co_await executions.batch_terminate(std::move(ids));
      BOOST_TEST(outcome.all_succeeded());
    };
    boost::asio::co_spawn(io, one, [&](std::exception_ptr thrown) {
      BOOST_TEST(!thrown);
      ++ended;
    });
  }
  while (ended < 10) BOOST_REQUIRE(io.run_one() == 1);
  BOOST_TEST(server.most_looks == 8);
  BOOST_TEST(gets() >= 1000u);
}

BOOST_AUTO_TEST_CASE(a_batch_whose_key_is_refused_goes_again_with_another_one_once) {
  int asked = 0;
  client_options options;
  options.call_deadline = 10s;
  options.api_key_supplier = [&]() -> awaitable<std::string> {
    co_return "secret-" + std::to_string(++asked);
  };
  server.answer(401);
  const batch_outcome outcome = terminate(ids_from(0, 2), options);
  BOOST_TEST(outcome.all_succeeded());
  BOOST_REQUIRE(server.requests.size() == 2u);
  BOOST_TEST(server.requests[1].find("Bearer secret-2\r\n") != std::string::npos);
  BOOST_TEST(batches().at(1) == ids_from(0, 2));

  server.requests.clear();
  server.answer(401).answer(401);
  const batch_outcome refused = terminate(ids_from(0, 2), options);
  BOOST_TEST(refused.count(batch_status::failed) == 2u);
  check_error<api_error>(refused.items.at(0),
                         [](const api_error& e) { return e.status() == 401 && e.attempts() == 2; });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(what_is_in_doubt_is_looked_at_again_before_it_goes_with_another_key) {
  int asked = 0;
  client_options options;
  options.call_deadline = 10s;
  options.api_key_supplier = [&]() -> awaitable<std::string> {
    co_return "secret-" + std::to_string(++asked);
  };
  const std::string running = test::execution_json(test::asked_id, "RUNNING", long_ago, run_a);
  server.cut().answer(200, running, noon).answer(401);
  const batch_outcome outcome = terminate(ids_from(0, 1), options);
  BOOST_TEST(outcome.all_succeeded());
  BOOST_REQUIRE(server.requests.size() == 5u);
  BOOST_TEST(server.line(3).starts_with("GET"));
  BOOST_TEST(server.requests[4].find("Bearer secret-2\r\n") != std::string::npos);

  server.requests.clear();
  server.cut().answer(200, running, noon).answer(401).answer(200, running, noon).answer(401);
  const batch_outcome refused = terminate(ids_from(0, 1), options);
  BOOST_TEST((refused.items.at(0).status == batch_status::unknown));
  check_error<api_error>(refused.items.at(0), [](const api_error& e) {
    return e.status() == 401 && e.server_may_have_acted() == server_action::unknown;
  });
  BOOST_TEST(batches().size() == 3u);
  BOOST_TEST(asked == 4);
}

BOOST_AUTO_TEST_CASE(one_deadline_covers_all_requests_of_a_batch) {
  client_options options;
  options.call_deadline = 3s;
  std::string done;
  for (const std::string& id : ids_from(0, 100))
    done += (done.empty() ? "\"" : ",\"") + id + R"(":{"status":"success"})";
  server.answer(200, "{\"results\":{" + done + "}}").late(2s).stall();
  const auto began = std::chrono::steady_clock::now();
  const batch_outcome outcome = terminate(ids_from(0, 300), options);
  BOOST_TEST((std::chrono::steady_clock::now() - began < 4900ms));  // two deadlines would be 5 s at least
  BOOST_TEST((outcome.items.at(100).status == batch_status::unknown));
  BOOST_TEST((outcome.items.at(200).status == batch_status::not_sent));
  check_error<timeout_error>(outcome.items.at(299), [](const error&) { return true; });
  BOOST_TEST(server.requests.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_cancellation_ends_looks_and_waits_and_nothing_leaves_after_it) {
  boost::asio::cancellation_signal stop;
  server.cut();
  for (int i = 0; i < 8; ++i) server.stall([&] { stop.emit(boost::asio::cancellation_type::terminal); });
  const executions_api executions(server.client());
  batch_outcome outcome;
  bool ended = false;
  const auto body = [&]() -> awaitable<void> {
    outcome = co_await executions.batch_terminate(ids_from(0, 50));
  };
  boost::asio::co_spawn(boost::asio::make_strand(io), body,
                        boost::asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown) {
                          BOOST_TEST(!thrown);
                          ended = true;
                        }));
  test::run_until(io, ended);
  io.poll();
  BOOST_TEST(outcome.count(batch_status::unknown) == 50u);
  check_error<cancelled_error>(outcome.items.at(0), [](const error& e) {
    return e.server_may_have_acted() == server_action::unknown;
  });
  BOOST_TEST(server.requests.size() <= 9u);
}

BOOST_AUTO_TEST_CASE(a_closed_client_ends_the_wait_before_a_repeat) {
  server.answer(503, "{}", "Retry-After: 30\r\n");
  const auto handle = server.client();
  const executions_api executions(handle);
  std::exception_ptr thrown;
  bool ended = false;
  const auto body = [&]() -> awaitable<void> { co_await executions.batch_terminate(ids_from(0, 2)); };
  boost::asio::co_spawn(boost::asio::make_strand(io), body, [&](std::exception_ptr failure) {
    thrown = std::move(failure);
    ended = true;
  });
  while (server.requests.empty()) io.run_one();
  for (int i = 0; i < 20; ++i) io.poll();
  handle->state->live().refuse_calls();
  handle->state->live().end_calls();
  test::run_until(io, ended);
  BOOST_REQUIRE(thrown);
  BOOST_CHECK_EXCEPTION(std::rethrow_exception(thrown), error,
                        [](const error& e) { return e.code() == errc::closed; });
}

BOOST_AUTO_TEST_SUITE_END()
