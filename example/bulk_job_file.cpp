#include "bulk_job_file.hpp"

#include <mistral/workflows/bulk/identity.hpp>
#include <mistral/workflows/bulk/job.hpp>
#include <mistral/workflows/error.hpp>

#include <boost/json/array.hpp>
#include <boost/json/error.hpp>
#include <boost/json/object.hpp>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <utility>

namespace bulk_run {

namespace json = boost::json;
namespace wf = mistral::workflows;

namespace {

/// Where in a line, 1-based, and why.
struct misfit {
  misfit(std::size_t at, std::string reason) : column(at), why(std::move(reason)) {}
  std::size_t column;
  std::string why;
};

/// The column of a member's value, as good as can be told without reading the line again by hand.
std::size_t column_of(const std::string& line, const std::string& member) {
  const std::size_t at = line.find('"' + member + '"');
  return at == std::string::npos ? 1 : at + 1;
}

json::value parse(const std::string& line) {
  boost::system::error_code failed;
  std::size_t read = 0;
  json::value parsed = wf::bulk_input_from_json(line, failed, &read);
  if (failed == json::error::extra_data) throw misfit(read + 1, "something follows the job");
  if (failed == json::error::not_exact) throw misfit(read + 1, "no 64 bits hold this number");
  if (failed) throw misfit(read + 1, "no JSON: " + failed.message());
  return parsed;
}

wf::bulk_job job_of(const std::string& line) {
  json::value parsed = parse(line);
  json::object* const members = parsed.if_object();
  if (!members) throw misfit(1, "a job is an object with a \"key\" and an \"input\"");
  for (const auto& member : *members)
    if (member.key() != "key" && member.key() != "input" && member.key() != "deadline_ms")
      throw misfit(column_of(line, std::string(member.key())),
                   "a job has no member \"" + std::string(member.key()) + '"');
  const json::value* const key = members->if_contains("key");
  if (!key) throw misfit(1, "the job has no \"key\"");
  if (!key->is_string()) throw misfit(column_of(line, "key"), "the key is no text");
  wf::bulk_job job{std::string(key->as_string())};
  try {
    // It says what is wrong with a key; the name of the batch does not matter here.
    wf::bulk_execution_id("check", job.key);
  } catch (const wf::invalid_argument& wrong) {
    throw misfit(column_of(line, "key"), wrong.what());
  }
  if (const json::value* const deadline = members->if_contains("deadline_ms")) {
    if (!deadline->is_int64() || deadline->as_int64() < 1)
      throw misfit(column_of(line, "deadline_ms"), "the deadline is no number of milliseconds");
    job.deadline = std::chrono::milliseconds(deadline->as_int64());
  }
  if (json::value* const input = members->if_contains("input")) job.input = std::move(*input);
  return job;
}

bool is_blank(const std::string& line) { return line.find_first_not_of(" \t\r") == std::string::npos; }

}  // namespace

job_file::job_file(const std::string& name) : name_(name == "-" ? "standard input" : name) {
  if (name == "-") return;
  file_.open(name, std::ios::binary);
  if (!file_) throw usage_error("cannot read " + name);
}

std::istream& job_file::in() { return file_.is_open() ? static_cast<std::istream&>(file_) : std::cin; }

std::optional<wf::bulk_job> job_file::next() {
  errno = 0;
  while (std::getline(in(), line_)) {
    ++number_;
    if (is_blank(line_)) continue;
    try {
      return job_of(line_);
    } catch (const misfit& found) {
      throw usage_error(name_ + ':' + std::to_string(number_) + ':' + std::to_string(found.column) + ": " +
                        found.why);
    }
  }
  // The rest of the jobs is not to be forgotten.
  if (errno == EINTR) throw reading_interrupted();
  if (in().bad() || (!file_.is_open() && std::ferror(stdin) != 0)) throw usage_error("cannot read " + name_);
  return std::nullopt;
}

checked_jobs check_jobs(const std::string& name) {
  checked_jobs made;
  job_file file(name);
  while (file.next()) {
    ++made.count;
    json::array chained;
    chained.emplace_back(made.hash);
    chained.emplace_back(file.line());
    made.hash = wf::bulk_input_hash(chained);
  }
  return made;
}

}  // namespace bulk_run
