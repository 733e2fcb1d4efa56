#include "soak_settings.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <string_view>

namespace soak {

namespace {

double number(std::string_view flag, const std::string& text, double least) {
  std::size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size() || !(value >= least))
    throw std::invalid_argument(std::string(flag) + " " + text);
  return value;
}

rusage used() {
  rusage found{};
  getrusage(RUSAGE_SELF, &found);
  return found;
}

}  // namespace

settings read_command_line(int count, char** arguments) {
  settings made;
  for (int i = 1; i < count; ++i) {
    const std::string_view flag = arguments[i];
    if (flag == "--serve") {
      made.serve = true;
      continue;
    }
    if (i + 1 == count) throw std::invalid_argument(std::string(flag));
    const std::string value = arguments[++i];
    if (flag == "--streams")
      made.streams = static_cast<int>(number(flag, value, 1));
    else if (flag == "--events")
      made.events = static_cast<int>(number(flag, value, 1));
    else if (flag == "--callers")
      made.callers = static_cast<int>(number(flag, value, 1));
    else if (flag == "--seconds")
      made.seconds = number(flag, value, 0.1);
    else if (flag == "--rate")
      made.rate = number(flag, value, 0.01);
    else if (flag == "--seed")
      made.seed = static_cast<std::uint64_t>(number(flag, value, 0));
    else if (flag == "--port")
      made.port = static_cast<std::uint16_t>(number(flag, value, 0));
    else if (flag == "--ca-folder")
      made.ca_folder = value;
    else if (flag == "--state")
      made.state_folder = value;
    else
      throw std::invalid_argument(std::string(flag));
  }
  if (made.steady()) made.events = std::max(1, static_cast<int>(made.rate * made.seconds));
  return made;
}

std::vector<std::string> server_arguments(const settings& wanted) {
  std::vector<std::string> words;
  const auto add = [&words](const char* flag, const std::string& value) {
    words.emplace_back(flag);
    words.push_back(value);
  };
  add("--streams", std::to_string(wanted.streams));
  add("--events", std::to_string(wanted.events));
  add("--seconds", std::to_string(wanted.seconds));
  if (wanted.steady()) add("--rate", std::to_string(wanted.rate));
  return words;
}

void allow_files(int count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const auto wanted = static_cast<rlim_t>(count);
  if (limit.rlim_max < wanted)
    throw std::runtime_error("needs " + std::to_string(count) + " open files, and the hard limit is " +
                             std::to_string(limit.rlim_max));
  limit.rlim_cur = std::max(limit.rlim_cur, wanted);
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
    throw std::runtime_error("cannot raise the number of open files");
}

void stay_on_core(int number) {
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2) return;
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(static_cast<std::size_t>(number), &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

double cpu_seconds() {
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  const rusage found = used();
  return seconds(found.ru_utime) + seconds(found.ru_stime);
}

std::int64_t max_rss_kb() { return used().ru_maxrss; }

}  // namespace soak
