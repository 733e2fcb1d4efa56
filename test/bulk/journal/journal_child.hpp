// This test program once more, in a process of its own, in
// one of the roles of journal_child.cpp: it can be killed.
// Not a fork alone (forked.hpp): threads and locks of a journal are not to be carried across one.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace test {

class journal_child {
 public:
  /// Runs `role` with a file, and whatever else the role asks for.
  journal_child(std::string_view role, const std::filesystem::path& file,
                const std::vector<std::string>& more = {});
  ~journal_child();
  journal_child(const journal_child&) = delete;
  journal_child& operator=(const journal_child&) = delete;

  pid_t id() const { return id_; }
  /// The next line that it says; none at its end.
  std::optional<std::string> line();
  void kill();
  /// What waitpid says of it, once it has ended.
  int ended();

 private:
  pid_t id_ = -1;
  int said_ = -1;   // what it says comes in here
  int alive_ = -1;  // its standard input: closed with this
  std::string rest_;
};

}  // namespace test
