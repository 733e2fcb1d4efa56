#include "bulk/completions/model_world.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace hub_model {

using status = wf::execution_status;

namespace {

std::string new_run_id(random_source& random) {
  char text[37];
  const std::uint64_t bits = random.number();
  std::snprintf(text, sizeof(text), "%08x-0000-4000-8000-%012llx", static_cast<unsigned>(bits >> 32),
                static_cast<unsigned long long>(random.number() & 0xffffffffffffu));
  return text;
}

class planner {
 public:
  planner(random_source& random, plan& made) : random_(random), made_(made) {}

  void older_runs() {
    instant end = made_.begun - 2 * second - random_.around(20 * second);
    for (std::int64_t left = random_.below(3); left > 0; --left) {
      planned_run run = begin(made_.execution_id, end - 1 - random_.around(5 * second));
      run.end = end;
      run.older = true;
      const status kinds[] = {status::completed, status::canceled, status::failed, status::terminated};
      run.status = kinds[random_.below(4)];
      finish(run, run.status != status::terminated);
      end = run.start - 1;
      made_.runs.insert(made_.runs.begin(), run);
    }
    made_.first = made_.runs.size();
  }

  void chain() {
    std::string id = made_.execution_id;
    instant at = made_.begun;
    std::string run_id;
    for (int depth = 0;; ++depth) {
      planned_run run = begin(id, at);
      if (!run_id.empty()) run.run_id = run_id;
      run_id.clear();
      run.end = at + 1 + random_.around(random_.chance(0.2) ? 60 * second : 2 * second);
      failed_attempts(run);
      if (depth == 4 || !random_.chance(0.4)) return last(run);
      at = run.end;
      switch (random_.below(4)) {
        case 0:  // a reset
          run.status = status::terminated;
          finish(run, false);
          at += random_.below(400 * ms);
          break;
        case 1:  // a retry as another run
          run.status = status::failed;
          finish(run, true);
          break;
        default:
          run.status = status::continued_as_new;
          run_id = new_run_id(random_);
          run.next_run = run_id;
          if (random_.chance(0.3)) id = "elsewhere-" + run_id;
          finish(run, true);
      }
      made_.runs.push_back(run);
    }
  }

 private:
  planned_run begin(const std::string& id, instant at) {
    planned_run out;
    out.execution_id = id;
    out.run_id = new_run_id(random_);
    out.start = at;
    out.result = random_.below(1'000'000'000);
    return out;
  }

  void failed_attempts(planned_run& run) {
    while (random_.chance(0.15)) {
      planned_event event = of(run);
      event.status = status::failed;
      event.failure = "an attempt of " + run.run_id;
      event.at = run.end;
      made_.events.push_back(event);
      run.end += 1 + random_.around(second);
    }
  }

  void last(planned_run& run) {
    const status kinds[] = {status::completed, status::completed, status::completed,  status::completed,
                            status::failed,    status::canceled,  status::terminated, status::timed_out};
    run.status = kinds[random_.below(8)];
    finish(run, run.status != status::terminated && run.status != status::timed_out);
    made_.runs.push_back(run);
  }

  void finish(planned_run& run, bool tells) {
    if (run.status == status::failed) run.failure = "the end of " + run.run_id;
    run.visible = run.end + (random_.chance(0.02) ? random_.around(60 * second) : random_.around(second));
    if (!tells) return;
    planned_event event = of(run);
    event.at = run.end;
    made_.events.push_back(event);
  }

  planned_event of(const planned_run& run) {
    planned_event out;
    out.execution_id = run.execution_id;
    if (!random_.chance(0.05)) out.run_id = run.run_id;
    out.status = run.status;
    if (!random_.chance(0.1)) out.next_run = run.next_run;
    out.failure = run.failure;
    out.whole = run.status == status::completed && random_.chance(0.9);
    out.result = run.result;
    return out;
  }

  random_source& random_;
  plan& made_;
};

}  // namespace

instant random_source::around(instant mean) {
  return static_cast<instant>(-std::log(1 - uniform()) * static_cast<double>(mean));
}

wf::timestamp server_time(instant at) {
  return wf::timestamp(std::chrono::hours(24 * 365 * 56) + wf::duration(at));
}

const planned_run* plan::latest(const std::string& id, instant at) const {
  const planned_run* out = nullptr;
  for (const planned_run& run : runs)
    if (run.execution_id == id && run.start <= at) out = &run;
  return out;
}

const planned_run* plan::run(const std::string& run_id, instant at) const {
  for (const planned_run& one : runs)
    if (one.run_id == run_id && one.start <= at) return &one;
  return nullptr;
}

plan make_plan(random_source& random, std::int64_t number, instant begun) {
  plan out;
  out.execution_id = "batch-" + std::to_string(number);
  out.begun = begun;
  planner work(random, out);
  if (random.chance(0.4)) work.older_runs();
  work.chain();
  std::stable_sort(out.events.begin(), out.events.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  return out;
}

wf::execution shown(const planned_run& run, instant at) {
  wf::execution out;
  out.execution_id = run.execution_id;
  out.run_id = run.run_id;
  out.start_time = server_time(run.start);
  out.status = status::running;
  if (run.end > at) return out;
  out.status = run.status;
  out.end_time = server_time(run.end);
  if (run.status == status::completed) out.result = run.result;
  return out;
}

}  // namespace hub_model
