// Drives one call machine through a story: what it wishes
// is checked, what it is told is written down in a line.
// No judge of its own: each test says what is right.
#pragma once

#include "protocol/calls/machine.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <optional>
#include <ostream>
#include <string>
#include <utility>

namespace mistral::workflows {
inline std::ostream& operator<<(std::ostream& out, server_action a) { return out << static_cast<int>(a); }
inline std::ostream& operator<<(std::ostream& out, retry_end e) { return out << static_cast<int>(e); }
}  // namespace mistral::workflows

namespace mistral::workflows::protocol {
inline std::ostream& operator<<(std::ostream& out, call_end e) { return out << static_cast<int>(e); }
inline std::ostream& operator<<(std::ostream& out, wish::kind k) { return out << static_cast<int>(k); }
inline std::ostream& operator<<(std::ostream& out, wait_reason r) { return out << static_cast<int>(r); }
}  // namespace mistral::workflows::protocol

namespace calls {

namespace protocol = mistral::workflows::protocol;
using namespace std::chrono_literals;
using mistral::workflows::retry_end;
using mistral::workflows::server_action;
using protocol::call_end;
using protocol::call_identity;
using protocol::call_rules;
using protocol::found_thing;
using protocol::named_id;
using protocol::proof;
using protocol::reach;
using protocol::request_end;
using protocol::safety;
using protocol::wait_reason;
using protocol::wish;
using std::chrono::milliseconds;

/// Of the server's clock, when a story begins: a whole second, so that `Date` is exact then.
inline constexpr mistral::workflows::timestamp noon{std::chrono::hours(24 * 365 * 56)};

inline call_rules within(milliseconds deadline) {
  call_rules out;
  out.deadline = protocol::call_clock::time_point(1h) + deadline;
  return out;
}

inline call_identity under_own_id() { return call_identity::keyed(proof::id); }
inline call_identity under_callers_id() { return call_identity::keyed(proof::time); }
inline call_identity attaching() {
  call_identity out = under_callers_id();
  out.attach_running = true;
  return out;
}
inline call_identity schedule() { return call_identity::keyed(proof::definition, "WF_1201"); }
inline call_identity ending_of(std::optional<std::string> run = {}) {
  return call_identity::ending(std::move(run));
}
inline call_identity plain(safety what) { return call_identity(what); }

class story {
 public:
  explicit story(call_identity who, call_rules rules = within(60s)) : machine(std::move(who), rules) {
    wish_ = machine.begin();
  }

  protocol::call_machine machine;
  double random01 = 0;                 ///< of back-offs
  std::chrono::microseconds takes{0};  ///< each request, from its first byte to its end
  std::optional<milliseconds> waited;  ///< before the request under way
  wait_reason waited_why = wait_reason::back_off;
  bool took_token = false;

  const wish& wished() const { return wish_; }
  bool told() const { return told_; }

  /// Time passes for whoever gets ready: in the gate's line, for the key, for a connection.
  story& preparing_for(milliseconds time) {
    carry_out_waits();
    BOOST_TEST_REQUIRE(wish_.what == wish::kind::prepare);
    now_ += time;
    return *this;
  }

  story& sends() { return leaves(wish::kind::send); }
  story& looks() { return leaves(wish::kind::look); }

  story& ends(call_end how, server_action acted = server_action::no) {
    BOOST_TEST_REQUIRE(wish_.what == wish::kind::end);
    BOOST_TEST(wish_.how == how);
    BOOST_TEST(machine.acted() == acted);
    return *this;
  }
  story& because(retry_end why) {
    BOOST_TEST(machine.retries_ended() == why);
    return *this;
  }

  // How a request ends.
  story& lost() {
    request_end end;
    end.reached = reach::sent;
    return ended(end);
  }
  story& refused_connect() {
    request_end end;
    return unprepared(end);
  }
  story& bad_certificate() {
    request_end end;
    end.permanent = true;
    return unprepared(end);
  }
  story& answered(int status, std::string code = "", std::optional<milliseconds> retry_after = {}) {
    request_end end = answer(status);
    end.code = std::move(code);
    end.retry_after = retry_after;
    return ended(end);
  }
  story& unauthorized() {
    request_end end = answer(401);
    end.renewable_key = true;
    return ended(end);
  }
  story& misnamed() {
    request_end end = answer(200);
    end.id = named_id::other;
    return ended(end);
  }
  story& cut_after_head(int status) {
    request_end end = answer(status);
    end.reached = reach::sent;
    return ended(end);
  }
  story& ended(const request_end& end) {
    now_ += takes;
    if (looking_)
      wish_ = machine.looked(end, std::nullopt, at());
    else
      wish_ = machine.sent(end, at());
    told_ = machine.is_told();
    return *this;
  }

  // What a look says.
  story& absent(std::string code = "WF_1100") { return answered(404, std::move(code)); }
  story& foreign_404() {
    request_end end = answer(404);
    end.json = false;
    end.code = "WF_1100";
    return ended(end);
  }
  /// `began`: after noon, of the server's clock.
  story& found(std::chrono::microseconds began, std::string run = "A", bool terminal = false,
               bool as_sent = true) {
    found_thing thing;
    thing.start_time = noon + began;
    if (!run.empty()) thing.run_id = std::move(run);
    thing.terminal = terminal;
    thing.as_sent = as_sent;
    now_ += takes;
    request_end end = answer(200);
    if (!dated) end.date.reset();
    wish_ = machine.looked(end, thing, at());
    return *this;
  }
  bool dated = true;
  std::chrono::seconds age{0};  ///< of answers, as a cache says

  request_end answer(int status) const {
    request_end end;
    end.reached = reach::answered;
    end.status = status;
    end.json = true;
    end.age = age;
    end.date = std::chrono::floor<std::chrono::seconds>(
        noon + std::chrono::floor<std::chrono::microseconds>(now_ - begin_ + slept_));
    return end;
  }

  story& stopped(protocol::stop_reason why, const request_end& under_way = request_end()) {
    wish_ = machine.stop(why, under_way);
    return *this;
  }
  story& gate_opens_too_late() {
    wish_ = machine.shut();
    return *this;
  }
  story& without_token() {
    BOOST_TEST_REQUIRE(wish_.token);
    wish_ = machine.no_token();
    return *this;
  }
  story& pass(milliseconds time) {
    now_ += time;
    return *this;
  }
  /// The machine: of this time the wall clocks know, its and the server's.
  story& sleeps(milliseconds time) {
    slept_ += time;
    return *this;
  }
  protocol::moment at() const { return protocol::moment(protocol::call_time(now_, slept_), random01); }

 private:
  const protocol::call_clock::time_point begin_{1h};
  protocol::call_clock::time_point now_ = begin_;
  protocol::call_clock::duration slept_{0};
  wish wish_;
  bool looking_ = false;
  bool told_ = false;

  void carry_out_waits() {
    if (wish_.what != wish::kind::wait) return;
    BOOST_TEST_REQUIRE((wish_.until >= now_));
    waited = std::chrono::floor<milliseconds>(wish_.until - now_);
    waited_why = wish_.why;
    now_ = wish_.until;
    wish_ = machine.woke();
  }

  story& leaves(wish::kind what) {
    waited.reset();
    took_token = wish_.token;
    carry_out_waits();
    if (wish_.what == wish::kind::prepare) wish_ = machine.ready(at());
    BOOST_TEST_REQUIRE(wish_.what == what);
    looking_ = what == wish::kind::look;
    return *this;
  }

  story& unprepared(const request_end& end) {
    waited.reset();
    carry_out_waits();
    BOOST_TEST_REQUIRE(wish_.what == wish::kind::prepare);
    wish_ = machine.unprepared(end, at());
    told_ = machine.is_told();
    return *this;
  }
};

}  // namespace calls
