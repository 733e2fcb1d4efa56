#include "net/tls/watched_files.hpp"

#include <utility>

#include <sys/stat.h>

namespace mistral::workflows::net {
namespace {

std::int64_t in_nanoseconds(const timespec& time) {
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

watched_files::watched_files(std::vector<std::string> names) {
  for (std::string& name : names) {
    if (name.empty()) continue;
    file& added = files_.emplace_back();
    added.name = std::move(name);
  }
}

bool watched_files::changed() {
  bool any = false;
  for (file& one : files_) {
    const stamp now = stamp_of(one.name);
    if (!std::exchange(one.asked, true) || now != one.seen) any = true;
    one.seen = now;
  }
  return any;
}

watched_files::stamp watched_files::stamp_of(const std::string& name) {
  struct stat found{};
  stamp out;
  if (::stat(name.c_str(), &found) != 0) return out;
  out.device = found.st_dev;
  out.inode = found.st_ino;
  out.size = found.st_size;
  out.modified = in_nanoseconds(found.st_mtim);
  out.altered = in_nanoseconds(found.st_ctim);
  return out;
}

}  // namespace mistral::workflows::net
