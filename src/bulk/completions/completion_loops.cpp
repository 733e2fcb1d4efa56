// The hub's coroutines: one follows the shared stream, one keeps the time, and each call has one.
#include "bulk/common/run_pages.hpp"
#include "bulk/common/run_successor.hpp"
#include "bulk/completions/completion_hub.hpp"
#include "bulk/completions/completion_news.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/runs.hpp>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using bulk_core::get_answer;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds first_pause = 1s;  // before a stream that failed is read again
constexpr milliseconds longest_pause = 30s;

constexpr auto at_once = 200us;  // an event that was there already takes less

bool says_closed(const error& failure) { return failure.code() == make_error_condition(errc::closed); }

}  // namespace

// ----------------------------------------------------------------------------------------------- the stream

void hub::begin_stream() {
  auto done = [self = self()](const std::exception_ptr&) {
    handing out;
    const std::lock_guard lock(self->mutex_);
    self->following_ = false;
    self->stir(out);  // somebody may have come meanwhile
  };
  auto bound = asio::bind_cancellation_slot(stop_stream_.slot(), std::move(done));
  asio::co_spawn(executor(), follow(self()), std::move(bound));
}

bool hub::works() const {
  const std::lock_guard lock(mutex_);
  return active();
}

bool hub::shut_down() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

void hub::end_work() {
  if (works()) return;
  stop_stream_.emit(asio::cancellation_type::total);
  for (call& one : calls_) one.stop.emit(asio::cancellation_type::terminal);
  const std::lock_guard lock(mutex_);
  if (closed_ && !following_) stream_.close();
}

void hub::open_stream(std::string from) {
  const auto weak = std::weak_ptr<hub>(self());
  stream_options how;
  how.from = std::move(from);
  how.hooks.connected = [weak] {
    if (const auto self = weak.lock()) self->stream_up(false);
  };
  how.hooks.resumed = [weak](const std::string&) {
    if (const auto self = weak.lock()) self->stream_up(true);
  };
  how.hooks.disconnected = [weak](const stream_disconnect&) {
    if (const auto self = weak.lock()) self->stream_down();
  };
  stream_ = client_.events().stream_raw(bulk_core::ends_of(options_.workflow_name), std::move(how));
}

void hub::stream_up(bool resumed) {
  handing out;
  const std::lock_guard lock(mutex_);
  core_.stream_up(resumed, std::chrono::steady_clock::now());
  heads_up(out, nullptr);
  stir(out);
}

void hub::stream_down() {
  const std::lock_guard lock(mutex_);
  core_.stream_down();
}

/// Most events of a busy workflow are of executions that nobody here waits for: they are not decoded.
void hub::seen(const raw_event& event) {
  {
    const std::lock_guard lock(mutex_);
    if (!bulk_core::may_concern(core_, event.text)) return core_.foreign_event();
  }
  bulk_core::run_news news = bulk_core::news_of(event.decode());
  handing out;
  const std::lock_guard lock(mutex_);
  core_.event(std::move(news), std::chrono::steady_clock::now());
  ended(out, nullptr);
  stir(out);
}

asio::awaitable<void> hub::follow(std::shared_ptr<hub> self) {
  co_await asio::this_coro::reset_cancellation_state(asio::enable_total_cancellation());
  co_await asio::this_coro::throw_if_cancelled(false);
  milliseconds pause = first_pause;
  bool goes_on = true;
  while (goes_on) {
    const auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none || !self->works()) break;
    goes_on = co_await self->follow_some(&pause);
  }
  if (self->shut_down()) self->stream_.close();
}

/// One event and what came with it, or a failure and the pause after it. False: it is followed no more.
asio::awaitable<bool> hub::follow_some(milliseconds* pause) {
  bool failed = false;
  try {
    if (stream_.ended()) open_stream(stream_.cursor());
    const auto asked = std::chrono::steady_clock::now();
    std::optional<raw_event> event = co_await stream_.next();
    failed = !event;
    const bool more_may_lie_there = std::chrono::steady_clock::now() - asked < at_once;
    for (; event; event = stream_.try_next()) {
      *pause = first_pause;
      seen(*event);
    }
    if (!failed && !more_may_lie_there) co_await gather();
  } catch (const cancelled_error&) {
    co_return false;
  } catch (const error& why) {
    if (!stream_failed(&why)) co_return false;
    failed = true;
  } catch (...) {  // of the key supplier, as it is
    if (!stream_failed(nullptr)) co_return false;
    failed = true;
  }
  if (!failed) co_return true;
  asio::steady_timer timer(executor(), *pause);
  *pause = std::min(*pause * 2, longest_pause);
  co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return true;
}

/// What is handled now; `why`: the same where it is an error of this library. False: as `follow_some`.
bool hub::stream_failed(const error* why) {
  const auto* const refusal = dynamic_cast<const api_error*>(why);
  if (refusal) open_stream(stream_.cursor());  // one that was refused for good reads no more
  handing out;
  const std::lock_guard lock(mutex_);
  ++stream_failures_;
  core_.stream_down();
  if (why != nullptr && says_closed(*why)) {
    close_all(out);
    return false;
  }
  if (refusal && refusal->status() == 403) {
    refused_ = true;
    core_.stream_refused();
    heads_up(out, nullptr);
    stir(out);
    return false;
  }
  heads_up(out, std::current_exception());
  stir(out);
  return !closed_;
}

// ------------------------------------------------------------------------------------------------- the time

void hub::begin_clock() {
  auto done = [self = self()](const std::exception_ptr&) {
    handing out;
    const std::lock_guard lock(self->mutex_);
    self->timing_ = false;
    self->stir(out);
  };
  asio::co_spawn(executor(), keep_time(self()), std::move(done));
}

asio::awaitable<void> hub::keep_time(std::shared_ptr<hub> self) {
  const auto timer = std::make_shared<asio::steady_timer>(executor());
  timer_ = timer;
  for (;;) {
    std::vector<bulk_core::ask> asks;
    std::optional<bulk_core::page_window> window;
    bulk_core::instant until;
    {
      const std::lock_guard lock(mutex_);
      if (!active()) break;
      const auto now = std::chrono::steady_clock::now();
      asks = core_.asks(now);
      window = core_.look(now);
      until = armed_ = core_.wake().value_or(bulk_core::instant::max());
    }
    for (bulk_core::ask& one : asks) spawn(answer(self, std::move(one)));
    if (window) spawn(look(self, *window));
    timer->expires_at(until);
    co_await timer->async_wait(asio::as_tuple(asio::use_awaitable));
  }
}

void hub::spawn(asio::awaitable<void> work) {
  const auto under_way = calls_.emplace(calls_.end());
  auto done = [self = self(), under_way](const std::exception_ptr&) {
    // Not within `emit`, which may have led here.
    asio::post(self->executor(), [self, under_way] { self->calls_.erase(under_way); });
  };
  auto bound = asio::bind_cancellation_slot(under_way->stop.slot(), std::move(done));
  asio::co_spawn(executor(), std::move(work), std::move(bound));
}

// ------------------------------------------------------------------------------------------------ the calls

asio::awaitable<void> hub::answer(std::shared_ptr<hub> self, bulk_core::ask question) {
  get_answer out;
  std::exception_ptr failure;
  bool closed = false;
  try {
    co_await look_up(question, &out);
    out.said = get_answer::verdict::found;
  } catch (const error& why) {
    failure = std::current_exception();
    out = bulk_core::answer_of(why);
    closed = says_closed(why);
  } catch (...) {
    // Of the key supplier, or cancelled before it began: the core hears of every answer, or waits for it for
    // ever.
    failure = std::current_exception();
  }
  handing last;
  const std::lock_guard lock(self->mutex_);
  self->core_.answered(question, std::move(out), std::chrono::steady_clock::now());
  self->ended(last, failure);
  if (closed && !self->closed_) self->close_all(last);
  self->stir(last);
}

asio::awaitable<void> hub::look_up(const bulk_core::ask& question, get_answer* out) {
  using target = bulk_core::ask::target;
  if (question.what == target::execution) {
    out->state = co_await client_.executions().get(question.id);
    co_return;
  }
  if (question.what == target::run) {
    out->state = co_await client_.runs().get(question.id);
    co_return;
  }
  out->next_run = co_await successor_of(client_, question.id);
}

asio::awaitable<void> hub::look(std::shared_ptr<hub> self, bulk_core::page_window window) {
  run_list_request request = bulk_core::rows_of(window, options_.workflow_name);
  page_trail trail;
  bool whole = false;
  bool closed = false;
  try {
    for (bool more = true; more;) {
      run_page page = co_await client_.runs().list(request);
      // A page that leads in a circle is the end of what can be seen.
      const page_trail::step step = trail.after(page);
      whole = step == page_trail::step::last;
      more = step == page_trail::step::next;
      request.next_page_token = std::move(page.next_page_token);
      handing out;
      const std::lock_guard lock(mutex_);
      const auto now = std::chrono::steady_clock::now();
      for (execution_summary& row : page.executions) core_.row(bulk_core::news_of(std::move(row)), now);
      if (more) ++more_pages_;
      ended(out, nullptr);
      stir(out);
      more = more && active();
    }
  } catch (const error& why) {
    closed = says_closed(why);
  } catch (...) {  // as in `answer`: no look is begun before this one is told
  }
  handing out;
  const std::lock_guard lock(self->mutex_);
  core_.looked(whole, std::chrono::steady_clock::now());
  if (closed && !closed_) close_all(out);
  stir(out);
}

}  // namespace mistral::workflows::bulk_run
