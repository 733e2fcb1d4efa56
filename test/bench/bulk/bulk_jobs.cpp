#include "bulk_jobs.hpp"

#include <boost/json/object.hpp>

#include <charconv>
#include <cmath>
#include <system_error>

namespace bulk_bench {

namespace json = boost::json;
namespace wf = mistral::workflows;

namespace {

/// Between 0 and 1; `which` of the job's numbers. SplitMix64 over its place.
double number_between_0_and_1(std::uint64_t seed, std::uint64_t number, std::uint64_t which) {
  std::uint64_t mixed = seed * 0x9e3779b97f4a7c15u + number * 2 + which;
  mixed += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  mixed ^= mixed >> 31;
  return static_cast<double>(mixed >> 11) * 0x1.0p-53;
}

const char* word_of(fate what) {
  switch (what) {
    case fate::completes:
      return "completes";
    case fate::fails:
      return "fails";
    case fate::is_terminated:
      return "terminated";
  }
  return "";
}

}  // namespace

std::chrono::microseconds job_plan::duration(std::uint64_t number) const {
  const double share = -std::log1p(-number_between_0_and_1(seed, number, 0));
  return std::chrono::microseconds(std::llround(share * static_cast<double>(mean.count()) * 1e3));
}

fate job_plan::fate_of(std::uint64_t number) const {
  const double drawn = number_between_0_and_1(seed, number, 1);
  if (drawn < failing) return fate::fails;
  return drawn < failing + terminated ? fate::is_terminated : fate::completes;
}

wf::bulk_job job_plan::job(std::uint64_t number) const {
  json::object input;
  input["us"] = duration(number).count();
  input["fate"] = word_of(fate_of(number));
  input["size"] = result_size;
  return wf::bulk_job(key_of(number), input);
}

std::string key_of(std::uint64_t number) { return "job-" + std::to_string(number); }

std::optional<std::uint64_t> number_of(const std::string& key) {
  std::uint64_t number = 0;
  if (!key.starts_with("job-")) return std::nullopt;
  const auto [end, failed] = std::from_chars(key.data() + 4, key.data() + key.size(), number);
  if (failed != std::errc() || end != key.data() + key.size()) return std::nullopt;
  return number;
}

}  // namespace bulk_bench
