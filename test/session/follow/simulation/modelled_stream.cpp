#include "session/follow/simulation/modelled_stream.hpp"

#include <mistral/workflows/raw_event.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <string_view>
#include <utility>

namespace simulation {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
namespace protocol = wf::protocol;
namespace session = wf::session;

using namespace follow_model;
using protocol::loss;
using std::chrono::milliseconds;

namespace {

constexpr int most_steps = 300;  // connections and GETs
constexpr int most_looks = 4000;
constexpr instant longest = 100'000 * second;

milliseconds in_ms(instant time) { return milliseconds(time / ms); }

// As cursor.hpp writes it: w1:<execution>:<id>:<kind>:<run>:<successor>.
terminal_kind mark_of(const std::string& cursor) {
  std::size_t at = 0;
  for (int colons = 0; colons < 3; ++colons) {
    at = cursor.find(':', at);
    if (at++ == std::string::npos) return terminal_kind::none;
  }
  switch (cursor[at]) {
    case 'c':
      return terminal_kind::completed;
    case 'x':
      return terminal_kind::canceled;
    case 'f':
      return terminal_kind::failed;
    default:
      return terminal_kind::continued_as_new;
  }
}

std::string id_of(const wf::stream_event& event) {
  return event.id.empty() && event.broker_sequence > 0 ? std::to_string(event.broker_sequence) : event.id;
}
std::string id_of(const wf::raw_event& event) { return id_of(event.decode()); }
std::string id_of(const session::end_news&) { return std::string("not told"); }

template <class T>
class stream_of final : public any_stream {
 public:
  stream_of(modelled_stream& follows, std::shared_ptr<session::stream_session<T>> core)
      : follows_(follows), events_(std::move(core)) {}

  asio::awaitable<void> next(std::optional<milliseconds> limit, bool by_wait) override {
    std::optional<T> event;
    if (limit) {
      event = co_await events_.next_for(*limit);
    } else if (by_wait) {
      if (co_await events_.wait()) event = events_.try_next();
    } else {
      event = co_await events_.next();
    }
    if (event) follows_.handed_over(id_of(*event));
  }
  bool ended() const override { return events_.ended(); }
  std::string cursor() const override { return events_.cursor(); }
  std::string execution_id() const override { return events_.execution_id(); }
  void close() override { events_.close(); }

 private:
  modelled_stream& follows_;
  wf::basic_event_stream<T> events_;
};

}  // namespace

// ----------------------------------------------------------------------------------------------- a sequence

instant modelled_stream::now() const {
  return std::chrono::duration_cast<std::chrono::microseconds>(simulation::now() - began_).count();
}

time_point modelled_stream::time_of(instant when) const {
  return when == never ? time_point::max() : began_ + std::chrono::microseconds(when);
}

instants modelled_stream::at() const {
  const auto waited =
      waited_ + (waits_since_ ? simulation::now() - *waits_since_ : std::chrono::nanoseconds(0));
  return {now(), std::chrono::duration_cast<std::chrono::microseconds>(waited).count()};
}

bool modelled_stream::too_long() const {
  return steps_ > most_steps || looks_ > most_looks ||
         std::chrono::nanoseconds(std::chrono::microseconds(longest)) < waited_;
}

const char* modelled_stream::run_one(random_source seed, std::ostream* trace) {
  random_ = seed;
  trace_ = trace;
  began_ = simulation::now();
  waited_ = std::chrono::nanoseconds(0);
  waits_since_.reset();
  steps_ = looks_ = next_ = 0;
  choose_rules();
  server_.begin(random_, rules_);
  judge_.begin(rules_);
  open(std::string(), terminal_kind::none, rules_.watches_execution ? "x0" : "");
  int hasty = random_.chance(0.6) ? 0 : static_cast<int>(random_.below(20));
  int failures = 0;
  int restarts = 0;
  for (bool over = false; !over && !judge_.wrong();) {
    instant limit = never;
    instant cancelled_at = never;
    if (hasty > 0) {
      static constexpr instant limits[] = {0, ms, 50 * ms, second, 10 * second, 100 * second};
      if (random_.chance(0.6)) limit = now() + limits[random_.below(6)];
      if (random_.chance(0.3))
        cancelled_at = now() + random_.below(random_.chance(0.5) ? 200 * ms : 20 * second);
    }
    const outcome came = wait(limit, cancelled_at);
    judge_.returned(limit == never ? never : limit + 1, at());
    switch (came) {
      case outcome::ended:
        tell("has ended");
        judge_.ended(core_->known_end(), at());
        // Who stores the cursor of the end and begins there again finds nothing more.
        over = judge_.wrong() || restarts >= 4 || !may_restart() || !random_.chance(0.2);
        if (!over) {
          restarts = 4;
          restart();
        }
        continue;
      case outcome::failed:
        counts_.met(hit::failure_told);
        over = ++failures > 3 || random_.chance(0.3);
        continue;
      case outcome::gone:
        over = true;
        continue;
      case outcome::stopped: {
        const bool due =
            !server_.goes_on() && server_.ways.no_status_from == never && rules_.watches_execution;
        counts_.harm.unfinished += due ? 1 : 0;
        over = true;
        continue;
      }
      case outcome::event:
        break;
      case outcome::time_up:
        counts_.met(hit::limited_wait);
        break;
      case outcome::cancelled:
        counts_.met(hit::cancelled_wait);
    }
    if (hasty-- > 0 && random_.chance(0.3)) {
      counts_.met(hit::pause);
      const instant until =
          now() + (random_.chance(0.5) ? random_.below(2 * second) : random_.below(300 * second));
      tell("the caller pauses until ", static_cast<double>(until) / 1e6, " s");
      asio::steady_timer pause(io_, time_of(until));
      bool passed = false;
      pause.async_wait([&](const boost::system::error_code&) { passed = true; });
      run_until(io_, [&] { return passed; });
    }
    if (hasty > 0 && restarts < 3 && may_restart() && random_.chance(0.06)) {
      ++restarts;
      restart();
    }
  }
  if (judge_.wrong()) tell("WRONG: ", judge_.wrong());
  close();
  return judge_.wrong();
}

void modelled_stream::choose_rules() {
  rules_ = any_rules(random_);
  shows_as_ = static_cast<identity>(random_.below(3));
  raw_ = random_.chance(0.3);
}

wf::stream_options modelled_stream::options() {
  wf::stream_options out;
  out.idle_limit = rules_.idle_limit;
  out.status_check = rules_.status_check;
  out.drain_time = rules_.drain_time;
  out.missing_after = rules_.missing_after;
  out.on_missing_event = rules_.missing_event_ends ? wf::missing_event::end : wf::missing_event::error;
  out.initial_backoff = rules_.initial_backoff;
  out.max_backoff = rules_.max_backoff;
  out.reconnect_budget = rules_.budget;
  out.max_attempts = rules_.max_attempts;
  out.follow_continue_as_new = rules_.follow_continue_as_new;
  out.hooks.connected = [this] { connected(); };
  out.hooks.resumed = [this](const std::string&) { connected(); };
  out.hooks.disconnected = [this](const wf::stream_disconnect& why) { disconnected(why); };
  out.hooks.duplicate = [this](std::int64_t) { came_again(); };
  return out;
}

session::stream_description modelled_stream::description() const {
  session::stream_description out;
  out.for_result = rules_.for_result;
  out.owes_event = rules_.owes_event;
  if (rules_.watches_execution) {
    out.execution_id = "x0";
    out.request = [](const std::string& execution_id) {
      protocol::request request(protocol::operation::executions_stream);
      request.segment("execution_id", execution_id);
      return request;
    };
  } else {
    out.request = [](const std::string&) { return protocol::request(protocol::operation::events_stream); };
    out.cursor_in = session::stream_description::cursor_place::header;
  }
  return out;
}

void modelled_stream::open(const std::string& cursor, terminal_kind mark, const std::string& execution) {
  const auto host = make_model_host(io_, *this);
  auto how = options();
  how.from = cursor;
  const auto of = [&](auto core) {
    core_ = core;
    return core;
  };
  execution_ = execution;
  if (rules_.for_result)
    stream_ = std::make_unique<stream_of<session::end_news>>(
        *this, of(std::make_shared<session::stream_session<session::end_news>>(host, description(), how)));
  else if (raw_)
    stream_ = std::make_unique<stream_of<wf::raw_event>>(
        *this, of(std::make_shared<session::stream_session<wf::raw_event>>(host, description(), how)));
  else
    stream_ = std::make_unique<stream_of<wf::stream_event>>(
        *this, of(std::make_shared<session::stream_session<wf::stream_event>>(host, description(), how)));
  judge_.must(core_->execution_id() == execution_, "a stream of another execution than the cursor's");
  begin_to_watch(mark);
}

void modelled_stream::begin_to_watch(terminal_kind mark) {
  open_ = connecting_ = run_asked_ = decided_ = false;
  look_.reset();
  run_answer_.reset();
  brought_.clear();
  wrong_types_ = same_errors_ = 0;
  error_text_.clear();
  judge_.watch(std::max(0, followed()), mark, at());
}

// The handle stays until the wait that it is closed in, if there is one, has come to its end.
void modelled_stream::close() {
  const auto closed = std::move(stream_);
  core_.reset();
  if (closed) closed->close();
  run_until(io_, [] { return false; });
}

// The judge knows an end by the events of the execution that is followed now. And of ids that are
// no numbers nobody can say whether they are older than the cursor, where a server repeats what is.
bool modelled_stream::may_restart() const {
  const bool tells_older = !server_.ways.repeats || shows_as_ != identity::id_alone;
  return !rules_.for_result && tells_older && stream_->execution_id() == core_->execution_id();
}

// A new stream, maybe in another process: of the old one it has the cursor.
void modelled_stream::restart() {
  const std::string cursor = stream_->cursor();
  const std::string execution = stream_->execution_id();
  const auto mark = mark_of(cursor);
  counts_.met(mark == terminal_kind::none ? hit::restart : hit::restart_behind_the_end);
  tell("the caller begins again at ", cursor);
  close();
  open(cursor, mark, execution);
}

// ------------------------------------------------------------------------------------------------- one wait

modelled_stream::outcome modelled_stream::wait(instant limit, instant cancelled_at) {
  bool over = false;
  bool was_cancelled = false;
  std::exception_ptr failure;
  asio::cancellation_signal stop;
  asio::steady_timer cancels(io_);
  std::optional<milliseconds> time;
  if (limit != never) time = in_ms(limit - now());
  waits_since_ = simulation::now();
  event_came_ = false;
  asio::co_spawn(io_, stream_->next(time, random_.chance(0.2)),
                 asio::bind_cancellation_slot(stop.slot(), [&](std::exception_ptr thrown) {
                   failure = std::move(thrown);
                   over = true;
                 }));
  if (cancelled_at != never) {
    static constexpr std::array types = {asio::cancellation_type::terminal, asio::cancellation_type::partial,
                                         asio::cancellation_type::total};
    const auto type = types[static_cast<std::size_t>(random_.below(3))];
    cancels.expires_at(time_of(cancelled_at));
    cancels.async_wait([&, type](const boost::system::error_code& off) {
      if (off || over) return;
      was_cancelled = true;
      stop.emit(type);
    });
  }
  const auto until = simulation::now() + std::chrono::microseconds(longest);
  const bool runs = run_until(
      io_, [&] { return over || judge_.wrong() || too_long() || (!time && simulation::now() > until); });
  judge_.must(runs, "a wait for nothing");
  waited_ += simulation::now() - *std::exchange(waits_since_, std::nullopt);
  cancels.cancel();
  if (!over) {
    close();
    return outcome::stopped;
  }
  io_.poll_one();  // the timer's own end
  if (failure) return failed(failure, was_cancelled);
  if (event_came_) return outcome::event;
  return stream_->ended() ? outcome::ended : outcome::time_up;
}

modelled_stream::outcome modelled_stream::failed(const std::exception_ptr& failure, bool was_cancelled) {
  try {
    std::rethrow_exception(failure);
  } catch (const wf::cancelled_error&) {
    tell("cancelled");
    judge_.must(was_cancelled, "a wait was cancelled by nobody");
    return outcome::cancelled;
  } catch (const wf::stream_incomplete& e) {
    tell(e.what());
    fails_with(verdict::incomplete);
  } catch (const wf::stream_failure& e) {
    tell(e.what());
    const bool again = std::string_view(e.what()).find("again and again") != std::string_view::npos;
    fails_with(again ? verdict::repeated_error : wrong_types_ >= 3 ? verdict::wrong_type : verdict::gave_up);
  } catch (const wf::api_error& e) {
    tell(e.what());
    if (!rules_.for_result) {
      judge_.must(e.status() == 404, "an error that the server has not answered");
      return outcome::gone;
    }
    fails_with(verdict::status_refused);
    return outcome::gone;
  } catch (const std::exception& e) {
    tell(e.what());
    judge_.must(false, "a failure that is none of a stream's");
  }
  return outcome::failed;
}

void modelled_stream::fails_with(verdict why) {
  judge_.failed(why, at());
  wrong_types_ = same_errors_ = 0;
  decided_ = false;
  judge_.told(at());
}

}  // namespace simulation
