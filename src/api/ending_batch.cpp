#include "api/ending_batch.hpp"

#include "api/batch.hpp"
#include "api/decode_answer.hpp"
#include "protocol/json/encode.hpp"
#include "session/call/call_run.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/unknown_outcome.hpp>

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <utility>

namespace mistral::workflows::api {
namespace asio = boost::asio;

using protocol::batch_answer;
using protocol::batch_fate;

namespace {

// Thrown through a call whose request is not to leave after all.
class not_now : public std::exception {};

protocol::moment now() { return protocol::moment(session::read_clocks(), session::client_state::random01()); }

// An error of the server's answer, which says that it did nothing.
bool is_refusal(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const api_error&) {
    return true;
  } catch (...) {
    return false;
  }
}

batch_status status_of(batch_fate fate, bool refused) {
  if (fate == batch_fate::success) return batch_status::success;
  if (fate == batch_fate::unknown) return batch_status::unknown;
  return refused ? batch_status::failed : batch_status::not_sent;
}

}  // namespace

ending_batch::ending_batch(session::client_handle by, protocol::operation op, std::span<batch_item> part,
                           std::span<const std::optional<std::string>> runs, clock::time_point ends)
    : handle_(std::move(by)),
      op_(op),
      part_(part),
      ends_(ends),
      known_(part.size()),
      machine_(std::vector<std::optional<std::string>>(runs.begin(), runs.end()), handle_.rules(ends)),
      looks_(std::make_shared<session::execution_looks>(handle_, begun())),
      request_(handle_, protocol::request(op)) {
  request_.watcher = this;
}

asio::awaitable<void> ending_batch::run(asio::cancellation_type before) {
  if (!handle_.state->live().begin_call(*looks_)) throw session::closed_error(context());
  // What a cancellation ends is decided here: one that ends nothing may not throw from the next wait.
  const bool throws = co_await asio::this_coro::throw_if_cancelled();
  co_await asio::this_coro::throw_if_cancelled(false);
  std::exception_ptr failure;
  try {
    co_await go(before);
  } catch (...) {
    failure = std::current_exception();
  }
  co_await asio::this_coro::throw_if_cancelled(throws);
  if (failure) std::rethrow_exception(failure);
  for (std::size_t id = 0; id < part_.size(); ++id) say(id);
  throw_if_nothing_left();
}

asio::awaitable<void> ending_batch::go(asio::cancellation_type before) {
  using kind = wish::kind;
  for (wish next = machine_.next(now()); next.what != kind::end;) {
    if (next.token && !session::take_token(handle_))
      machine_.give_up(retry_end::budget);
    else if (next.what == kind::prepare)
      co_await send();
    else if (next.what == kind::look)
      looks_->begin(next.id, part_[next.id].id);
    else
      co_await wait(next.until);
    // Before the looks that ended because of it.
    if (handle_.state->live().closed()) give_up(std::make_exception_ptr(session::closed_error(context())));
    take_looks();
    const asio::cancellation_state here = co_await asio::this_coro::cancellation_state;
    if (is_ended_by(here.cancelled() & ~before)) give_up(std::make_exception_ptr(cancelled_error(context())));
    next = instead_ ? *std::exchange(instead_, std::nullopt) : machine_.next(now());
  }
}

// As of a single call between its requests: what promises that
// the server has not acted does not end what is in doubt.
bool ending_batch::is_ended_by(asio::cancellation_type type) const {
  using enum asio::cancellation_type;
  if ((type & (terminal | partial)) != none) return true;
  return (type & total) != none && !machine_.in_doubt();
}

error_context ending_batch::context() const {
  return error_context(std::string(protocol::info(op_).name), requests_,
                       machine_.in_doubt() ? server_action::unknown : server_action::no);
}

session::begun_operation ending_batch::begun() const {
  session::begun_operation out;
  out.name = protocol::info(op_).name;
  out.acted = machine_.in_doubt() ? server_action::unknown : server_action::no;
  out.attempts = requests_;
  out.key_renewed = key_renewed_;
  out.line = protocol::waiting_line::first;
  out.ends = ends_;
  return out;
}

asio::awaitable<void> ending_batch::send() {
  end_.reset();
  request_.part_of = begun();
  result_reader<batch_result> reader(handle_.state->options().max_json_depth);
  std::exception_ptr failure;
  try {
    co_await session::call(request_, reader);
  } catch (...) {
    failure = std::current_exception();
  }
  if (instead_) co_return;
  ++requests_;
  if (failure)
    request_failed(failure);
  else
    machine_.sent(*end_, read(reader.result()), now());
}

// On the call's executor, while this waits for the call.
void ending_batch::leaves() {
  if (end_) another_key();
  end_.reset();
  wish said = machine_.ready(now());
  if (said.what != wish::kind::send) {
    instead_ = std::move(said);
    throw not_now();
  }
  ids_ = std::move(said.ids);
  batch_body body;
  for (const std::size_t id : ids_) body.execution_ids.push_back(part_[id].id);
  request_.request.json(protocol::encode(body));
}

// The call goes on with another key by itself: once for all
// requests of the batch. What is in doubt is looked at anew.
void ending_batch::another_key() {
  ++requests_;
  end_->renewable_key = true;
  machine_.sent(*end_, {}, now());
}

// A key that is no good has been asked for again by then.
void ending_batch::ended(const session::attempt_result& result) {
  end_ = result.end;
  key_renewed_ = key_renewed_ || (end_->status == 401 && end_->renewable_key);
  end_->renewable_key = false;
}

void ending_batch::request_failed(const std::exception_ptr& failure) {
  remember(failure);
  if (end_) {
    machine_.sent(*end_, {}, now());
    return;
  }
  protocol::request_end end;
  try {
    std::rethrow_exception(failure);
  } catch (const rate_limited_error&) {
    machine_.give_up(retry_end::beyond_deadline);
    return;
  } catch (const error& e) {
    if (e.server_may_have_acted() != server_action::no) end.reached = protocol::reach::sent;
  } catch (...) {
    // Of the caller's own: its key supplier, its hooks, its cancelled coroutine.
  }
  machine_.stop(end);
}

// What the last request with each id ended with; of those that have none under way, what
// keeps them from being sent. An end that the caller asked for is what all of them end with.
void ending_batch::remember(const std::exception_ptr& failure) {
  const auto keep = [&](std::size_t id) {
    known_[id].error = failure;
    known_[id].text.clear();
  };
  if (end_ && end_->reached != protocol::reach::not_sent) {
    for (const std::size_t id : ids_) keep(id);
    return;
  }
  const bool asked_for = judge_batch(failure).stop;
  for (std::size_t id = 0; id < known_.size(); ++id) {
    const bool said = known_[id].error && machine_.in_doubt(id);
    if (machine_.fate(id) == batch_fate::open && (asked_for || !said)) keep(id);
  }
}

void ending_batch::give_up(const std::exception_ptr& why) {
  for (std::size_t id = 0; id < known_.size(); ++id)
    if (machine_.fate(id) == batch_fate::open) known_[id].error = why;
  instead_.reset();
  machine_.stop(protocol::request_end());
}

// Whoever ends it early has said so in the coroutine's state, or closed the client.
asio::awaitable<void> ending_batch::wait(clock::time_point until) {
  try {
    co_await session::execution_looks::news(looks_, std::min(until, ends_));
  } catch (const boost::system::system_error& e) {
    if (e.code() != asio::error::operation_aborted) throw;
  }
}

void ending_batch::take_looks() {
  for (session::look_end& one : looks_->take()) {
    one.end.renewable_key = false;
    machine_.looked(one.id, one.end, one.shown, one.end.left_at.value_or(session::read_clocks()), now());
    if (one.shown) known_[one.id].found = std::move(one.state);
  }
}

std::vector<batch_answer> ending_batch::read(batch_result said) {
  std::vector<batch_answer> out;
  out.reserve(ids_.size());
  for (const std::size_t id : ids_) out.push_back(read(said, id));
  return out;
}

batch_answer ending_batch::read(batch_result& said, std::size_t id) {
  known& one = known_[id];
  one = known();
  const std::string& name = part_[id].id;
  const auto found = said.results.find(name);
  std::string reason = "does not say what became of " + name;
  if (found != said.results.end()) {
    const batch_entry& entry = found->second;
    if (entry.status == "success") return batch_answer::success;
    if (entry.error || entry.status == "failure") {
      const std::string& text = entry.error && !entry.error->empty() ? *entry.error : entry.status;
      one.text = handle_.state->shown(text.empty() ? std::string("failure") : text);
      return batch_answer::failure;
    }
    reason = "has a status that says neither success nor failure: " + handle_.state->shown(entry.status);
  }
  error_context read_from = context();
  read_from.server_may_have_acted = server_action::yes;
  one.error =
      std::make_exception_ptr(decode_error("/results", reason, 200, std::string(), std::move(read_from)));
  return batch_answer::nothing;
}

void ending_batch::say(std::size_t id) {
  batch_item& item = part_[id];
  known& what = known_[id];
  const batch_fate fate = machine_.fate(id);
  const bool refused = !what.error ? !what.text.empty() : is_refusal(what.error);
  item.status = status_of(fate, refused);
  if (item.status == batch_status::success) return;
  // Nothing but the deadline ends an id without a word.
  if (!what.error && what.text.empty())
    what.error = std::make_exception_ptr(timeout_error(call_phase::waiting_for_turn, context()));
  if (machine_.found_another(id) && what.found) {
    std::optional<ending_window> sent;
    if (const auto& window = machine_.window(id)) sent.emplace(window->begin, window->end);
    what.error = std::make_exception_ptr(ending_unknown_error(std::move(*what.found), sent, context()));
  }
  item.error = what.error;
  item.text = what.error ? judge_batch(what.error).text : std::move(what.text);
}

void ending_batch::throw_if_nothing_left() const {
  const bool none = std::all_of(part_.begin(), part_.end(),
                                [](const batch_item& one) { return one.status == batch_status::not_sent; });
  if (none && part_.front().error) std::rethrow_exception(part_.front().error);
}

}  // namespace mistral::workflows::api
