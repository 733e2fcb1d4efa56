#include "testing/engine/store/journal.hpp"

#include <boost/crc.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <cerrno>
#include <cstdio>
#include <stdexcept>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace mistral::workflows::testing {
namespace {

constexpr std::string_view first_line = "mistral_workflows journal 1\n";
/// Eight hexadecimal digits and a space before each record.
constexpr std::size_t prefix_length = 9;

[[noreturn]] void fail(const char* what, const std::filesystem::path& file) {
  throw boost::system::system_error(errno, boost::system::system_category(),
                                    std::string(what) + " " + file.string());
}

std::string checksum(std::string_view record) {
  boost::crc_32_type crc;
  crc.process_bytes(record.data(), record.size());
  char text[prefix_length + 1];
  std::snprintf(text, sizeof text, "%08x ", static_cast<unsigned>(crc.checksum()));
  return std::string(text, prefix_length);
}

std::string read_whole(int descriptor, const std::filesystem::path& file) {
  std::string bytes;
  constexpr std::size_t step = 1 << 20;
  for (;;) {
    auto old_size = bytes.size();
    bytes.resize(old_size + step);
    auto count = ::pread(descriptor, bytes.data() + old_size, step, static_cast<off_t>(old_size));
    if (count < 0 && errno != EINTR) fail("cannot read", file);
    bytes.resize(old_size + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return bytes;
  }
}

}  // namespace

std::filesystem::path journal::file_in(const std::filesystem::path& folder) { return folder / "journal"; }

journal::journal(const std::filesystem::path& folder) : file_(file_in(folder)) {
  std::error_code no_folder;
  std::filesystem::create_directories(folder, no_folder);
  if (no_folder) {
    errno = no_folder.value();
    fail("cannot make the folder of", file_);
  }
  descriptor_ = ::open(file_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail("cannot open", file_);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    auto busy = errno == EWOULDBLOCK;
    ::close(descriptor_);
    if (busy) errno = EBUSY;
    fail(busy ? "another server uses" : "cannot lock", file_);
  }
}

journal::~journal() { ::close(descriptor_); }

void journal::read(const std::function<void(std::string_view record)>& each) {
  auto bytes = read_whole(descriptor_, file_);
  // What was written last may end anywhere, but a line feed stands only where a record is whole.
  auto whole = bytes.rfind('\n');
  size_ = whole == std::string::npos ? 0 : static_cast<std::int64_t>(whole) + 1;
  if (::ftruncate(descriptor_, size_) != 0) fail("cannot cut", file_);

  auto rest = std::string_view(bytes).substr(0, static_cast<std::size_t>(size_));
  if (rest.empty()) {
    write_all(first_line);
    return;
  }
  if (!rest.starts_with(first_line))
    throw std::runtime_error(file_.string() + " is not a journal of this version");
  rest.remove_prefix(first_line.size());
  while (!rest.empty()) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    auto record = line.size() < prefix_length ? std::string_view() : line.substr(prefix_length);
    if (record.empty() || line.substr(0, prefix_length) != checksum(record)) {
      auto position = line.data() - bytes.data();
      throw std::runtime_error(file_.string() + " is damaged at byte " + std::to_string(position));
    }
    each(record);
  }
}

void journal::append(std::string_view record) {
  // One write, so that a process killed in between leaves a record without its end at most.
  std::string line = checksum(record);
  line += record;
  line += '\n';
  write_all(line);
}

void journal::write_all(std::string_view bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    auto count = ::pwrite(descriptor_, bytes.data() + written, bytes.size() - written,
                          static_cast<off_t>(size_) + static_cast<off_t>(written));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      auto cause = errno;
      if (::ftruncate(descriptor_, size_) != 0) cause = errno;
      errno = cause;
      fail("cannot write", file_);
    }
    written += static_cast<std::size_t>(count);
  }
  size_ += static_cast<std::int64_t>(bytes.size());
}

}  // namespace mistral::workflows::testing
