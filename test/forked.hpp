// A child process of a test, made by fork(): what it says.
// Not another program: it goes on with all that the test has.
#pragma once

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace test {

/// What a child returns. It leaves without the destructors of what is there: they are the parent's.
inline std::string told_by_child(const std::function<std::string()>& tell) {
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

}  // namespace test
