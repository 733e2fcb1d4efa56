// One batch over a random source, service, consumer and caller, judged by rules of its own.
// Not the library's rules: it keeps count of each job itself.
#pragma once

#include "bulk/batch_core.hpp"
#include "random.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace bulk_model {

using namespace mistral::workflows::bulk_core;
using core_time = mistral::workflows::bulk_core::time_point;

/// How often what happened: a model in which it never does tests nothing.
struct happenings {
  std::uint64_t starts = 0, probes = 0, take_ups = 0, endings = 0, overdue = 0, left = 0, given_up = 0;
  std::uint64_t own_faults = 0, found_ended = 0, raced = 0, outrun = 0;
  std::array<std::uint64_t, 7> states{};  // ends of a step in each
  std::array<std::uint64_t, 4> stops{};   // by stop_cause
};

class model_run {
 public:
  model_run(std::uint64_t seed, happenings& counts);

  /// What went wrong; null: nothing.
  const char* run();

 private:
  enum class place { unseen, owed, queued, starting, running, closing, waiting, handed, gone };
  enum class nature { good, bad_input, never_starts };
  enum class mood { good, down, quota_used_up, busy };

  struct job {
    place where = place::unseen;
    nature kind = nature::good;
    bool found = false;  // it runs, or has ended, since an earlier life
    std::optional<stop_how> asked_to_end;
    int outcomes = 0;
    int attempts = 0;
    bool probes = false;  // of the start that is under way
    bool outrun = false;  // the caller wanted to go on since it was sent
    job_end closes_as = job_end::not_started;
  };

  test::random_source random_;
  happenings& counts_;
  batch_rules rules_;
  batch_core core_;
  core_time now_{};
  std::vector<job> jobs_;
  std::size_t next_ = 0;      // of the source
  std::size_t end_owed_ = 0;  // asked for a job when there was none any more
  bool source_over_ = false;  // and told so
  mood mood_ = mood::good;
  bool paused_by_caller_ = false;
  bool stopped_ = false;
  bool over_ = false;
  const char* wrong_ = nullptr;

  static batch_rules random_rules(test::random_source& random);
  void fail(const char* why) {
    if (wrong_ == nullptr) wrong_ = why;
  }
  void check(bool holds, const char* otherwise) {
    if (!holds) fail(otherwise);
  }
  std::size_t count(place where) const;
  std::optional<std::size_t> any(place where);

  void step();
  void calm_step();
  void feed();
  void give();
  void answer_start();
  void answer_well(std::size_t at);
  void lose_patience();
  void refuse(std::size_t at, blame whose);
  void end_running();
  void close();
  void consume();
  void command();
  void let_time_pass();

  void outcome(std::size_t at, job_end how);
  void obey();
  void obey(const batch_wish& wish);
  void begin(std::size_t at, const batch_wish& wish);
  void check_numbers();
  void check_wake();
};

}  // namespace bulk_model
