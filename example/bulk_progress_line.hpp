// How far the batch is, for people: a line that is drawn again
// and again on a terminal, a line each ten seconds elsewhere.
// Not the outcomes.
#pragma once

#include <mistral/workflows/bulk/progress.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace bulk_run {

class progress_line {
 public:
  /// On standard error.
  progress_line();

  void show(const mistral::workflows::bulk_progress& progress);
  /// A line of its own above the progress.
  void say(const std::string& text);
  /// Leaves the line where it is.
  void end();

 private:
  bool terminal_;
  bool drawn_ = false;
  std::optional<std::chrono::steady_clock::time_point> said_;
};

/// "[=====     ] 512 of 1,024, 12 failed, 88 running, 91.5/s, 6 s left"; `width` is that of the bar, 0: none.
std::string words_of(const mistral::workflows::bulk_progress& progress, std::size_t width);

}  // namespace bulk_run
