// The model test of batches of endings: many ids in one
// request, looks beside one another, and a judge of its own.
// CALL_MODEL_SEED and CALL_MODEL_SEQUENCES in the environment replay one.
#include "protocol/calls/batch_ending.hpp"
#include "protocol/calls/model_history.hpp"
#include "protocol/calls/model_settings.hpp"
#include "random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace call_model {
namespace {

namespace protocol = mistral::workflows::protocol;
using protocol::batch_answer;
using protocol::batch_fate;
using protocol::batch_wish;
using test::random_source;
using namespace std::chrono_literals;

/// One id: what runs under it, and what the client did and saw.
struct entry {
  std::vector<run> runs;
  std::vector<act> acts;
  int given_run = -1;
  instant first_doubt = never;
  bool in_request = false;
  bool looking = false;
  look_record look;  // the last one since the last request with this id, if `looked`
  bool looked = false;

  int latest(instant now) const {
    int out = -1;
    for (std::size_t i = 0; i < runs.size(); ++i)
      if (runs[i].start <= now) out = static_cast<int>(i);
    return out;
  }
};

struct request {
  int number = 0;
  instant left = 0;
  instant arrives = never;
  instant ends = 0;
  int status = 0;
  int code = 0;
  instant retry_after = -1;
  bool renewable = false;
  bool said_all = true;
  std::vector<std::size_t> ids;
  std::vector<instant>
      seen;  // for each: when the look that permits it was answered by the server, or when it left
  std::vector<batch_answer> said;
};

class batch_sequence {
 public:
  explicit batch_sequence(std::uint64_t seed) : random_(seed) {}

  const char* wrong = nullptr;
  int harm = 0;

  void run_one() {
    prepare_world();
    std::vector<std::optional<std::string>> runs(ids_.size());
    for (std::size_t i = 0; i < ids_.size(); ++i)
      if (ids_[i].given_run >= 0) runs[i] = name(ids_[i].given_run);
    protocol::call_rules rules;
    rules.deadline = time(deadline_);
    rules.max_attempts = static_cast<int>(1 + random_.below(4));
    protocol::batch_ending call(runs, rules);
    batch_wish wanted = call.next(at());
    for (int steps = 0; wanted.what != batch_wish::kind::end; ++steps) {
      if (steps > 5000) return wrong_if(true, "does not end");
      wanted = carry_out(call, wanted);
    }
    ended_at_ = now_;
    arrivals(now_ + 100 * second);
    for (std::size_t i = 0; i < ids_.size(); ++i) judge(ids_[i], call.fate(i));
  }

 private:
  random_source random_;
  std::vector<entry> ids_;
  std::vector<request> late_;  // not yet arrived, the one under way included
  std::optional<request> under_way_;
  instant now_ = 0;
  instant deadline_ = 0;
  instant ended_at_ = 0;
  int requests_ = 0;
  int looking_ = 0;

  void wrong_if(bool bad, const char* what) {
    if (bad && !wrong) wrong = what;
  }
  protocol::moment at() { return protocol::moment(time(now_), random_.uniform()); }
  static protocol::call_clock::time_point time(instant i) {
    return protocol::call_clock::time_point(1h + std::chrono::microseconds(i));
  }
  static mistral::workflows::timestamp server_time(instant i) {
    return mistral::workflows::timestamp(400'000h + std::chrono::microseconds(i));
  }
  static std::string name(int number) { return "run " + std::to_string(number); }

  void prepare_world() {
    deadline_ = random_.chance(0.8) ? 60 * second : 100 * ms + random_.mostly_short(20 * second);
    ids_.resize(static_cast<std::size_t>(1 + (random_.chance(0.8) ? random_.below(4) : random_.below(30))));
    for (entry& one : ids_) {
      instant start = -(random_.chance(0.5) ? random_.below(2 * second) : random_.below(500 * second));
      for (int i = 0; i < 3; ++i) {
        run it;
        it.start = start;
        it.end = std::max<instant>(0, start) + (random_.chance(0.3) ? never / 2 : random_.below(3 * second));
        one.runs.push_back(it);
        if (it.end > 1000 * second || random_.chance(0.3)) break;
        start = it.end + (random_.chance(0.5) ? 0 : random_.below(second));
      }
      if (random_.chance(0.3)) one.given_run = 0;
    }
  }

  batch_wish carry_out(protocol::batch_ending& call, const batch_wish& wanted) {
    switch (wanted.what) {
      case batch_wish::kind::prepare:
        return prepare(call);
      case batch_wish::kind::look:
        begin_look(wanted.id);
        return call.next(at());
      case batch_wish::kind::wait:
        wrong_if(wanted.until > time(deadline_), "a wait was begun that ends after the deadline");
        return pass(call, instant_of(wanted.until));
      default:
        return pass(call, std::min(deadline_, instant_of(wanted.until)));
    }
  }
  static instant instant_of(protocol::call_clock::time_point when) {
    return std::chrono::ceil<std::chrono::microseconds>(when - time(0)).count();
  }

  batch_wish prepare(protocol::batch_ending& call) {
    if (random_.chance(0.1)) now_ += random_.below(1500 * ms);
    if (now_ < deadline_ && random_.chance(0.03)) {
      call.unprepared(protocol::request_end(), at());
      return call.next(at());
    }
    const batch_wish wanted = call.ready(at());
    if (wanted.what == batch_wish::kind::send) send(wanted.ids);
    return wanted.what == batch_wish::kind::send ? call.next(at()) : wanted;
  }

  void send(const std::vector<std::size_t>& ids) {
    wrong_if(now_ >= deadline_, "a request left at the deadline or after it");
    request one;
    one.number = requests_++;
    one.left = now_;
    one.ids = ids;
    one.said_all = random_.chance(0.9);
    one.arrives = now_ + random_.mostly_short(200 * ms);
    one.ends = one.arrives + random_.mostly_short(300 * ms);
    switch (random_.below(10)) {
      case 0:  // lost before it arrives
        one.arrives = never;
        break;
      case 1:  // lost after
        break;
      case 2:  // lost, and it acts late
        one.arrives = one.ends + random_.mostly_short(10 * second);
        break;
      case 3:
        one.arrives = never;
        one.status = 429;
        if (random_.chance(0.5)) one.retry_after = random_.below(2000) * ms;
        break;
      case 4:
        one.arrives = never;
        one.status = random_.chance(0.5) ? 403 : 401;
        one.renewable = one.status == 401;
        break;
      case 5:
        one.status = random_.chance(0.5) ? 503 : 504;
        break;
      default:
        one.status = 200;
    }
    for (const std::size_t id : ids) {
      judge_request(ids_[id], one);
      one.seen.push_back(ids_[id].looked ? ids_[id].look.evaluated : now_);
    }
    late_.push_back(one);
    under_way_ = one;
  }

  void begin_look(std::size_t id) {
    entry& one = ids_[id];
    wrong_if(now_ >= deadline_, "a look left at the deadline or after it");
    wrong_if(one.looking, "two looks at one id at once");
    wrong_if(++looking_ > 8, "more than eight looks at once");
    wrong_if(one.first_doubt == never, "a look for no reason");
    one.looking = true;
    one.look = look_record();
    one.look.sent = now_ + random_.mostly_short(100 * ms);
    one.look.evaluated = one.look.sent + random_.mostly_short(200 * ms);
    one.look.ended = one.look.evaluated + random_.mostly_short(1500 * ms);
  }

  // Until then, or until something ends before.
  batch_wish pass(protocol::batch_ending& call, instant until) {
    instant first = until;
    entry* look = nullptr;
    for (entry& one : ids_)
      if (one.looking && one.look.ended <= first) {
        first = one.look.ended;
        look = &one;
      }
    const bool sent = under_way_ && under_way_->ends <= first;
    if (sent) first = under_way_->ends;
    now_ = std::max(now_, std::min(first, deadline_));
    arrivals(now_);
    if (first >= deadline_) {
      protocol::request_end left;
      left.reached = under_way_ ? protocol::reach::sent : protocol::reach::not_sent;
      call.stop(left);
    } else if (sent) {
      end_request(call);
    } else if (look) {
      end_look(call, *look);
    }
    return call.next(at());
  }

  void arrivals(instant until) {
    for (;;) {
      const auto first = std::min_element(late_.begin(), late_.end(), [](const request& a, const request& b) {
        return a.arrives < b.arrives;
      });
      if (first == late_.end() || first->arrives > until || first->arrives == never) return;
      request now = *first;
      late_.erase(first);
      for (std::size_t i = 0; i < now.ids.size(); ++i)
        now.said.push_back(act_on(ids_[now.ids[i]], now, now.seen[i]));
      if (under_way_ && under_way_->number == now.number) under_way_->said = now.said;
    }
  }

  batch_answer act_on(entry& one, const request& by, instant seen) {
    const int latest = one.latest(by.arrives);
    if (latest < 0) return batch_answer::failure;
    run& it = one.runs[static_cast<std::size_t>(latest)];
    if (!it.running_at(by.arrives)) return batch_answer::failure;
    act did;
    did.send = by.number;
    did.at = by.arrives;
    did.on_run = latest;
    one.acts.push_back(did);
    judge_act(one, by, latest, seen);
    it.end = by.arrives + (random_.chance(0.7) ? 0 : random_.below(2 * second));
    return by.said_all || random_.chance(0.5) ? batch_answer::success : batch_answer::nothing;
  }

  void end_request(protocol::batch_ending& call) {
    const request said = *under_way_;
    under_way_.reset();
    protocol::request_end end;
    end.reached = said.status == 0 ? protocol::reach::sent : protocol::reach::answered;
    end.status = said.status;
    end.json = true;
    end.renewable_key = said.renewable;
    if (said.retry_after >= 0) end.retry_after = std::chrono::milliseconds(said.retry_after / ms);
    const bool doubtful = said.status == 0 || said.status >= 500;
    for (std::size_t i = 0; i < said.ids.size(); ++i) {
      entry& one = ids_[said.ids[i]];
      one.in_request = false;
      const bool untold = said.status == 200 && said.said[i] == batch_answer::nothing;
      if ((doubtful || untold) && one.first_doubt == never) one.first_doubt = said.left;
    }
    call.sent(end, said.said, at());
  }

  void end_look(protocol::batch_ending& call, entry& one) {
    one.looking = false;
    --looking_;
    const auto id = static_cast<std::size_t>(&one - ids_.data());
    protocol::request_end end;
    end.reached = protocol::reach::answered;
    end.json = true;
    std::optional<protocol::found_thing> thing;
    const int latest = one.latest(one.look.evaluated);
    const auto odd = random_.below(20);
    if (odd == 0) end.reached = protocol::reach::sent;
    if (odd == 1) end.status = 404;
    if (odd == 2) end.status = 503;
    if (odd == 3) {
      end.status = 429;
      end.retry_after = 5ms;
    }
    if (odd > 3) {
      end.status = 200;
      end.date = server_time(one.look.evaluated / second * second);
      const run& it = one.runs[static_cast<std::size_t>(latest)];
      thing.emplace();
      thing->start_time = server_time(it.start);
      thing->run_id = name(latest);
      thing->terminal = !it.running_at(one.look.evaluated);
      one.look.said.shows = true;
      one.look.said.shown_run = latest;
      one.look.said.shown_terminal = thing->terminal;
    }
    one.looked = true;
    call.looked(id, end, thing, time(one.look.sent), at());
  }

  // Beside the rules of single endings (model_judge.cpp): a look permits for a second.
  void judge_request(entry& one, const request& now) {
    wrong_if(one.in_request, "an id in two requests at once");
    one.in_request = true;
    if (one.first_doubt != never) {
      const look_record& l = one.look;
      const bool shown = one.looked && !one.looking && l.said.shows && !l.said.shown_terminal;
      wrong_if(!shown, "sent in doubt, and the last look did not show a run that goes on");
      wrong_if(shown && now.left - l.sent > second, "sent on a look that is too old");
      wrong_if(shown && l.said.shown_run != meant(one), "sent although a look showed another run");
    }
    if (one.first_doubt == never) one.looked = false;
  }

  int meant(const entry& one) const {
    return one.given_run >= 0 || one.first_doubt == never ? one.given_run : one.latest(one.first_doubt);
  }

  void judge_act(entry& one, const request& by, int on, instant seen) {
    const run& hit = one.runs[static_cast<std::size_t>(on)];
    if (hit.start <= by.left && (one.first_doubt == never || one.first_doubt >= by.left)) return;
    if (on == meant(one)) return;
    wrong_if(hit.start < seen, "ended a run that a look had shown to be another");
    ++harm;
  }

  void judge(const entry& one, batch_fate fate) {
    const int target = meant(one);
    const bool doubtful = one.first_doubt != never || one.in_request;
    switch (fate) {
      case batch_fate::open:
        return wrong_if(true, "an id is left open");
      case batch_fate::refused:
        wrong_if(doubtful, "in doubt, and said to be refused");
        return wrong_if(!one.acts.empty(), "said not to have acted, and it has");
      case batch_fate::unknown:
        return wrong_if(!doubtful, "in doubt for no reason");
      case batch_fate::success:
        break;
    }
    bool done = target < 0;
    for (const act& a : one.acts) done |= a.at <= ended_at_;
    wrong_if(!done && one.runs[static_cast<std::size_t>(target)].running_at(ended_at_),
             "said to be done, and the run goes on");
  }
};

}  // namespace
}  // namespace call_model

BOOST_AUTO_TEST_CASE(no_batch_ends_a_run_that_it_could_have_known_not_to_be_meant) {
  using namespace call_model;
  const settings chosen(10);
  std::cout << "batch model: " << chosen.to_replay() << std::endl;
  std::uint64_t wrong = 0;
  std::uint64_t harmed = 0;
  for (std::uint64_t i = 0; i < chosen.sequences; ++i) {
    batch_sequence one(chosen.seed_of(i));
    one.run_one();
    harmed += one.harm > 0 ? 1 : 0;
    if (!one.wrong) continue;
    if (++wrong < 10) std::cout << "wrong: " << one.wrong << ", " << chosen.to_replay(i) << std::endl;
  }
  std::cout << "batch model: " << chosen.sequences << " sequences, " << wrong << " wrong, " << harmed
            << " in the stated window" << std::endl;
  BOOST_TEST(wrong == 0u);
}
