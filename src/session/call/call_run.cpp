#include "session/call/call_run.hpp"

#include "net/common/asio_compat.hpp"
#include "net/http/spare_memory.hpp"
#include "protocol/http/error_body.hpp"
#include "session/frame/task_wait.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/errc.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

using protocol::call_end;
using protocol::request_end;

namespace {

protocol::call_identity identity_of(const call_setup& setup) {
  return setup.subject ? setup.subject->identity() : protocol::call_identity(setup.request.repeat());
}

protocol::call_rules rules_of(const retry_options& retry, call_control::clock::time_point deadline) {
  protocol::call_rules out;
  out.deadline = deadline;
  out.max_attempts = retry.max_attempts;
  out.initial_backoff = retry.initial_backoff;
  out.max_backoff = retry.max_backoff;
  out.max_retry_after = retry.max_retry_after;
  out.gate_limit = protocol::rate_gate::longest;
  out.look_distance = retry.look_distance;
  return out;
}

api_error_details details_of(const protocol::request& request, const attempt_result& result) {
  api_error_details details;
  protocol::read_error_body(result.body, details);
  details.status = result.status;
  details.request_id = result.request_id;
  details.method = request.description().method;
  details.path = request.path();
  if (result.end.retry_after) details.retry_after_ms = result.end.retry_after->count();
  if (!result.location.empty()) details.detail = "redirected to " + result.location + ", which is not followed";
  return details;
}

bool is_absent(const attempt_result& result) { return result.status == 404 && !result.failure; }

// The server may still be at work for such a request: its connection is not used again.
bool leaves_doubt(const attempt_result& result) {
  return result.failure || result.status == 408 || result.status >= 500;
}

}  // namespace

call_run::call_run(const call_setup& setup, answer_reader& reader, call_control& control, attempt_means& means)
    : setup_(setup),
      handle_(setup.handle),
      state_(*setup.handle.state),
      reader_(reader),
      control_(control),
      means_(means),
      machine_(identity_of(setup), rules_of(setup.handle.retry(), control.deadline())) {}

task<void> call_run::run() {
  using kind = wish::kind;
  wish next = machine_.begin();
  try {
    while (next.what != kind::end) {
      if (next.what == kind::prepare)
        next = co_await prepare(next);
      else if (next.what == kind::send)
        next = co_await send();
      else if (next.what == kind::look)
        next = co_await look();
      else
        next = co_await pause(next);
    }
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted || dynamic_cast<const error*>(&e) != nullptr || !control_.over())
      throw;
    next = stop(e.code());
  }
  finish(next);
}

// The turn first, the connection last: what permits a request is the last thing that it waits for.
task<call_run::wish> call_run::prepare(wish what) {
  if (what.token && !take_token()) co_return machine_.no_token();
  if (what.renew_key) {
    state_.key().reject(means_.key.generation);
    means_.give_back();
  }
  if (means_.lease && !means_.lease.quiet()) means_.lease.close();
  // Also where the gate has closed since there was a connection without a turn.
  while (!means_.lease || (!means_.held && !state_.admission()->unrestricted())) {
    means_.give_back();
    if (!state_.admission()->unrestricted()) {
      const wish refused = co_await take_turn();
      if (refused.what == wish::kind::end) co_return refused;
    }
    control_.progress = net::progress();
    control_.in_attempt = true;
    begin_request();
    if (!state_.key().try_current(means_.key)) {
      const wish failed = co_await get_key();
      if (result_.failure) co_return failed;
    }
    watch_request();
    means_.lease = state_.pool().try_acquire(net::kind::call, control_.progress);
    if (!means_.lease) {
      const wish failed = co_await get_connection();
      if (!means_.lease) co_return failed;
    }
  }
  control_.in_attempt = true;
  begin_request();
  write_request();
  control_.throw_if_over();
  const wish next = machine_.ready(now_after(true));
  // A look may turn out to be due only now.
  if (next.what == wish::kind::look && &watch_->request() != &wished_request()) write_request();
  co_return next;
}

// Says the end where the gate opens too late, else anything.
task<call_run::wish> call_run::take_turn() {
  const auto began = std::chrono::steady_clock::now();
  control_.in_attempt = false;
  control_.waiting_for_turn = true;
  admission::entry got =
      co_await until(admission::enter(state_.admission(), control_.first_in_line, control_.deadline()));
  control_.waiting_for_turn = false;
  means_.held = std::move(got.held);
  means_.waited = std::chrono::steady_clock::now() - began;
  refused_until_ = got.refused_until;
  co_return refused_until_ ? machine_.shut() : wish();
}

// What the supplier throws ends the call as it is, unless the call is in doubt: then as a failure of a request that did not leave.
task<call_run::wish> call_run::get_key() {
  std::string reason;
  result_.clear();
  try {
    means_.key = co_await until(state_.key().current());
    co_return wish();
  } catch (const std::exception& e) {
    control_.throw_if_over();
    if (control_.earlier_attempts == server_action::no) throw;
    reason = e.what();
  }
  result_.end.permanent = true;
  result_.failure.emplace();
  result_.failure->code = make_error_code(boost::system::errc::permission_denied);
  result_.failure->reason = "the API key supplier failed: " + reason;
  request_ended();
  const wish next = machine_.unprepared(result_.end, now_after(false));
  keep_told();
  co_return next;
}

task<call_run::wish> call_run::get_connection() {
  try {
    means_.lease = co_await until(state_.pool().acquire(net::kind::call, control_.progress));
    co_return wish();
  } catch (const net::failure& f) {
    if (f.code() == asio::error::operation_aborted) throw;
    result_.clear();
    read_failure(f, control_, result_);
  }
  tell_watch(result_.failure->code);
  request_ended();
  const wish next = machine_.unprepared(result_.end, now_after(false));
  keep_told();
  co_return next;
}

task<call_run::wish> call_run::send() {
  result_.clear();
  if (machine_.sends() > 0) state_.counters().retries.fetch_add(1, std::memory_order_relaxed);
  co_await attempt(handle_, bytes_, control_, means_, *watch_, false, result_);
  watch_.reset();
  result_.end.renewable_key = state_.key().renewable();
  request_ended();
  if (result_.ok()) result_.end.id = read_answer();
  if (result_.end.id == protocol::named_id::other || (setup_.subject && leaves_doubt(result_))) means_.lease.close();
  const wish next = machine_.sent(result_.end, ended(result_));
  account();
  keep_told();
  if (next.what != wish::kind::end) means_.give_back();
  co_return next;
}

task<call_run::wish> call_run::look() {
  result_.clear();
  control_.looking = true;
  co_await attempt(handle_, bytes_, control_, means_, *watch_, true, result_);
  watch_.reset();
  control_.looking = false;
  control_.in_attempt = false;
  result_.end.renewable_key = state_.key().renewable();
  std::optional<protocol::found_thing> shown;
  if (result_.ok()) shown = setup_.subject->see(result_);
  if (result_.ok() || is_absent(result_)) {
    // What may follow goes out on the same connection.
    counted_ = false;
    control_.progress.reset();
    control_.progress.reused = true;
  } else {
    request_ended();
    means_.give_back();
  }
  co_return machine_.looked(result_.end, shown, ended(result_));
}

task<call_run::wish> call_run::pause(wish what) {
  means_.give_back();
  control_.in_attempt = false;
  if (what.token && !take_token()) co_return machine_.no_token();
  asio::steady_timer timer(control_.executor(), what.until);
  co_await until(timer.async_wait(net::plain));
  co_return machine_.woke();
}

// The caller, the client or the clock.
call_run::wish call_run::stop(boost::system::error_code why) {
  request_end under_way;
  if (control_.in_attempt && control_.progress.request_may_have_left) under_way.reached = protocol::reach::sent;
  under_way.status = result_.failure ? 0 : result_.status;
  if (watch_) tell_watch(why);
  means_.well = false;
  return machine_.stop(control_.why_over(), control_.looking ? request_end() : under_way);
}

void call_run::finish(const wish& end) {
  account();
  control_.retries_ended = machine_.retries_ended();
  const call_phase phase = control_.phase();
  control_.in_attempt = false;
  switch (end.how) {
    case call_end::answered:
      net::spare_memory::give_back(result_.body);
      return;
    case call_end::found: {
      call_answer answer = setup_.subject->found(machine_.attached());
      reader_.read(answer, control_);
      return;
    }
    case call_end::unknown:
      setup_.subject->throw_unknown(control_.context(), machine_.window());
      break;
    case call_end::failed:
      fail(told_ ? *told_ : result_);
    case call_end::rate_limited:
      throw rate_limited_error(
          std::chrono::ceil<std::chrono::milliseconds>(*refused_until_ - std::chrono::steady_clock::now()),
          control_.context());
    case call_end::timed_out:
      throw timeout_error(phase, control_.context());
    case call_end::cancelled:
      throw cancelled_error(control_.context());
    case call_end::closed:
      throw closed_error(control_.context());
  }
}

void call_run::fail(const attempt_result& result) const {
  const error_context context = control_.context();
  if (!result.failure) throw api_error(details_of(setup_.request, result), context);
  const attempt_failure& failure = *result.failure;
  if (failure.code == net::error::connect_timeout) throw timeout_error(failure.phase, context);
  if (failure.code == net::error::closed) throw closed_error(context);
  if (result.status != 0)
    throw decode_error(std::string(), failure.reason, result.status, protocol::excerpt(result.body), context);
  throw transport_error(failure.code, failure.phase, failure.reason, context);
}

bool call_run::take_token() {
  if (!handle_.retry().within_budget || state_.retry_budget().take()) return true;
  state_.counters().retries_refused.fetch_add(1, std::memory_order_relaxed);
  return false;
}

// Once for each request, whether it is prepared or goes out on what is held.
void call_run::begin_request() {
  if (counted_) return;
  counted_ = true;
  ++control_.attempts;
  state_.counters().attempts.fetch_add(1, std::memory_order_relaxed);
}

void call_run::request_ended() {
  const attempt_result& r = result_;
  // Before the turn is given back: who comes next must find the gate closed.
  if (r.status == 429 && r.end.retry_after &&
      state_.admission()->refused(std::chrono::steady_clock::now() + *r.end.retry_after))
    state_.counters().gate_closings.fetch_add(1, std::memory_order_relaxed);
  means_.well = r.status != 0 && r.status != 429 && r.status < 500;
  control_.in_attempt = false;
  counted_ = false;
}

void call_run::tell_watch(boost::system::error_code failure) {
  tell(*watch_, result_, failure);
  watch_.reset();
}

const protocol::request& call_run::wished_request() {
  if (!protocol::is_looking(machine_.state())) return setup_.request;
  if (!look_) look_ = std::make_unique<protocol::request>(setup_.subject->look());
  return *look_;
}

// A look that is found to be due only when all is there, or a request behind a look, is watched from there.
void call_run::watch_request() {
  const protocol::request& request = wished_request();
  if (watch_ && &watch_->request() == &request) return;
  attempt_place place;
  place.call = control_.operation();
  place.call_number = control_.number;
  place.attempt = control_.attempts;
  place.waited_for_turn = std::exchange(means_.waited, std::chrono::nanoseconds(0));
  watch_.emplace(handle_, request, place, control_.progress);
}

void call_run::account() {
  const server_action before = setup_.part_of.acted;
  control_.earlier_attempts = before == server_action::yes ? before : machine_.acted();
}

void call_run::write_request() {
  watch_request();
  bytes_.clear();
  net::spare_memory::take(bytes_);
  const std::shared_ptr<const std::string>& key = means_.key.authorization;
  protocol::serialize(watch_->request(), state_.defaults(), key ? std::string_view(*key) : std::string_view(),
                      watch_->headers(), bytes_);
}

void call_run::keep_told() {
  if (!machine_.is_told() || result_.ok()) return;
  told_ = std::make_unique<attempt_result>(std::move(result_));
  result_ = attempt_result();
}

protocol::named_id call_run::read_answer() {
  control_.earlier_attempts = server_action::yes;
  const std::string_view named = reader_.read(result_, control_);
  if (named.empty()) return protocol::named_id::none;
  const bool same = setup_.subject ? named == setup_.subject->id() : setup_.request.is_about(named);
  if (!same && setup_.subject) setup_.subject->misnamed(result_);
  return same ? protocol::named_id::same : protocol::named_id::other;
}

protocol::moment call_run::now_after(bool well) const {
  return protocol::moment(std::chrono::steady_clock::now(), well ? 0 : client_state::random01());
}

protocol::moment call_run::ended(const attempt_result& result) {
  return protocol::moment(result.ended_at, result.ok() ? 0 : client_state::random01());
}

}  // namespace mistral::workflows::session
