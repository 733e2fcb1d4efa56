// The model test of following: random executions on a model
// server, followed by the watcher, judged by rules of its own.
// CALL_MODEL_SEED and CALL_MODEL_SEQUENCES in the environment replay one; a single sequence is told in full.
#include "protocol/calls/model_settings.hpp"
#include "protocol/follow/model/carrier.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>

BOOST_AUTO_TEST_CASE(
    no_event_of_a_followed_execution_is_lost_and_none_ends_too_early_too_late_or_in_a_storm) {
  using namespace follow_model;
  const call_model::settings chosen;
  const std::uint64_t sequences = chosen.sequences;
  std::cout << "watcher model: " << chosen.to_replay() << std::endl;

  tally counts;
  carrier one(counts);
  std::uint64_t wrong = 0;
  std::map<std::string, std::uint64_t> why;
  for (std::uint64_t i = 0; i < sequences; ++i) {
    const random_source random(chosen.seed_of(i));
    const char* const said = one.run_one(random, sequences == 1 ? &std::cout : nullptr);
    if (!said) continue;
    ++wrong;
    if (++why[said] > 5 || sequences == 1) continue;
    std::cout << "wrong in sequence " << i << ": " << said << ", " << chosen.to_replay(i) << std::endl;
    if (why[said] == 1) one.run_one(random, &std::cout);
  }
  for (const auto& [what, times] : why) std::cout << "  " << times << " times: " << what << std::endl;

  const auto& harm = counts.harm;
  std::cout << "as stated: " << harm.run_after_the_last_get
            << " runs after the last GET; events: " << harm.event_after_the_drain << " after the drain, "
            << harm.event_behind_a_clean_end << " behind a clean end, " << harm.event_after_its_end
            << " after the end, " << harm.event_after_missing << " after they were missing; "
            << harm.successor_found_late << " successors found late; " << harm.unfinished
            << " sequences too long" << std::endl;
  const std::uint64_t wanted = sequences >= 1'000'000 ? 100 : sequences >= 20'000 ? 1 : 0;
  std::uint64_t least = ~std::uint64_t{0};
  for (std::size_t i = 0; i < counts.hits.size(); ++i) {
    const auto times = counts.hits[i];
    least = std::min(least, times);
    std::cout << (i == 0 ? "met: " : ", ") << name_of(static_cast<hit>(i)) << ' ' << times;
    BOOST_TEST(times >= wanted, name_of(static_cast<hit>(i)) << " was met " << times << " times");
  }
  std::cout << std::endl
            << "watcher model: " << sequences << " sequences, " << wrong << " wrong" << std::endl;
  BOOST_TEST(wrong == 0u);
}
