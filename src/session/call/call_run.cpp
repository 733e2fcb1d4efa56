#include "session/call/call_run.hpp"

#include "net/common/asio_compat.hpp"
#include "protocol/http/redact.hpp"
#include "session/frame/task_wait.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/errc.hpp>

#include <utility>

namespace mistral::workflows::session {
namespace asio = boost::asio;

using protocol::request_end;

namespace {

protocol::call_identity identity_of(const call_setup& setup) {
  if (setup.watcher) return protocol::call_identity(protocol::safety::once);
  return setup.subject ? setup.subject->identity() : protocol::call_identity(setup.request.repeat());
}

protocol::call_rules rules_of(const call_setup& setup, call_control::clock::time_point deadline) {
  protocol::call_rules out = setup.handle.rules(deadline);
  if (setup.watcher) out.max_attempts = 1;
  return out;
}

bool is_absent(const attempt_result& result) { return result.status == 404 && !result.failure; }

// The server may still be at work for such a request: its connection is not used again.
bool leaves_doubt(const attempt_result& result) {
  return result.failure || result.status == 408 || result.status >= 500;
}

}  // namespace

bool take_token(const client_handle& handle) {
  client_state& state = *handle.state;
  if (!handle.retry().within_budget || state.retry_budget().take()) return true;
  state.counters().retries_refused.fetch_add(1, std::memory_order_relaxed);
  return false;
}

call_run::call_run(const call_setup& setup, answer_reader& reader, call_control& control,
                   attempt_means& means)
    : setup_(setup),
      handle_(setup.handle),
      state_(*setup.handle.state),
      reader_(reader),
      control_(control),
      means_(means),
      machine_(identity_of(setup), rules_of(setup, control.deadline())) {}

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
    if (e.code() != asio::error::operation_aborted || dynamic_cast<const error*>(&e) != nullptr ||
        !control_.over())
      throw;
    next = stop(e.code());
  }
  finish(next);
}

// The turn first, the connection last: what permits a request is the last thing that it waits for.
task<call_run::wish> call_run::prepare(wish what) {
  if (what.token && !take_token(handle_)) co_return machine_.no_token();
  if (what.renew_key) {
    state_.key().reject(means_.key.generation);
    means_.give_back();
  }
  if (means_.lease && !means_.lease.alive()) means_.lease.close();
  // Also where the gate has closed since.
  while (!means_.lease || needs_turn()) {
    means_.give_back();
    if (needs_turn()) {
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
  admission::turn_or_refusal entered =
      co_await completion_of(admission::enter(state_.admission(), control_.line, control_.deadline()));
  control_.waiting_for_turn = false;
  means_.held = std::move(entered.held);
  means_.waited = std::chrono::steady_clock::now() - began;
  refused_until_ = entered.refused_until;
  co_return refused_until_ ? machine_.shut() : wish();
}

// What the supplier throws ends the call as it is, unless the call
// is in doubt: then as a failure of a request that did not leave.
task<call_run::wish> call_run::get_key() {
  std::string reason;
  result_.clear();
  try {
    means_.key = co_await completion_of(state_.key().current());
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
    means_.lease = co_await completion_of(state_.pool().acquire(net::kind::call, control_.progress));
    co_return wish();
  } catch (const net::failure& f) {
    if (f.code() == asio::error::operation_aborted) throw;
    result_.clear();
    result_.secret = means_.key.hidden;
    read_failure(f, control_, result_);
    protocol::redact(result_.failure->reason, result_.key());
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
  means_.patient_for = patience();
  co_await attempt(handle_, bytes_, control_, means_, *watch_, setup_.watcher != nullptr, result_);
  means_.patient_for.reset();
  watch_.reset();
  result_.end.renewable_key = state_.key().renewable() && !setup_.part_of.key_renewed;
  request_ended();
  if (result_.ok()) result_.end.id = read_answer();
  if (result_.end.id == protocol::named_id::other || (setup_.subject && leaves_doubt(result_)))
    means_.lease.close();
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
  // What answers for another id, or with a page of its own, is no connection for what follows.
  if (result_.ok() && !shown) means_.lease.close();
  if (shown || is_absent(result_)) {
    // What may follow goes out on the same connection.
    means_.well = true;
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
  if (what.token && !take_token(handle_)) co_return machine_.no_token();
  asio::steady_timer timer(control_.executor(), what.until);
  co_await completion_of(timer.async_wait(net::plain));
  co_return machine_.woke();
}

// The caller, the client or the clock.
call_run::wish call_run::stop(boost::system::error_code why) {
  request_end under_way;
  if (control_.in_attempt && control_.progress.request_may_have_left)
    under_way.reached = protocol::reach::sent;
  under_way.status = result_.failure ? 0 : result_.status;
  if (watch_) tell_watch(why);
  means_.well = false;
  return machine_.stop(control_.why_over(), control_.looking ? request_end() : under_way);
}

}  // namespace mistral::workflows::session
