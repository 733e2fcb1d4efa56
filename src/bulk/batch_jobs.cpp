#include "bulk/batch_jobs.hpp"

#include <algorithm>

namespace mistral::workflows::bulk_core {
namespace {

std::size_t place_index(job_place place) { return static_cast<std::size_t>(place); }

}  // namespace

batch_job* batch_jobs::find(job_id id) {
  const auto it = jobs_.find(id);
  return it == jobs_.end() ? nullptr : &it->second;
}

const batch_job* batch_jobs::find(job_id id) const {
  const auto it = jobs_.find(id);
  return it == jobs_.end() ? nullptr : &it->second;
}

batch_job& batch_jobs::add(job_id id, job_place place) {
  const auto [it, added] = jobs_.try_emplace(id);
  if (!added) return it->second;
  it->second.place = place;
  ++counts_[place_index(place)];
  if (place == job_place::queued) fresh_.push_back(id);
  if (place == job_place::found) found_.push_back(id);
  return it->second;
}

void batch_jobs::move(job_id id, batch_job& job, job_place to) {
  if (job.place == job_place::running && job.deadline) deadlines_.erase({*job.deadline, id});
  --counts_[place_index(job.place)];
  job.place = to;
  ++counts_[place_index(to)];
  if (to == job_place::running && job.deadline) deadlines_.emplace(*job.deadline, id);
}

void batch_jobs::forget(job_id id) {
  const auto it = jobs_.find(id);
  if (it == jobs_.end()) return;
  --counts_[place_index(it->second.place)];
  jobs_.erase(it);
}

void batch_jobs::give_back(job_id id, batch_job& job) {
  move(id, job, job_place::returned);
  returned_.push_back(id);
}

// A line keeps the ids of those that have left it until they come to its front.
std::optional<job_id> batch_jobs::front_of(std::deque<job_id>& line, job_place place) const {
  while (!line.empty()) {
    const batch_job* job = find(line.front());
    if (job != nullptr && job->place == place) return line.front();
    line.pop_front();
  }
  return std::nullopt;
}

std::optional<job_id> batch_jobs::take_next_to_start() {
  const std::optional<job_id> returned = front_of(returned_, job_place::returned);
  const std::optional<job_id> fresh = front_of(fresh_, job_place::queued);
  const bool takes_returned = returned && (turn_of_returned_ || !fresh);
  turn_of_returned_ = !takes_returned;
  if (takes_returned) {
    returned_.pop_front();
    return returned;
  }
  if (fresh) fresh_.pop_front();
  return fresh;
}

std::optional<job_id> batch_jobs::take_next_found() {
  const std::optional<job_id> first = front_of(found_, job_place::found);
  if (first) found_.pop_front();
  return first;
}

std::optional<time_point> batch_jobs::first_deadline() const {
  return deadlines_.empty() ? std::nullopt : std::optional(deadlines_.begin()->first);
}

std::optional<job_id> batch_jobs::overdue(time_point now) const {
  if (deadlines_.empty() || deadlines_.begin()->first > now) return std::nullopt;
  return deadlines_.begin()->second;
}

std::vector<job_id> batch_jobs::all(job_place place) const {
  std::vector<job_id> ids;
  for (const auto& [id, job] : jobs_)
    if (job.place == place) ids.push_back(id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace mistral::workflows::bulk_core
