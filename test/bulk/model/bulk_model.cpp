// The model test of a batch: random sources, services, consumers and commands.
// BULK_MODEL_SEED and BULK_MODEL_SEQUENCES in the environment replay one.
#include "bulk/model/model_run.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

namespace {

#ifdef NDEBUG
constexpr std::uint64_t usual = 100'000;
#else
constexpr std::uint64_t usual = 2'000;
#endif

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const given = std::getenv(name);
  return given ? std::strtoull(given, nullptr, 0) : otherwise;
}

std::uint64_t from_clock() {
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_job_of_a_batch_has_one_outcome_and_every_batch_ends) {
  using namespace bulk_model;
  const std::uint64_t seed = from_environment("BULK_MODEL_SEED", from_clock());
  const std::uint64_t sequences = from_environment("BULK_MODEL_SEQUENCES", usual);
  std::cout << "bulk model: BULK_MODEL_SEED=" << seed << " BULK_MODEL_SEQUENCES=" << sequences << std::endl;

  happenings counts;
  std::uint64_t wrong = 0;
  std::map<std::string, std::uint64_t> why;
  for (std::uint64_t i = 0; i < sequences; ++i) {
    const std::uint64_t own = seed + i * 0x632be59bd9b4e019u;
    model_run one(own, counts);
    const char* said = one.run();
    if (said == nullptr) continue;
    ++wrong;
    if (++why[said] == 1)
      std::cout << "wrong: " << said << ", BULK_MODEL_SEED=" << own << " BULK_MODEL_SEQUENCES=1\n";
  }
  for (const auto& [what, times] : why) std::cout << "  " << times << " times: " << what << '\n';
  std::cout << "bulk model: " << counts.starts << " starts, " << counts.probes << " probes, "
            << counts.take_ups << " taken up, " << counts.found_ended << " found ended, " << counts.endings
            << " ended, " << counts.overdue << " overdue, " << counts.left << " left, " << counts.given_up
            << " given up, " << counts.own_faults << " own faults, " << counts.raced
            << " ended before their start was answered, " << counts.outrun
            << " probes outrun by the caller\n";
  std::cout << "bulk model: " << sequences << " sequences, " << wrong << " wrong" << std::endl;
  BOOST_TEST(wrong == 0u);

  if (sequences < 1'000) return;
  for (const std::uint64_t times :
       {counts.starts, counts.probes, counts.take_ups, counts.found_ended, counts.endings, counts.overdue,
        counts.left, counts.given_up, counts.own_faults, counts.raced, counts.outrun})
    BOOST_TEST(times > 0u);
  for (const std::uint64_t times : counts.states) BOOST_TEST(times > 0u);
  for (const std::uint64_t times : counts.stops) BOOST_TEST(times > 0u);
}
