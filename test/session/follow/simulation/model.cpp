// The model test of following once more, with the library's own stream in place of the
// carrier of facts: parser, cursors, waits, exchanges and cancellation are in it.
// CALL_MODEL_SEED and CALL_MODEL_SEQUENCES in the environment replay one, told in full.
#include "protocol/calls/model_settings.hpp"
#include "session/follow/simulation/modelled_stream.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

BOOST_AUTO_TEST_CASE(
    no_stream_loses_or_doubles_an_event_or_ends_too_early_too_late_or_in_a_storm_with_its_real_waits) {
  using namespace follow_model;
#ifdef NDEBUG
  const call_model::settings chosen(40);
#else
  const call_model::settings chosen(10);
#endif
  std::cout << "stream model: " << chosen.to_replay() << std::endl;

  boost::asio::io_context io;
  tally counts;
  simulation::modelled_stream one(io, counts);
  std::uint64_t wrong = 0;
  std::map<std::string, std::uint64_t> why;
  for (std::uint64_t i = 0; i < chosen.sequences; ++i) {
    const random_source random(chosen.seed_of(i));
    const char* const said = one.run_one(random, chosen.sequences == 1 ? &std::cout : nullptr);
    if (!said) continue;
    ++wrong;
    if (++why[said] > 5 || chosen.sequences == 1) continue;
    std::cout << "wrong in sequence " << i << ": " << said << ", " << chosen.to_replay(i) << std::endl;
    if (why[said] == 1) one.run_one(random, &std::cout);
  }
  for (const auto& [what, times] : why) std::cout << "  " << times << " times: " << what << std::endl;
  const std::uint64_t wanted = chosen.sequences >= 2'000 ? 1 : 0;
  for (const hit what : {hit::duplicate,    hit::error_event,   hit::refused,
                         hit::retry_after,  hit::hung,          hit::not_connected,
                         hit::no_content,   hit::gone,          hit::clean_end,
                         hit::cut,          hit::limited_wait,  hit::cancelled_wait,
                         hit::pause,        hit::restart,       hit::restart_behind_the_end,
                         hit::failure_told, hit::end,           hit::end_by_event,
                         hit::end_by_drain, hit::end_of_result, hit::follow,
                         hit::incomplete,   hit::gave_up}) {
    const auto times = counts.hits[static_cast<std::size_t>(what)];
    std::cout << name_of(what) << ' ' << times << ", ";
    BOOST_TEST(times >= wanted, name_of(what) << " was met " << times << " times");
  }
  std::cout << counts.harm.unfinished << " sequences too long" << std::endl;
  std::cout << "stream model: " << chosen.sequences << " sequences, " << wrong << " wrong" << std::endl;
  BOOST_TEST(wrong == 0u);
}
