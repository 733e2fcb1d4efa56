// What a batch has in hand of one job, from its arrival to its outcome.
// Not where it stands: batch_core knows that.
#pragma once

#include "bulk/batch_facts.hpp"
#include "bulk/common/task_group.hpp"
#include "bulk/ending/ending_run.hpp"

#include <mistral/workflows/bulk/completions.hpp>
#include <mistral/workflows/bulk/job.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/json/value.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {

class job_in_hand {
 public:
  job_in_hand() = default;

  bulk_core::job_id id = 0;  // its position
  std::string key;
  boost::json::value input;  // null once it runs
  std::optional<std::chrono::milliseconds> deadline;
  std::string execution_id;
  std::string run_id;
  timestamp queued{};
  std::optional<timestamp> started;  // by the server's clock
  int attempts = 0;
  bool look_first = false;                    // a start may have been sent: ask before the next
  bool may_run = false;                       // ... and in this life, without an answer
  bool sending = false;                       // a start is under way
  bool adopted = false;                       // it was found running, or ended
  bool found = false;                         // an earlier life of the batch started it
  bool concluded = false;                     // it has its outcome
  ending_kind ends_by = ending_kind::cancel;  // the hardest that a stop has asked for
  std::optional<expected> place;              // in the hub
  std::weak_ptr<running_task> task;           // starts or waits for it
};

/// A job whose execution is to be ended.
class ending_in_hand {
 public:
  explicit ending_in_hand(std::shared_ptr<job_in_hand> whose, ending_kind how)
      : job(std::move(whose)), kind(how), target(job->execution_id, job->run_id) {}

  std::shared_ptr<job_in_hand> job;
  ending_kind kind;
  ending_target target;                  // the start's run, or what that has gone on as
  int unclear = 0;                       // how often it was not to be seen what that is
  bool is_overdue = false;               // it is ended although it has its outcome
  std::chrono::milliseconds pause{500};  // before it is tried again
};

/// A job that is not certain to have been started only once.
class doubtful_job {
 public:
  doubtful_job() = default;
  explicit doubtful_job(const job_in_hand& job) : key(job.key), position(job.id) {}

  std::string key;
  std::uint64_t position = 0;
  std::string own_run;  // that a start of this life began for certain
};

}  // namespace mistral::workflows::bulk_run
