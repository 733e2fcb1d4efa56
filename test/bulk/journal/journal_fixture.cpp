#include "bulk/journal/journal_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cerrno>
#include <optional>
#include <system_error>

#include <stdlib.h>

namespace test {

temporary_folder::temporary_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "journal-XXXXXX").string();
  if (!::mkdtemp(name.data())) throw std::system_error(errno, std::generic_category(), name);
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void bring_to_end(wf::bulk_journal& journal, std::uint64_t position, bool failed, std::uint32_t generation) {
  const std::string key = run(journal.claim(job(position, generation))).key;
  run(journal.started(key, "run of " + key, at_second(100), 1));
  run(journal.done(key, failed ? "\"bad\"" : "\"good\"", failed, at_second(200)));
}

std::vector<wf::journal_record> all(wf::bulk_journal& journal) {
  return run(journal.records(0, 100'000, std::nullopt));
}

wf::journal_record only(wf::bulk_journal& journal) {
  const auto found = all(journal);
  BOOST_REQUIRE_EQUAL(found.size(), 1u);
  return found.front();
}

}  // namespace test
