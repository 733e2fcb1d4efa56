#include "journal/sqlite/lock_file.hpp"

#include "bulk/journal_rules.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace mistral::workflows::journal_sqlite {

using bulk_core::journal_failure;

namespace {

// A record lock of fcntl: the kernel tells its holder, and no child that a fork made keeps it. But a process
// has it as a whole, and loses it when it closes *any* descriptor of the file. So what this process holds is
// kept here, and looked up before the file is opened. After a fork the entries are those of the parent.
struct held_here {
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, pid_t> files;
};

held_here& held() {
  static held_here* const one =
      new held_here;  // not destroyed: a journal may be closed by a static's destructor
  return *one;
}

[[noreturn]] void fail(const std::string& file) {
  throw journal_failure(journal_problem::failed, "locking " + file + ": " + std::strerror(errno));
}

[[noreturn]] void in_use(const std::string& holder, const std::string& file) {
  throw journal_failure(journal_problem::in_use,
                        "the journal is in use by " + holder + ", which holds " + file);
}

struct flock whole_file(short type) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

// What the holder wrote, where the kernel cannot name it: it
// may be in a container of its own, with other process ids.
std::string written_in(int descriptor) {
  std::array<char, 256> text{};
  const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
  return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size))
                  : "a process that cannot be named";
}

std::string holder_of(int descriptor) {
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK && lock.l_pid > 0)
    return "process " + std::to_string(lock.l_pid);
  return written_in(descriptor);
}

void write_holder(int descriptor) {
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) != 0) host[0] = '\0';
  const std::string text = "process " + std::to_string(::getpid()) + " on " + host.data();
  // For people and for `written_in`: the lock is as good without it.
  if (::ftruncate(descriptor, 0) != 0 || ::pwrite(descriptor, text.data(), text.size(), 0) < 0) errno = 0;
}

}  // namespace

lock_file::lock_file(const std::filesystem::path& file) {
  held_here& here = held();
  const std::lock_guard guard(here.mutex);
  struct stat status{};
  if (::stat(file.c_str(), &status) == 0) {
    const auto found = here.files.find({status.st_dev, status.st_ino});
    if (found != here.files.end() && found->second == ::getpid())
      in_use("process " + std::to_string(::getpid()) + " (this one)", file.string());
  }
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0) fail(file.string());
  struct flock lock = whole_file(F_WRLCK);
  if (::fcntl(descriptor, F_SETLK, &lock) != 0) {
    const int reason = errno;
    const std::string holder = reason == EACCES || reason == EAGAIN ? holder_of(descriptor) : std::string();
    ::close(descriptor);
    errno = reason;
    if (holder.empty()) fail(file.string());
    in_use(holder, file.string());
  }
  if (::fstat(descriptor, &status) != 0) {
    const int reason = errno;
    ::close(descriptor);
    errno = reason;
    fail(file.string());
  }
  write_holder(descriptor);
  here.files[{status.st_dev, status.st_ino}] = ::getpid();
  descriptor_ = descriptor;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

lock_file::~lock_file() {
  held_here& here = held();
  const std::lock_guard guard(here.mutex);
  here.files.erase({device_, inode_});
  ::close(descriptor_);
}

}  // namespace mistral::workflows::journal_sqlite
