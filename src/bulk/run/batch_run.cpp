#include "bulk/run/batch_run.hpp"

#include "bulk/common/close_quietly.hpp"
#include "bulk/run/records.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

using bulk_core::batch_wish;
using std::chrono::steady_clock;

namespace {

constexpr std::chrono::milliseconds longest_unshown(10);

}  // namespace

batch_run::batch_run(client from, std::string workflow, bulk_source source, bulk_options options)
    : client_(std::move(from)),
      workflow_(std::move(workflow)),
      source_(std::move(source)),
      options_(std::move(options)),
      control_(control_state::of(options_.control)),
      strand_(client_.serial_executor()),
      core_(rules_of(options_, source_)),
      tasks_(strand_, [this](std::exception_ptr why) { fail(std::move(why)); }),
      news_(strand_),
      room_(strand_),
      timer_(strand_) {}

void batch_run::attach() {
  auto poke = [strand = strand_, weak = weak_from_this()] {
    asio::post(strand, [weak] {
      const auto self = weak.lock();
      if (self && self->begun_) self->pump();
    });
  };
  if (!control_->attach(std::move(poke)))
    throw invalid_argument("bulk_options.control", "serves another batch", "bulk.run");
}

asio::awaitable<std::optional<bulk_outcome>> batch_run::pull() {
  const auto self = shared_from_this();
  if (!begun_) begin();
  co_await acknowledge();
  for (;;) {
    pump();
    co_await write_down_next();
    co_await sync_journal();
    if (!is_next_safe()) continue;  // it has come meanwhile
    if (auto out = take_ready()) co_return out;
    if (failure_) std::rethrow_exception(failure_);
    if (all_handed_out_ && !std::exchange(closing_, true)) begin_task(close(self));
    if (over_ && source_failure_) std::rethrow_exception(source_failure_);
    if (over_) co_return std::nullopt;
    co_await news_.wait();
  }
}

void batch_run::begin() {
  begun_ = true;
  began_ = steady_clock::now();
  throttled_seen_ = client_.stats().rate_limited;
  begin_task(prepare(shared_from_this()));
}

/// Every fact ends here: what follows from it is done, and shown.
void batch_run::pump() {
  // Acting on a wish may tell a fact, which comes here again.
  if (std::exchange(pumping_, true)) {
    pump_again_ = true;
    return;
  }
  do {
    pump_again_ = false;
    take_control();
    while (prepared_ && !failure_ && !over_) {
      const std::optional<batch_wish> wish = core_.next(steady_clock::now());
      if (!wish) break;
      act(*wish);
    }
  } while (pump_again_);
  pumping_ = false;
  // A source that waits for its next job would hold up a batch that takes none any more.
  if (core_.stopped_by() != bulk_core::stop_cause::none && std::exchange(asking_, false))
    if (const auto task = taking_.lock()) task->cancel();
  wake_waiters();
  const auto now = steady_clock::now();
  show_progress(now);
  set_timer(now);
}

/// Only who finds something to do: with thousands of jobs in flight most facts are news to nobody.
void batch_run::wake_waiters() {
  if (!ready_.empty() || failure_ || over_ || all_handed_out_) news_.all();
  if (core_.may_take() || core_.stopped_by() != bulk_core::stop_cause::none || over_ || leaving())
    room_.all();
}

void batch_run::act(const batch_wish& wish) {
  const auto self = shared_from_this();
  if (wish.what == batch_wish::kind::over) {
    // What is to be done then waits for the last acknowledgement: see pull.
    all_handed_out_ = true;
    return;
  }
  const job_ptr job = job_of(wish.job);
  if (!job) return;
  switch (wish.what) {
    case batch_wish::kind::start:
      job->task = tasks_.begin(start(self, job));
      return;
    case batch_wish::kind::take_up:
      job->task = tasks_.begin(take_up(self, job));
      return;
    case batch_wish::kind::end:
      return to_end(ending_in_hand(
          job, wish.how == bulk_core::stop_how::cancel ? ending_kind::cancel : ending_kind::terminate));
    case batch_wish::kind::overdue:
      return overdue(job);
    case batch_wish::kind::leave:
      return part_with(job, job->run_id.empty() && (job->may_run || job->sending) ? bulk_status::unknown
                                                                                  : bulk_status::left);
    case batch_wish::kind::give_up:
      return part_with(job, job->may_run ? bulk_status::unknown : bulk_status::not_started);
    case batch_wish::kind::over:
      return;
  }
}

void batch_run::take_control() {
  const control_wishes wishes = control_->take();
  const auto now = steady_clock::now();
  if (wishes.most_in_flight) core_.set_most_in_flight(*wishes.most_in_flight);
  if (wishes.starts_per_second) core_.set_starts_per_second(*wishes.starts_per_second, now);
  if (wishes.pause) core_.pause(*wishes.pause);
  if (wishes.go_on) core_.go_on(now);
  if (wishes.stop) stop(options_.when_stopping);
  if (wishes.stop_so) stop(*wishes.stop_so);
  if (wishes.stop || wishes.stop_so || wishes.go_on)
    for (asio::steady_timer* sleeper : sleepers_) sleeper->cancel();
}

/// Of several the core keeps the hardest.
void batch_run::stop(when_stopping how) {
  core_.stop(how_of(how));
  // Also after the last outcome, which the core takes no notice of.
  if (how == when_stopping::leave) impatient_ = true;
}

bulk_progress batch_run::progress(core_time now) const {
  bulk_progress out = progress_of(core_, now);
  if (!prepared_ && out.phase == bulk_phase::running) out.phase = bulk_phase::preparing;
  // The core is over when every job has its outcome; the last pass comes after that.
  if (out.phase == bulk_phase::over && !over_) out.phase = bulk_phase::stopping;
  if (over_ || abandoned_) {
    out.phase = bulk_phase::over;
    out.paused_because.clear();
    out.paused_for_quota = false;
  }
  out.unchecked = unchecked_;
  if (begun_) out.elapsed = std::chrono::floor<std::chrono::milliseconds>(now - began_);
  return out;
}

/// A copy of all numbers costs more than most facts: they are shown soon, but what phase it is at once.
void batch_run::show_progress(core_time now) {
  const bool last = over_ && !std::exchange(told_over_, over_);
  const auto state = std::make_pair(core_.state(), prepared_);
  unshown_ =
      !over_ && state == shown_state_ && now < shown_ + std::min(longest_unshown, options_.progress_every);
  if (unshown_) return;
  shown_ = now;
  shown_state_ = state;
  const bulk_progress shown = progress(now);
  control_->show(shown);  // before the callback, which may look at it
  const bool due = options_.on_progress && !told_over_ && now >= told_ + options_.progress_every;
  if (options_.on_progress && (last || due)) {
    told_ = now;
    tell_progress(shown);
  }
}

void batch_run::tell_progress(const bulk_progress& shown) {
  const std::lock_guard lock(telling_);
  if (left_) return;
  try {
    options_.on_progress(shown);
  } catch (...) {  // the caller's affair: no job fails by it
  }
}

void batch_run::set_timer(core_time now) {
  if (over_ || failure_ || abandoned_ || !begun_) {
    timer_.cancel();
    timer_at_.reset();
    return;
  }
  auto next = now + options_.progress_every;
  if (unshown_) next = std::min(next, shown_ + longest_unshown);
  if (const auto wake = core_.wake()) next = std::min(next, std::max(*wake, now));
  if (timer_at_ && *timer_at_ <= next && *timer_at_ > now) return;
  timer_at_ = next;
  timer_.expires_at(next);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& failure) {
    const auto self = weak.lock();
    if (failure || !self) return;
    self->timer_at_.reset();
    self->pump();
  });
}

/// Nothing else can be done for this batch: a task that ends so leaves a job without an outcome.
void batch_run::fail(std::exception_ptr why) {
  if (failure_ || over_) return;
  failure_ = std::move(why);
  abandon();
  over();
}

void batch_run::leave() {
  {
    const std::lock_guard lock(telling_);
    if (std::exchange(left_, true)) return;
  }
  control_->detach();
  asio::post(strand_, [self = shared_from_this()] { self->abandon(); });
}

void batch_run::abandon() {
  if (std::exchange(abandoned_, true)) return;
  control_->show(progress(steady_clock::now()));  // nothing else is going to
  tasks_.cancel_all();
  timer_.cancel();
  jobs_.clear();
  if (hub_) hub_->close();
  if (std::exchange(journal_open_, false)) close_quietly(strand_, options_.journal);
}

batch_run::job_ptr batch_run::job_of(bulk_core::job_id id) const {
  const auto found = jobs_.find(id);
  return found == jobs_.end() ? nullptr : found->second;
}

void batch_run::begin_task(awaitable<void> body) { tasks_.begin(std::move(body)); }

asio::awaitable<void> batch_run::sleep(std::chrono::nanoseconds time) {
  asio::steady_timer timer(strand_);
  timer.expires_after(time);
  const auto place = sleepers_.insert(sleepers_.end(), &timer);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  sleepers_.erase(place);
  const auto state = co_await asio::this_coro::cancellation_state;
  if (state.cancelled() != asio::cancellation_type::none)
    throw boost::system::system_error(asio::error::operation_aborted);
}

bool batch_run::leaving() const {
  return impatient_ || (core_.stopped_by() != bulk_core::stop_cause::none &&
                        core_.stops_how() == bulk_core::stop_how::leave);
}

void batch_run::over() {
  over_ = true;
  pump();
  // What waits to end a job once more finds nothing to do.
  for (asio::steady_timer* sleeper : sleepers_) sleeper->cancel();
  control_->detach();
}

}  // namespace mistral::workflows::bulk_run
