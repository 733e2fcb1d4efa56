// The model test of calls: random sequences against the model server, judged by rules of its own.
// CALL_MODEL_SEED and CALL_MODEL_SEQUENCES in the environment replay one.
#include "protocol/calls/model_driver.hpp"
#include "protocol/calls/model_judge.hpp"
#include "protocol/calls/model_settings.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>

BOOST_AUTO_TEST_CASE(
    no_call_does_harm_that_it_could_have_known_of_and_none_says_falsely_that_nothing_was_done) {
  using namespace call_model;
  const settings chosen;
  const std::uint64_t sequences = chosen.sequences;
  std::cout << "call model: " << chosen.to_replay() << std::endl;

  cell_counts cells;
  history past;
  judgement all;
  std::uint64_t wrong = 0;
  std::uint64_t harmed = 0;
  std::map<std::string, std::uint64_t> why;
  for (std::uint64_t i = 0; i < sequences; ++i) {
    random_source random(chosen.seed_of(i));
    driver call(random, past, cells);
    call.run_one();
    const judgement said = judge(past);
    if (sequences == 1) tell(past);
    if (said.wrong) {
      ++wrong;
      if (++why[said.wrong] == 1)
        std::cout << "wrong: " << said.wrong << ", " << chosen.to_replay(i) << std::endl;
    }
    harmed += said.harmed() ? 1 : 0;
    all.acted_and_finished_unseen += said.acted_and_finished_unseen;
    all.late_after_a_later_send += said.late_after_a_later_send;
    all.hit_a_newer_run += said.hit_a_newer_run;
    all.adopted_somebody_elses += said.adopted_somebody_elses;
  }
  for (const auto& [what, times] : why) std::cout << "  " << times << " times: " << what << std::endl;
  std::cout << "in the stated window: " << all.acted_and_finished_unseen << " acted and finished unseen, "
            << all.late_after_a_later_send << " late after a later send, " << all.hit_a_newer_run
            << " hit a newer run, " << all.adopted_somebody_elses << " adopted somebody else's" << std::endl;
  const std::uint64_t wanted = sequences >= 1'000'000 ? 1000 : sequences >= 20'000 ? 1 : 0;
  std::uint64_t least = ~std::uint64_t{0};
  for (const auto& cell : cell_counts::reachable()) {
    const std::uint64_t times = cells.of(cell);
    least = std::min(least, times);
    BOOST_TEST(times >= wanted, "state " << static_cast<int>(cell.from) << (cell.looked ? ", look" : ", send")
                                         << " fact " << static_cast<int>(cell.what) << " was reached "
                                         << times << " times");
  }
  std::cout << "cells of the table: " << cell_counts::reachable().size() << ", each reached " << least
            << " times or more" << std::endl;
  std::cout << "call model: " << sequences << " sequences, " << wrong << " wrong, " << harmed
            << " in the stated window" << std::endl;
  BOOST_TEST(wrong == 0u);
}
