// Drives one batch of endings through a story: what it wishes is checked, what it is told is a line.
// Not single calls, which story.hpp drives, and no judge of its own: each test says what is right.
#pragma once

#include "protocol/calls/batch_ending.hpp"
#include "protocol/calls/story.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace calls {

using protocol::batch_answer;
using protocol::batch_ending;
using protocol::batch_fate;
using protocol::batch_wish;

/// A batch of ids without known run ids, at noon of the server's clock.
struct batch {
  explicit batch(std::size_t ids, call_rules rules = within(60s))
      : batch(std::vector<std::optional<std::string>>(ids), rules) {}
  explicit batch(const std::vector<std::optional<std::string>>& runs, call_rules rules = within(60s))
      : machine(runs, rules) {}

  batch_ending machine;
  protocol::call_clock::time_point now{1h};
  std::set<std::size_t> under_way;  ///< looks
  std::size_t most_under_way = 0;
  double random01 = 0;  ///< of back-offs

  protocol::call_clock::duration slept{0};  ///< the machine: the wall clocks know of it

  protocol::moment at() const { return protocol::moment(protocol::call_time(now, slept), random01); }
  batch_wish next() { return machine.next(at()); }

  /// Lets it get ready, and gives what it sends.
  std::vector<std::size_t> sends() {
    batch_wish wanted = next();
    if (wanted.what == batch_wish::kind::wait) {
      now = std::max(now, wanted.until);
      wanted = next();
    }
    BOOST_TEST_REQUIRE((wanted.what == batch_wish::kind::prepare));
    wanted = machine.ready(at());
    BOOST_TEST_REQUIRE((wanted.what == batch_wish::kind::send));
    return wanted.ids;
  }
  void lost() {
    request_end end;
    end.reached = reach::sent;
    machine.sent(end, {}, at());
  }
  request_end answer(int status) const {
    request_end end;
    end.reached = reach::answered;
    end.status = status;
    end.json = true;
    end.date =
        noon + std::chrono::floor<std::chrono::seconds>(now - protocol::call_clock::time_point(1h) + slept);
    return end;
  }
  void answered(int status, std::optional<milliseconds> retry_after = {}) {
    request_end end = answer(status);
    end.retry_after = retry_after;
    machine.sent(end, {}, at());
  }
  void all_done(std::size_t ids) {
    machine.sent(answer(200), std::vector<batch_answer>(ids, batch_answer::success), at());
  }

  /// Begins what looks it wishes.
  void begin_looks() {
    for (batch_wish wanted = next();
         wanted.what == batch_wish::kind::look || wanted.what == batch_wish::kind::wait; wanted = next()) {
      if (wanted.what == batch_wish::kind::wait) now = std::max(now, wanted.until);
      if (wanted.what == batch_wish::kind::look) under_way.insert(wanted.id);
      most_under_way = std::max(most_under_way, under_way.size());
    }
  }
  void shows(std::size_t id, std::chrono::microseconds began, bool terminal = false, std::string run = "A") {
    found_thing thing;
    thing.start_time = noon + began;
    if (!run.empty()) thing.run_id = std::move(run);
    thing.terminal = terminal;
    ended(id, answer(200), thing);
  }
  void ended(std::size_t id, const request_end& end, std::optional<found_thing> thing = {}) {
    BOOST_TEST_REQUIRE(under_way.erase(id) == 1u);
    machine.looked(id, end, thing, at().time(), at());
  }
  void is(std::size_t id, batch_fate fate) { BOOST_TEST((machine.fate(id) == fate), "of id " << id); }
  void is_over() { BOOST_TEST((next().what == batch_wish::kind::end)); }
};

}  // namespace calls
