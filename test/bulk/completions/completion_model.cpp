// The model test of waiting: random executions on a model server, whose events are late, twice or lost, whose
// lists lag and whose answers fail. CALL_MODEL_SEED and CALL_MODEL_SEQUENCES in the environment replay one; a
// single sequence is told in full.
#include "bulk/completions/completion_core.hpp"
#include "bulk/completions/model_world.hpp"
#include "protocol/calls/model_settings.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <iostream>
#include <map>
#include <memory>

namespace {

using namespace hub_model;
namespace core = wf::bulk_core;
using status = wf::execution_status;

struct tally {
  std::map<std::string, std::uint64_t> met;
};

// One sequence: the hub's core, the server, and all that lies between.
class sequence {
 public:
  sequence(std::uint64_t seed, tally& counts, bool told)
      : random_(seed), counts_(counts), told_(told), hub_(options()) {}

  // What was wrong; empty: nothing.
  std::string run() {
    refused_ = random_.chance(0.1);
    loses_ = random_.chance(0.5) ? random_.uniform() * 0.5 : 0;
    fails_ = random_.chance(0.3) ? random_.uniform() * 0.6 : 0.01;
    stale_ = random_.chance(0.3) ? 400 * ms : 0;
    at(0, [this] { connect(); });
    const std::int64_t executions = 1 + random_.below(6);
    for (std::int64_t i = 0; i < executions; ++i) begin(i);
    const instant limit = 4 * 3600 * second;
    while (!queue_.empty() && wrong_.empty()) {
      auto next = queue_.begin();
      now_ = next->first;
      if (now_ > limit) return "a wait did not end";
      const auto what = std::move(next->second);
      queue_.erase(next);
      what();
      serve();
    }
    if (wrong_.empty() && !hub_.idle()) return "a wait is left, and nothing is to come";
    return wrong_;
  }

 private:
  struct wait {
    const hub_model::plan* of = nullptr;
    bool left = false;  // by its caller
  };

  wf::completions_options options() {
    wf::completions_options out;
    if (random_.chance(0.5)) out.page_overlap = std::chrono::milliseconds(1 + random_.below(5'000));
    if (random_.chance(0.3)) out.overdue_after = std::chrono::milliseconds(500 + random_.below(20'000));
    if (random_.chance(0.3)) out.gets_per_second = 0.2 + random_.uniform();
    longest_hold_ = out.overdue_after;
    return out;
  }

  core::instant steady() const {
    return core::instant(std::chrono::hours(1) + std::chrono::microseconds(now_));
  }
  void at(instant when, std::function<void()> what) { queue_.emplace(std::max(when, now_), std::move(what)); }
  void say(const std::string& text) const {
    if (told_) std::cout << now_ / ms << " ms: " << text << '\n';
  }
  void met(const char* what) { ++counts_.met[what]; }

  // ------------------------------------------------------------------------------------------------ callers

  void begin(std::int64_t number) {
    plans_.push_back(std::make_unique<hub_model::plan>(
        make_plan(random_, number, 30 * second + random_.around(20 * second))));
    const hub_model::plan& plan = *plans_.back();
    for (const planned_event& event : plan.events) emit(event);
    for (const planned_run& run : plan.runs)
      if (told_) {
        std::cout << "  " << run.execution_id << " run " << run.run_id << ' ' << run.start / ms << " to "
                  << run.end / ms << ' ' << wf::open_enum<status>(run.status).text()
                  << (run.older ? " older" : "") << '\n';
      }
    if (random_.chance(0.25)) {
      // Not before a GET can see the run, or the latest one would be one before it.
      at(plan.begun + stale_ + random_.around(5 * second), [this, &plan] { alone(plan); });
      return;
    }
    at(plan.begun - random_.around(200 * ms), [this, &plan] { expect(plan); });
  }

  void alone(const hub_model::plan& plan) {
    met("alone");
    // Of the runs of a chain that went elsewhere, the first is found under the id.
    const bool named = random_.chance(0.5);
    waits_[hub_.add(plan.execution_id, named ? plan.runs[plan.first].run_id : std::string(), steady())].of =
        &plan;
  }

  void expect(const hub_model::plan& plan) {
    const core::waiter_id who = hub_.expect(plan.execution_id);
    waits_[who].of = &plan;
    const planned_run& first = plan.runs[plan.first];
    const bool lost = random_.chance(0.03);
    const bool adopted = random_.chance(0.1);
    const instant answer = plan.begun + random_.around(adopted               ? 30 * second
                                                       : random_.chance(0.1) ? second
                                                                             : 20 * ms);
    const std::string named = random_.chance(0.05) ? std::string() : first.run_id;
    at(answer, [this, who, lost, adopted, named, &first] {
      if (lost) {
        waits_[who].left = true;
        return hub_.forget(who);
      }
      hub_.started(who, named, server_time(first.start), adopted, steady());
    });
    if (!random_.chance(0.05)) return;
    at(answer + random_.around(5 * second), [this, who] {
      waits_[who].left = true;
      hub_.forget(who);
    });
  }

  // ------------------------------------------------------------------------------------------------- events

  void emit(const planned_event& event) {
    const instant lag = random_.chance(0.05) ? random_.around(5 * second) : random_.around(10 * ms);
    // Those of earlier starts come when the stream begins, or at any time.
    at(event.at < 0 ? random_.around(60 * second) : event.at + lag, [this, event] { arrive(event); });
  }

  void arrive(const planned_event& event) {
    if (refused_) return;
    if (!up_) {
      if (random_.chance(0.5)) return met("lost while disconnected");
      held_.push_back(event);
      return;
    }
    if (random_.chance(loses_)) return met("lost");
    if (random_.chance(0.02)) deliver(event);
    deliver(event);
  }

  void deliver(const planned_event& event) {
    core::run_news news;
    news.execution_id = event.execution_id;
    news.run_id = event.run_id;
    news.status = event.status;
    news.at = server_time(event.at);
    news.next_run = event.next_run;
    news.failure = event.failure;
    news.has_result = event.whole;
    if (event.whole) news.result = event.result;
    say("event of " + event.execution_id + ' ' + event.run_id);
    hub_.event(std::move(news), steady());
  }

  void connect() {
    if (refused_) return hub_.stream_refused();
    up_ = true;
    say("stream up");
    hub_.stream_up(random_.chance(0.7), steady());
    for (const planned_event& event : std::exchange(held_, {})) deliver(event);
    if (!random_.chance(0.4)) return;
    at(now_ + random_.around(30 * second), [this] {
      up_ = false;
      say("stream down");
      if (random_.chance(0.9)) hub_.stream_down();
      at(now_ + random_.around(10 * second), [this] { connect(); });
    });
  }

  // ------------------------------------------------------------------------------------------------ answers

  void serve() {
    finish();
    for (core::ask& one : hub_.asks(steady())) {
      if (steady() < hold_until_) wrong_ = "asked before the time that the server asked for";
      answer(std::move(one));
    }
    if (const auto window = hub_.look(steady())) list(*window);
    if (const auto wake = hub_.wake()) {
      const instant due = std::chrono::ceil<std::chrono::microseconds>(*wake - steady()).count() + now_;
      if (!woken_ || due < *woken_) {
        woken_ = std::max(due, now_ + 1);
        at(*woken_, [this, when = *woken_] {
          if (woken_ == when) woken_.reset();
        });
      }
    }
  }

  void answer(core::ask question) {
    const instant seen = now_ + random_.around(20 * ms);
    at(seen, [this, question] {
      core::get_answer out = look_up(question);
      at(now_ + random_.around(20 * ms), [this, question, out] {
        say("answer " + std::to_string(static_cast<int>(question.what)) +
            std::to_string(static_cast<int>(out.said)) + " to " + question.id +
            (out.state.run_id ? " run " + *out.state.run_id : ""));
        if (out.wait) hold_until_ = std::max(hold_until_, steady() + std::min(*out.wait, longest_hold_));
        hub_.answered(question, out, steady());
      });
    });
  }

  core::get_answer look_up(const core::ask& question) {
    core::get_answer out;
    if (random_.chance(fails_)) {
      if (random_.chance(0.2)) {
        out.wait = std::chrono::milliseconds(random_.below(30'000));
        met("retry-after");
      }
      return out;
    }
    const instant as_of = now_ - (stale_ ? random_.below(stale_) : 0);
    for (const auto& plan : plans_) {
      const planned_run* found = question.what == core::ask::target::execution
                                     ? plan->latest(question.id, as_of)
                                     : plan->run(question.id, as_of);
      if (!found) continue;
      out.said = core::get_answer::verdict::found;
      if (question.what == core::ask::target::events) {
        if (found->end <= as_of) out.next_run = found->next_run;
      } else {
        out.state = shown(*found, as_of);
        if (random_.chance(0.02)) out.state.run_id.reset();
        if (random_.chance(0.02) && found->end > as_of) out.state.status.reset();
      }
      return out;
    }
    // A 404 that lags: it passes within a moment, and the hub has been told that it is there.
    return out;
  }

  void list(core::page_window window) {
    met(window.wide ? "wide looks" : "narrow looks");
    at(now_ + random_.around(50 * ms), [this, window] {
      const bool whole = !random_.chance(fails_);
      for (const auto& plan : plans_)
        for (const planned_run& run : plan->runs) show(run, window, whole);
      at(now_ + random_.around(50 * ms), [this, whole] { hub_.looked(whole, steady()); });
    });
  }

  void show(const planned_run& run, const core::page_window& window, bool whole) {
    const bool tells = run.status != status::terminated && run.status != status::timed_out;
    if (run.visible > now_ || server_time(run.end) < window.from || (tells && !window.wide)) return;
    if (!whole && random_.chance(0.5)) return;
    core::run_news row;
    row.execution_id = run.execution_id;
    row.run_id = run.run_id;
    row.status = run.status;
    row.at = server_time(run.end);
    row.start = server_time(run.start);
    say("row of " + run.run_id);
    hub_.row(std::move(row), steady());
  }

  // --------------------------------------------------------------------------------------------------- ends

  void finish() {
    for (const core::wait_end& end : hub_.take_ended()) {
      const auto found = waits_.find(end.who);
      if (found == waits_.end() || found->second.left) {
        wrong_ = "an end for nobody";
        return;
      }
      judge(*found->second.of, end);
      waits_.erase(found);
    }
  }

  void judge(const hub_model::plan& plan, const core::wait_end& end) {
    const planned_run& truth = plan.last();
    const wf::completion& said = end.end;
    say("end of " + said.execution_id + ' ' + std::string(said.status.text()) + " by run " + said.run_id);
    if (end.failed)
      wrong_ = "a wait failed";
    else if (now_ < truth.end)
      wrong_ = "an end before its time";
    else if (said.execution_id != plan.execution_id)
      wrong_ = "another execution";
    else if (said.status != truth.status)
      wrong_ = "another status";
    else if (!said.run_id.empty() && said.run_id != truth.run_id)
      wrong_ = "another run";
    else if (truth.status == status::completed && said.result != truth.result)
      wrong_ = "another result";
    else if (truth.status != status::completed && !said.result.is_null())
      wrong_ = "a result of a run without one";
    else if (!said.failure.empty() && said.failure != truth.failure &&
             said.failure != "an attempt of " + truth.run_id)
      wrong_ = "another failure";
    constexpr const char* sources[] = {"by event", "by page", "by get"};
    met(sources[static_cast<std::size_t>(said.seen_by)]);
    if (truth.execution_id != plan.execution_id) met("elsewhere");
    if (plan.runs.size() - plan.first > 1) met("after another run");
    if (now_ - truth.end > 60 * second) met("later than a minute");
  }

  random_source random_;
  tally& counts_;
  bool told_;
  std::chrono::milliseconds longest_hold_{};
  core::instant hold_until_{};
  core::completion_core hub_;
  std::multimap<instant, std::function<void()>> queue_;
  instant now_ = 0;
  std::optional<instant> woken_;
  std::vector<std::unique_ptr<hub_model::plan>> plans_;
  std::map<core::waiter_id, wait> waits_;
  std::vector<planned_event> held_;
  bool refused_ = false;
  bool up_ = false;
  double loses_ = 0;
  double fails_ = 0;
  instant stale_ = 0;
  std::string wrong_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(no_wait_is_lost_and_none_ends_wrong_whatever_is_late_twice_lost_or_of_an_older_run) {
  const call_model::settings chosen(10);
  const std::uint64_t sequences = chosen.sequences;
  std::cout << "completion model: " << chosen.to_replay() << std::endl;
  tally counts;
  std::uint64_t wrong = 0;
  for (std::uint64_t i = 0; i < sequences; ++i) {
    sequence one(chosen.seed_of(i), counts, sequences == 1);
    const std::string said = one.run();
    if (said.empty()) continue;
    if (++wrong <= 5) std::cout << "wrong: " << said << ", " << chosen.to_replay(i) << std::endl;
  }
  for (const auto& [what, times] : counts.met) std::cout << "  " << what << ' ' << times;
  std::cout << std::endl
            << "completion model: " << sequences << " sequences, " << wrong << " wrong" << std::endl;
  BOOST_TEST(wrong == 0u);
  if (sequences >= 1'000) BOOST_TEST(counts.met.size() == 12u);
}
