// The model test of calls with the library's own attempts in place of the machine's driver:
// admission, key, pool, HTTP and JSON are in it. CALL_MODEL_SEED and CALL_MODEL_SEQUENCES
// replay a sequence but for the jitter, whose randomness is the library's.
#include "session/simulation/simulated_call.hpp"
#include "session/simulation/virtual_time.hpp"

#include "protocol/calls/model_judge.hpp"
#include "protocol/calls/model_settings.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>

BOOST_AUTO_TEST_CASE(no_call_does_harm_that_it_could_have_known_of_with_its_real_attempts) {
  using namespace call_model;
  const settings chosen(10);
  std::cout << "call simulation: " << chosen.to_replay() << std::endl;

  boost::asio::io_context io;
  history past;
  std::uint64_t wrong = 0;
  std::uint64_t harmed = 0;
  std::uint64_t requests = 0;
  std::uint64_t looks = 0;
  std::map<std::string, std::uint64_t> why;
  for (std::uint64_t i = 0; i < chosen.sequences; ++i) {
    random_source random(chosen.seed_of(i));
    simulation::simulated_call call(io, random, past);
    BOOST_REQUIRE(call.run());
    const judgement said = judge(past);
    if (chosen.sequences == 1) tell(past);
    if (said.wrong) {
      ++wrong;
      if (++why[said.wrong] == 1)
        std::cout << "wrong: " << said.wrong << ", " << chosen.to_replay(i) << std::endl;
    }
    harmed += said.harmed() ? 1 : 0;
    requests += past.sends.size();
    looks += past.looks.size();
  }
  for (const auto& [what, times] : why) std::cout << "  " << times << " times: " << what << std::endl;
  std::cout << "call simulation: " << chosen.sequences << " sequences, " << wrong << " wrong, " << harmed
            << " in the stated window; " << requests << " requests, " << looks << " looks, "
            << std::chrono::duration_cast<std::chrono::hours>(simulation::now().time_since_epoch()).count()
            << " hours of the clock" << std::endl;
  BOOST_TEST(wrong == 0u);
  BOOST_TEST(looks > chosen.sequences / 10);
}
