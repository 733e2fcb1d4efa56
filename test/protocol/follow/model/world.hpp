// The model server of streams: executions, their runs and events, written down
// before a sequence begins, and the manners of the server and of all that
// stands between. Not the library's: of src/ it has the types of facts alone.
#pragma once

#include "protocol/calls/model_history.hpp"
#include "protocol/follow/watcher.hpp"
#include "random.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace follow_model {

namespace protocol = mistral::workflows::protocol;
using call_model::instant;
using call_model::ms;
using call_model::never;
using call_model::second;
using protocol::terminal_kind;
using test::random_source;

inline std::size_t place(int n) { return static_cast<std::size_t>(n); }

struct model_event {
  instant at = 0;  ///< from then on streams bring it; never: it does not come
  int run = 0;
  bool own = true;         ///< false: a child's
  bool identified = true;  ///< has an id that moves a cursor
  terminal_kind terminal = terminal_kind::none;
  int names = -1;  ///< the run that it says goes on
};

struct model_run {
  int execution = 0;
  instant begins = 0;
  instant ends = never;
  terminal_kind end = terminal_kind::none;
  instant found_from = 0;  ///< a GET of the run finds it
  bool possible = true;    ///< false: no run can have the id by which it is named
  int next = -1;           ///< the run that goes on from it
  int last_event = -1;     ///< where the execution's events have its end; -1: it sends none
};

struct model_execution {
  std::vector<model_event> events;  ///< in the order of the stream
  std::vector<int> runs;
  instant expires = never;
};

/// What a GET was told, and about which moment.
struct look {
  instant done = 0;
  instant of = 0;
  protocol::status_facts said;
};

/// How an attempt to connect ends.
struct attempt {
  enum class outcome : std::uint8_t { connected, not_connected, refused, gone, wrong_type, no_content };

  instant done = 0;
  outcome ended = outcome::connected;
  instant retry_after = -1;
};

/// What a connection brings, one after the other.
enum class item : std::uint8_t {
  none,
  event,
  comment,
  heartbeat,
  done_mark,
  retry_field,
  error,
  clean_end,
  cut
};

/// A connection as the server sees it.
struct model_link {
  int execution = 0;
  int next = 0;  ///< of the execution's events
  instant accepted = 0;
  instant latest = 0;  ///< the last thing that it sent
  instant ready = 0;   ///< the next event goes not before
  int pause_before = -1;
  instant pause = 0;
  instant comment_at = never;
  instant heartbeat_at = never;
  instant error_at = never;
  instant cut_at = never;
  bool cut_cleanly = false;
  instant mute_from = never;  ///< nothing comes any more, not even an end
  bool said_retry = true;
  bool said_done = false;
};

struct next_item {
  instant at = never;
  item what = item::none;
};

/// What lasts for a whole sequence.
struct manners {
  bool event_names_run = true;
  bool status_names_run = true;
  bool ends_when_over = true;
  bool says_done = false;
  bool no_content_when_over = false;
  bool repeats = false;
  bool comments_in_pauses = false;
  instant comment_every = never;
  instant heartbeat_every = never;
  instant cut_every = never;
  bool cut_cleanly = false;
  double faults = 0;  ///< until `calm_from`
  instant calm_from = 0;
  instant no_stream_from = never;
  bool refused_for_ever = false;
  instant no_status_from = never;  ///< from then on no GET is answered
  bool status_refused = false;
  instant status_lag = 0;
  instant slow_status = 0;  ///< how long a GET takes at most, also when all is calm
  instant slow_connect = 0;
  instant event_pause = 0;
  instant retry_field = 0;
  bool same_error = false;  ///< each connection ends with the same error event
};

/// How a sequence will be followed.
protocol::watch_rules any_rules(random_source& random);

class world {
 public:
  manners ways;
  std::array<model_execution, 6> executions;
  int execution_count = 0;
  std::vector<model_run> runs;

  const model_execution& execution_no(int n) const { return executions[place(n)]; }
  const model_run& run_no(int n) const { return runs[place(n)]; }

  /// Writes down what will happen. `rules`: how it will be followed.
  void begin(random_source& random, const protocol::watch_rules& rules);

  /// Of the run that stands at `now`.
  int run_at(int execution, instant now) const;
  look get(random_source& random, int execution, instant now) const;
  protocol::run_facts get_run(random_source& random, int run, instant now, instant& done) const;
  attempt connect(random_source& random, int execution, int after, instant now) const;
  model_link accept(random_source& random, int execution, int after, instant now) const;
  next_item upcoming(const model_link& link) const;
  /// Takes what `upcoming` told; for an event its index.
  int take(model_link& link, const next_item& what) const;

  /// From then on nothing new happens and nothing fails but what fails for ever.
  instant settled_from() const { return settled_; }
  /// Its last run never ends.
  bool goes_on() const { return runs.back().ends == never; }

  static const std::string& run_name(int run);
  static const std::string& execution_name(int execution);
  static int execution_named(const std::string& name);
  static int run_named(const std::string& name);

 private:
  instant settled_ = 0;

  void choose_manners(random_source& random);
  void write_run(random_source& random, int form, instant& visible, instant lag);
  bool write_next(random_source& random, bool may_stay);
};

}  // namespace follow_model
