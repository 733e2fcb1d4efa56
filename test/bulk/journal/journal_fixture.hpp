// What tests of journals share: the two stores behind one
// face, and operations awaited where there is no coroutine.
// Not a store of its own.
#pragma once

#include "bulk/memory_journal.hpp"

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/journal/sqlite.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/mpl/list.hpp>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows {

inline std::ostream& operator<<(std::ostream& out, journal_stage stage) { return out << to_string(stage); }
inline std::ostream& operator<<(std::ostream& out, journal_problem problem) {
  return out << "journal_problem " << static_cast<int>(problem);
}

}  // namespace mistral::workflows

namespace test {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

/// Runs an operation to its end.
template <typename Value>
Value run(asio::awaitable<Value> operation) {
  asio::io_context context;
  auto result = asio::co_spawn(context, std::move(operation), asio::use_future);
  context.run();
  return result.get();
}

/// Runs them all at once.
template <typename Value>
void run_all(std::vector<asio::awaitable<Value>> operations) {
  asio::io_context context;
  for (auto& one : operations) asio::co_spawn(context, std::move(one), asio::detached);
  context.run();
}

/// A folder that goes with the test.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline wf::timestamp at_second(std::int64_t second) {
  return wf::timestamp(std::chrono::seconds(1'700'000'000 + second));
}

inline wf::journal_manifest manifest() {
  wf::journal_manifest out("nightly", "support-workflow");
  out.options = R"({"wait":"result"})";
  return out;
}

/// The claim of a job in a generation.
inline wf::journal_record job(std::uint64_t position, std::uint32_t generation = 0) {
  const std::string key = "job-" + std::to_string(position);
  return {key, position, "hash of " + key, key + "-in-" + std::to_string(generation),
          at_second(static_cast<std::int64_t>(position))};
}

/// What goes wrong with a journal, as text: empty where nothing does.
struct trouble {
  wf::journal_problem problem{};
  bool failed_code = false;  ///< errc::journal_failed, else errc::invalid_argument
  std::string what;

  bool says(std::string_view text) const { return what.find(text) != std::string::npos; }
};
template <typename Value>
trouble trouble_of(asio::awaitable<Value> operation) {
  try {
    run(std::move(operation));
  } catch (const wf::journal_error& error) {
    return {error.problem(), error.code() == wf::errc::journal_failed, error.what()};
  }
  return {};
}

/// Claims a job and gives it an outcome.
void bring_to_end(wf::bulk_journal& journal, std::uint64_t position, bool failed = false,
                  std::uint32_t generation = 0);

/// All records of the generation.
std::vector<wf::journal_record> all(wf::bulk_journal& journal);
/// The only one.
wf::journal_record only(wf::bulk_journal& journal);

// The stores: `journal` gives a journal of the same batch anew, as another process would.

class memory_kind {
 public:
  std::shared_ptr<wf::bulk_journal> journal() const { return wf::bulk_core::open_memory_journal(store_); }
  void lose_lock() const { wf::bulk_core::lose_lock(*store_); }
  void set_failing(bool failing) const { wf::bulk_core::set_failing(*store_, failing); }

 private:
  std::shared_ptr<wf::bulk_core::memory_store> store_ = wf::bulk_core::make_memory_store();
};

class sqlite_kind {
 public:
  std::shared_ptr<wf::bulk_journal> journal() const { return wf::open_sqlite_journal(file()); }
  void lose_lock() const { std::filesystem::remove(folder_ / "batch.journal.lock"); }
  std::filesystem::path file() const { return folder_ / "batch.journal"; }

 private:
  temporary_folder folder_;
};

using stores = boost::mpl::list<memory_kind, sqlite_kind>;

}  // namespace test
