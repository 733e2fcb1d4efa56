// The server of the model: one execution id (or schedule id) under which things
// begin and end, requests that act late or never, and answers that get lost,
// lag, or come from somebody in front of it. On a clock that its caller moves.
// Not a part of the library, and not an HTTP server: whoever wants bytes writes them from the replies.
#pragma once

#include "protocol/calls/model_history.hpp"
#include "random.hpp"

#include <cstddef>
#include <vector>

namespace call_model {

using test::random_source;

class server {
 public:
  server(random_source& random, history& past) : random_(random), past_(past) {}

  /// A new sequence, at time 0.
  void begin();

  /// A request whose first byte leaves now. Its answer, or its loss, is there when this says.
  instant post(int send, instant now);
  /// A look. `evaluated`: when it is answered by the server, on its way back after that.
  instant get(instant now, instant& evaluated);

  /// Lets happen what is due until then.
  void advance(instant to);

  /// What post() and get() ended with, once advance() has come to that time.
  const reply& answer_to_post() const { return post_reply_; }
  const reply& answer_to_get() const { return get_reply_; }

  /// How far its clock is ahead of the beginning of one of its seconds, at time 0.
  instant clock_offset() const { return clock_offset_; }

  /// The request under way, which has not been answered, is dropped before it arrives. False: it has arrived.
  bool withdraw(int send);

 private:
  enum class post_kind : std::uint8_t {
    good,
    lost_after,
    lost_before,
    lost_late,
    lost_on_stale,
    passing_after,
    passing_before,
    passing_late,
    lasting_after,
    lasting_before,
    misnamed_after,
    misnamed_before,
    cut_before,
    cut_2xx,
    unreadable_2xx,
    doubled,
    too_many,
    too_many_timed,
    unavailable_timed,
    too_early,
    unauthorized,
    forbidden,
    count_
  };
  enum class get_kind : std::uint8_t {
    good,
    lost,
    lost_on_stale,
    foreign_404,
    too_many,
    too_many_timed,
    unavailable,
    forbidden,
    unauthorized,
    misnamed,
    unreadable,
    undated,
    without_run_id,
    count_
  };
  enum class event_kind : std::uint8_t { arrival, evaluation, foreign_start };
  struct event {
    instant at = 0;
    event_kind what = event_kind::arrival;
    int send = -1;
    post_kind how = post_kind::good;
  };

  random_source& random_;
  history& past_;
  std::vector<event> due_;
  double post_weights_[static_cast<std::size_t>(post_kind::count_)] = {};
  double get_weights_[static_cast<std::size_t>(get_kind::count_)] = {};
  get_kind get_how_ = get_kind::good;
  reply post_reply_;
  reply get_reply_;
  instant now_ = 0;
  instant clock_offset_ = 0;
  bool arrived_ = false;

  void choose_weights();
  void people_the_id();
  void somebody_starts_within(instant time, double chance);
  void happen(const event& what);
  void arrive(const event& what);
  void evaluate(instant now);
  void start_run(instant now, int by_send, bool as_called);
  void end_latest(instant now);
  /// What the service itself does and says.
  reply process(int send, instant now);
  void at_the_door(post_kind how, reply& out);
  instant life_of_a_run();
  instant date_at(instant now) const { return (now + clock_offset_) / second * second - clock_offset_; }
  run* latest() { return past_.runs.empty() ? nullptr : &past_.runs.back(); }
};

}  // namespace call_model
