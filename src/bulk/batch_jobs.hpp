// The jobs of a batch between the source and the consumer: who stands where, and in which order they start.
// Not when they may: batch_core.cpp.
#pragma once

#include "bulk/batch_facts.hpp"

#include <mistral/workflows/export.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_core {

/// Where a job stands.
enum class job_place : std::uint8_t {
  queued,    ///< to be started
  returned,  ///< likewise, after a start that was not its fault
  found,     ///< queued too; it runs since an earlier life, and is to be taken up
  starting,  ///< its start is under way
  running,   ///<
  closing,   ///< its outcome was asked for: overdue, left, not started
  waiting,   ///< its outcome waits for the consumer
  handed,    ///< the consumer has it and has not asked for the next
};
inline constexpr std::size_t job_places = 8;

class batch_job {
 public:
  batch_job() = default;

  job_place place = job_place::queued;
  stop_how asked_to_end = stop_how::drain;  // cancel or terminate, once that was wished
  std::uint16_t attempts = 0;               ///< starts that failed by its fault or went well
  std::uint16_t strikes = 0;  ///< starts that failed by the batch's fault although others went well meanwhile
  std::uint16_t sent_after = 0;        ///< how often the batch went on before its start was sent
  std::uint64_t wins_seen = 0;         ///< of all starts, when its last one failed
  std::optional<time_point> deadline;  // set before it runs
};

/// Memory is for the jobs that stand somewhere; what was acknowledged is forgotten.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT batch_jobs {
 public:
  /// Nothing where there is no such job.
  batch_job* find(job_id id);
  const batch_job* find(job_id id) const;

  batch_job& add(job_id id, job_place place);
  void move(job_id id, batch_job& job, job_place to);
  void forget(job_id id);

  std::size_t count(job_place place) const noexcept { return counts_[static_cast<std::size_t>(place)]; }
  /// To be started.
  std::size_t startable() const noexcept { return count(job_place::queued) + count(job_place::returned); }
  std::size_t queued() const noexcept { return startable() + count(job_place::found); }

  /// To the front of the queue, behind those that returned before.
  void give_back(job_id id, batch_job& job);
  /// The next to start leaves its line. One that returned and one that
  /// did not take turns: a job that can never be started holds up nobody.
  std::optional<job_id> take_next_to_start();
  std::optional<job_id> take_next_found();

  std::optional<time_point> first_deadline() const;
  /// A running job whose deadline is not after `now`.
  std::optional<job_id> overdue(time_point now) const;

  /// All in such a place, in order of position. Takes time: for the end of a batch.
  std::vector<job_id> all(job_place place) const;

 private:
  std::unordered_map<job_id, batch_job> jobs_;
  std::array<std::size_t, job_places> counts_{};
  std::deque<job_id> fresh_;
  std::deque<job_id> returned_;
  std::deque<job_id> found_;
  std::set<std::pair<time_point, job_id>> deadlines_;
  bool turn_of_returned_ = false;

  std::optional<job_id> front_of(std::deque<job_id>& line, job_place place) const;
};

}  // namespace mistral::workflows::bulk_core
