// What a child process may do with a client of its parent's, and that no two processes make the same ids.
#include "session/script.hpp"

#include <mistral/workflows/executions.hpp>

#include <boost/test/unit_test.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <functional>
#include <set>
#include <string>

using namespace mistral::workflows;
using boost::asio::awaitable;

namespace {

// What a child writes. It leaves without destructors: they are the parent's.
std::string told_by_child(const std::function<std::string()>& tell) {
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe(ends.data()) == 0);
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    const std::string text = tell();
    const ssize_t written = ::write(ends[1], text.data(), text.size());
    ::_exit(written == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string out;
  std::array<char, 4096> part{};
  for (ssize_t n = 0; (n = ::read(ends[0], part.data(), part.size())) > 0;)
    out.append(part.data(), static_cast<std::size_t>(n));
  ::close(ends[0]);
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  BOOST_TEST((WIFEXITED(status) && WEXITSTATUS(status) == 0));
  return out;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(forks)

BOOST_AUTO_TEST_CASE(children_of_a_process_that_has_made_ids_make_others_than_it_and_each_other) {
  session::client_state::new_execution_id();
  session::client_state::random01();
  std::set<std::string> ids;
  const auto make = [] {
    std::string out;
    for (int i = 0; i < 100; ++i) out += session::client_state::new_execution_id();
    return out;
  };
  const auto take = [&](const std::string& text) {
    BOOST_REQUIRE(text.size() == 3600u);
    for (std::size_t at = 0; at < text.size(); at += 36) ids.insert(text.substr(at + 14, 22));  // without the time
  };
  for (int child = 0; child < 3; ++child) take(told_by_child(make));
  take(make());
  BOOST_TEST(ids.size() == 400u);
}

BOOST_AUTO_TEST_CASE(a_client_is_refused_in_a_child_of_the_process_that_made_it) {
  boost::asio::io_context io;
  test::script server(io);
  const executions_api executions(server.client());
  const auto use = [&]() -> std::string {
    try {
      test::run(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
    } catch (const invalid_argument& e) {
      return e.field();
    } catch (...) {
    }
    return "no such refusal";
  };
  BOOST_TEST(told_by_child(use) == "client");
  server.answer(200, test::execution_json("e1", "RUNNING", "2026-01-01T00:00:00Z"));
  test::run(io, [&]() -> awaitable<void> { co_await executions.get("e1"); });
}

BOOST_AUTO_TEST_SUITE_END()
