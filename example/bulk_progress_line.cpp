#include "bulk_progress_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iostream>

namespace bulk_run {

namespace wf = mistral::workflows;

namespace {

constexpr std::chrono::seconds between_lines(10);
constexpr std::size_t bar_width = 24;

/// "1,024"
std::string grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, ",");
  return text;
}

std::string bar(std::uint64_t done, std::uint64_t all, std::size_t width) {
  const std::size_t filled = all == 0 ? width : std::min<std::size_t>(width, done * width / all);
  return '[' + std::string(filled, '=') + std::string(width - filled, ' ') + "] ";
}

std::string one_decimal(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", number);
  return text;
}

std::string duration(std::chrono::milliseconds time) {
  const auto seconds = (time.count() + 999) / 1000;
  if (seconds < 120) return std::to_string(seconds) + " s";
  if (seconds < 7200) return std::to_string(seconds / 60) + " min";
  return std::to_string(seconds / 3600) + " h " + std::to_string(seconds / 60 % 60) + " min";
}

}  // namespace

std::string words_of(const wf::bulk_progress& progress, std::size_t width) {
  std::string text;
  if (progress.jobs && width > 0) text += bar(progress.done, *progress.jobs, width);
  text += grouped(progress.done);
  if (progress.jobs) text += " of " + grouped(*progress.jobs);
  if (progress.failures() > 0) text += ", " + grouped(progress.failures()) + " failed";
  text += ", " + grouped(progress.running + progress.starting) + " running";
  if (progress.ends_per_second > 0) text += ", " + one_decimal(progress.ends_per_second) + "/s";
  if (progress.phase == wf::bulk_phase::paused)
    text += ", paused: " + progress.paused_because;
  else if (progress.phase == wf::bulk_phase::stopping)
    text += ", stopping";
  else if (progress.remaining && progress.phase == wf::bulk_phase::running)
    text += ", " + duration(*progress.remaining) + " left";
  return text;
}

progress_line::progress_line() : terminal_(::isatty(STDERR_FILENO) == 1) {}

void progress_line::show(const wf::bulk_progress& progress) {
  if (terminal_) {
    // To the line's beginning, and what was longer before is erased.
    std::cerr << '\r' << words_of(progress, bar_width) << "\x1b[K" << std::flush;
    drawn_ = true;
    return;
  }
  const auto now = std::chrono::steady_clock::now();
  if (said_ && now - *said_ < between_lines && progress.phase != wf::bulk_phase::over) return;
  said_ = now;
  std::cerr << words_of(progress, 0) << '\n';
}

void progress_line::say(const std::string& text) {
  if (drawn_) std::cerr << "\r\x1b[K";
  std::cerr << "bulk_run: " << text << '\n';
  drawn_ = false;
}

void progress_line::end() {
  if (drawn_) std::cerr << '\n';
  drawn_ = false;
}

}  // namespace bulk_run
