#include "bulk_outcome_file.hpp"

#include "bulk_settings.hpp"

#include <mistral/workflows/error.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

namespace bulk_run {

namespace wf = mistral::workflows;

namespace {

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string contents(const std::filesystem::path& name) {
  std::ifstream in(name, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

}  // namespace

outcome_file::outcome_file(const std::filesystem::path& name) {
  file_ = ::open(name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw usage_error("cannot write " + name.string());
  // What another process writes must not be cut off, nor be taken for what is to come.
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(file_);
    throw usage_error(name.string() + " is in use: another process writes its outcomes there");
  }
  std::uint64_t whole = 0;
  try {
    whole = read(contents(name), name.string());
  } catch (...) {
    ::close(file_);
    throw;
  }
  if (::ftruncate(file_, static_cast<off_t>(whole)) != 0) fail("mending " + name.string());
}

outcome_file::~outcome_file() {
  if (file_ >= 0) ::close(file_);
}

/// How many bytes of whole lines there are.
std::uint64_t outcome_file::read(const std::string& text, const std::string& name) {
  std::size_t begin = 0;
  std::uint64_t number = 0;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    ++number;
    try {
      note(wf::bulk_outcome_from_json(std::string_view(text).substr(begin, end - begin)));
    } catch (const wf::error& wrong) {
      throw usage_error(name + ':' + std::to_string(number) +
                        ": no outcome, so this is another file: " + wrong.what());
    }
    begin = end + 1;
  }
  // A process that was killed leaves a line that ends anywhere; it is cut off, which nothing else is to be.
  constexpr std::string_view beginning = R"({"key":")";
  const std::string_view rest = std::string_view(text).substr(begin);
  if (rest.substr(0, beginning.size()) != beginning.substr(0, rest.size()))
    throw usage_error(name + ": ends with what is no outcome, so this is another file");
  return begin;
}

bool outcome_file::note(const wf::bulk_outcome& outcome) {
  const bool forgotten = outcome.status == wf::bulk_status::unknown;
  // A job that is tried again has another execution, and a line of its own; and so has the end of one that
  // the service seemed to have forgotten.
  const std::string& id = outcome.execution_id.empty() ? outcome.key : outcome.execution_id;
  const auto [known, is_new] = forgotten_.try_emplace(id, forgotten);
  if (!is_new && (forgotten || !known->second)) return false;
  known->second = forgotten;
  bool& failed = failed_[outcome.key];
  failures_ -= failed ? 1 : 0;
  failed = forgotten || wf::is_failure(outcome.status);
  failures_ += failed ? 1 : 0;
  return true;
}

bool outcome_file::add(const wf::bulk_outcome& outcome) {
  if (!note(outcome)) return false;
  const std::string line = to_json_line(outcome) + '\n';
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t wrote = ::write(file_, line.data() + done, line.size() - done);
    if (wrote < 0 && errno != EINTR) fail("writing outcomes");
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  return true;
}

void outcome_file::sync() {
  if (::fdatasync(file_) != 0 && errno != EINVAL && errno != EROFS) fail("writing outcomes");
}

}  // namespace bulk_run
