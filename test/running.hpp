// Running a coroutine of a test until nothing is left to do.
// Not where a server of the same context waits for ever: session/script.hpp has that.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/strand.hpp>
#include <boost/test/unit_test.hpp>

#include <exception>
#include <utility>

namespace test {

/// Runs `body` on a strand of `io` until nothing is left to do, and throws what it threw.
/// That it returns proves that nothing hangs.
template <typename Body>
void run(boost::asio::io_context& io, Body body) {
  std::exception_ptr problem;
  bool ended = false;
  boost::asio::co_spawn(boost::asio::make_strand(io), std::move(body), [&](std::exception_ptr thrown) {
    problem = std::move(thrown);
    ended = true;
  });
  io.restart();
  io.run();
  if (problem) std::rethrow_exception(problem);
  BOOST_TEST(ended);
}

}  // namespace test
