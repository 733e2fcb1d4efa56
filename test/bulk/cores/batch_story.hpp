// A batch that a test tells what happens, on a clock that the test moves.
// Not the model test's: that is in test/bulk/model.
#pragma once

#include "bulk/batch_core.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bulk_test {

using namespace mistral::workflows::bulk_core;
using namespace std::chrono_literals;
using kind = batch_wish::kind;

class batch_story {
 public:
  explicit batch_story(batch_rules rules = batch_rules()) : core(std::move(rules)) {}

  batch_core core;
  mistral::workflows::bulk_core::time_point now{};

  /// The source gives so many jobs, as far as they may be taken; how many it gave.
  int give(int most) {
    int given = 0;
    while (given < most && core.may_take()) {
      core.taking();
      core.arrived(next_position_++);
      ++given;
    }
    return given;
  }
  void end_source() {
    core.taking();
    core.source_ended();
  }

  /// All that the batch wishes now; its starts are answered by answer().
  std::vector<batch_wish> wishes() {
    std::vector<batch_wish> all;
    while (const auto wish = core.next(now)) all.push_back(*wish);
    return all;
  }
  /// The jobs of all wishes now, which must be of this kind.
  std::vector<job_id> all_of(kind what) {
    std::vector<job_id> jobs;
    for (const batch_wish& wish : wishes()) {
      BOOST_TEST((wish.what == what));
      jobs.push_back(wish.job);
    }
    return jobs;
  }

  void run(job_id job, std::optional<mistral::workflows::bulk_core::time_point> deadline = {}) {
    core.accepted(now - 10ms, now);
    core.started(job, deadline, now);
  }
  /// Its outcome is made, taken and done with.
  void finish(job_id job, job_end how = job_end::completed) {
    BOOST_TEST(core.ended(job, how, now));
    take(job);
  }
  void take(job_id job) {
    core.handed_out(job);
    core.acknowledged(job);
  }
  after_failure fail(job_id job, blame whose, const std::string& why = "why",
                     std::optional<duration> retry_after = {}) {
    return core.start_failed(job, start_failure(whose, why, retry_after), now);
  }
  void pass(duration time) { now += time; }

 private:
  job_id next_position_ = 0;
};

/// Rules of a batch that has so many in flight and no rate to speak of.
inline batch_rules in_flight(std::size_t most) {
  batch_rules rules;
  rules.most_in_flight = most;
  rules.starts_per_second = 1e6;
  return rules;
}

using jobs = std::vector<job_id>;

}  // namespace bulk_test
