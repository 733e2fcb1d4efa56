// What surrounds each request of a call: its turn, its bytes, who watches it, and what is kept of its answer.
#include "net/http/spare_memory.hpp"
#include "session/call/call_run.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <utility>

namespace mistral::workflows::session {

bool call_run::needs_turn() const {
  const admission& gate = *state_.admission();
  return !gate.unrestricted() && (!means_.held || gate.closed());
}

// Not of a query, whose code may take its time; nor where nothing could follow.
std::optional<std::chrono::milliseconds> call_run::patience() const {
  const bool may_follow = !means_.cut && machine_.sends() + 1 < handle_.retry().max_attempts;
  const bool plain_read =
      machine_.state() == protocol::call_state::read && setup_.request.description().method == "GET";
  if (!plain_read || !may_follow || !control_.progress.reused) return std::nullopt;
  return protocol::patience(handle_.deadline(setup_.deadline));
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
  if (setup_.watcher) setup_.watcher->ended(r);
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
  const server_action now = machine_.acted();
  control_.earlier_attempts = before == server_action::yes || now == server_action::no ? before : now;
}

// The header hook may take its time, and may end the call: whether the
// request may still leave, and with what, is asked behind it.
void call_run::write_request() {
  watch_request();
  const protocol::header_list added = watch_->headers();
  control_.throw_if_over();
  if (setup_.watcher) setup_.watcher->leaves();
  bytes_.clear();
  net::spare_memory::take(bytes_);
  const std::shared_ptr<const std::string>& key = means_.key.authorization;
  protocol::serialize(watch_->request(), state_.defaults(), key ? std::string_view(*key) : std::string_view(),
                      added, bytes_);
}

void call_run::keep_told() {
  const bool misnamed = result_.end.id == protocol::named_id::other;
  if (!machine_.is_told() || (result_.ok() && !misnamed)) return;
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
  return protocol::moment(read_clocks(), well ? 0 : client_state::random01());
}

protocol::moment call_run::ended(const attempt_result& result) {
  return protocol::moment(result.ended_at, client_state::random01());
}

}  // namespace mistral::workflows::session
