// What a program does with a journal in SQLite, at its
// smallest: a batch is begun, and a second owner is refused.
// Not a test of behaviour: it shows that the library links, and
// that its errors keep their identity across the library boundary.
#include <mistral/workflows/journal/sqlite.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <filesystem>
#include <iostream>
#include <memory>

namespace asio = boost::asio;
namespace wf = mistral::workflows;

namespace {

asio::awaitable<void> open_twice(std::filesystem::path file, bool& caught) {
  const auto journal = wf::open_sqlite_journal(file);
  const auto other = wf::open_sqlite_journal(file);
  const wf::journal_manifest manifest("nightly", "support-workflow");
  co_await journal->open(manifest, wf::journal_begin::automatic);
  try {
    co_await other->open(manifest, wf::journal_begin::automatic);
  } catch (const wf::journal_error& error) {
    std::cout << error.what() << '\n';
    caught = error.problem() == wf::journal_problem::in_use && error.code() == wf::errc::invalid_argument;
  }
  co_await journal->close();
}

}  // namespace

int main() {
  const auto folder = std::filesystem::temp_directory_path() / "mistral_workflows_journal_consumer";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  asio::io_context context;
  bool caught = false;
  asio::co_spawn(context, open_twice(folder / "batch.journal", caught), [](std::exception_ptr failure) {
    if (failure) std::rethrow_exception(failure);
  });
  context.run();
  std::filesystem::remove_all(folder);
  return caught ? 0 : 1;
}
