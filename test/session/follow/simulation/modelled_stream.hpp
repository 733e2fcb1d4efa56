// One sequence of the model of streams through the library's own
// stream: its server, who reads the stream and the judge of both.
// Not the server's manners nor the rules (test/protocol/follow/model);
// not how answers become bytes (model_host.hpp).
#pragma once

#include "protocol/follow/model/judge.hpp"
#include "protocol/follow/model/world.hpp"
#include "session/follow/simulation/model_host.hpp"
#include "session/follow/stream.hpp"
#include "session/simulation/virtual_time.hpp"

#include <mistral/workflows/event_stream.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

namespace simulation {

/// A handle on a stream of some kind of event.
class any_stream {
 public:
  virtual ~any_stream() = default;
  /// Tells `modelled_stream` of an event that came. `limit`: none is `next`, or `wait` and then `try_next`.
  virtual boost::asio::awaitable<void> next(std::optional<std::chrono::milliseconds> limit, bool by_wait) = 0;
  virtual bool ended() const = 0;
  virtual std::string cursor() const = 0;
  virtual std::string execution_id() const = 0;
  virtual void close() = 0;
};

class modelled_stream {
 public:
  using instant = follow_model::instant;
  using verdict = mistral::workflows::protocol::wishes::verdict;

  modelled_stream(boost::asio::io_context& io, follow_model::tally& counts)
      : io_(io), counts_(counts), judge_(server_, counts) {}

  /// Nothing, or what was wrong. `trace`: where to tell it.
  const char* run_one(follow_model::random_source seed, std::ostream* trace);

  // For the host and its connections
  const follow_model::world& server() const { return server_; }
  follow_model::random_source& random() { return random_; }
  identity shows_as() const { return shows_as_; }
  instant now() const;
  time_point time_of(instant when) const;
  /// The stream asks for a random number each time that it looks at the clock.
  double looked_at_clock();
  void connecting(int execution, int after);
  void refusing(instant retry_after) { retry_after_ = retry_after; }
  void no_content();
  void asking(const follow_model::look& answer, std::shared_ptr<const mistral::workflows::execution> state);
  void asking_run(int run);
  void run_found(const mistral::workflows::protocol::run_facts& answer) { run_answer_ = answer; }
  void reading() { decided_ = false; }
  /// What is there is taken before the verdict.
  void reading_the_last() { decided_ = true; }
  brought_events& brought() { return brought_; }

  // For the handle
  void handed_over(const std::string& id);

 private:
  enum class outcome { event, time_up, cancelled, ended, failed, gone, stopped };

  boost::asio::io_context& io_;
  follow_model::tally& counts_;
  follow_model::world server_;
  follow_model::judge judge_;
  follow_model::random_source random_{0};
  std::ostream* trace_ = nullptr;

  mistral::workflows::protocol::watch_rules rules_;
  identity shows_as_ = identity::id_alone;
  bool raw_ = false;
  time_point began_{};
  std::chrono::nanoseconds waited_{0};
  std::optional<time_point> waits_since_;
  int steps_ = 0;
  int looks_ = 0;  // at the clock

  std::shared_ptr<mistral::workflows::session::stream_core> core_;
  std::unique_ptr<any_stream> stream_;
  std::string execution_;  // that the stream follows
  int next_ = 0;           // of its events, behind the last with an identity that was handed over

  // What is under way, and what the server has said of it
  bool open_ = false;
  bool connecting_ = false;
  instant retry_after_ = -1;
  int wrong_types_ = 0;
  int same_errors_ = 0;
  std::string error_text_;
  double last_random_ = 0;
  std::optional<follow_model::look> look_;
  std::shared_ptr<const mistral::workflows::execution> look_state_;
  bool run_asked_ = false;
  std::optional<mistral::workflows::protocol::run_facts> run_answer_;
  brought_events brought_;
  bool decided_ = false;
  bool event_came_ = false;

  follow_model::instants at() const;
  int followed() const { return follow_model::world::execution_named(execution_); }
  void choose_rules();
  mistral::workflows::stream_options options();
  mistral::workflows::session::stream_description description() const;
  void open(const std::string& cursor, mistral::workflows::protocol::terminal_kind mark,
            const std::string& execution);
  void begin_to_watch(mistral::workflows::protocol::terminal_kind mark);
  void close();
  bool may_restart() const;
  void restart();
  outcome wait(instant limit, instant cancelled_at);
  outcome failed(const std::exception_ptr& failure, bool was_cancelled);
  void fails_with(verdict why);
  void connected();
  void disconnected(const mistral::workflows::stream_disconnect& why);
  void lost(mistral::workflows::protocol::loss why, bool same_text);
  void came_again();
  bool too_long() const;

  template <class... Parts>
  void tell(const Parts&... parts) {
    if (trace_) ((*trace_ << "  " << static_cast<double>(now()) / 1e6 << " s: ") << ... << parts) << '\n';
  }
};

}  // namespace simulation
