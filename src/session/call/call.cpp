#include "session/call/call.hpp"

#include "net/channel/channel.hpp"
#include "session/call/call_run.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <memory>
#include <utility>

namespace mistral::workflows::session {

namespace {

std::string_view name_of(const call_setup& setup) {
  return setup.part_of.name.empty() ? setup.request.description().name : setup.part_of.name;
}

}  // namespace

call_operation::call_operation(const call_setup& setup, answer_reader& reader, call_block& block)
    : call_control(setup.handle.state->operation_executor(), name_of(setup), block.behind_object()),
      setup_(setup),
      reader_(reader) {
  means_.patience = &patience_;
}

task<void> call_operation::run() {
  client_state& state = *setup_.handle.state;
  state.check_process();
  state.counters().calls.fetch_add(1, std::memory_order_relaxed);
  earlier_attempts = setup_.part_of.acted;
  attempts = setup_.part_of.attempts;
  starts = setup_.part_of.execution_id;
  if (setup_.subject && setup_.subject->starts_execution()) starts = setup_.subject->id();
  if (!state.live().begin_call(*this)) throw closed_error(context());
  number = setup_.handle.new_call_number();
  const bool ends_something = setup_.request.repeat() == protocol::safety::ending;
  line = ends_something ? protocol::waiting_line::first : setup_.part_of.line;
  end_if_cancelled_early();
  const auto now = std::chrono::steady_clock::now();
  state.deadlines().add(*this, setup_.part_of.ends.value_or(now + setup_.handle.deadline(setup_.deadline)));

  call_run calls(setup_, reader_, *this, means_);
  co_await calls.run();
  answered_ = true;
  // What needed repeats says that there is reason to be sparing with them. Of a batch
  // the first request counts, as a single call does, and no look and no stream's GET.
  const bool is_part = !setup_.part_of.name.empty() && !setup_.watcher;
  if (attempts == 1 && !is_part) state.retry_budget().succeeded();
}

void call_operation::leave() noexcept {
  client_state& state = *setup_.handle.state;
  state.deadlines().remove(*this);
  if (means_.patient_for) state.deadlines().remove(patience_);
  if (!answered_) state.counters().failures.fetch_add(1, std::memory_order_relaxed);
  state.live().end_call(*this);
}

void call_operation::ended(std::shared_ptr<task_scope> self, std::exception_ptr failure) {
  leave();
  // The caller before who waits for the connection or the turn: it may want to cancel that one.
  // But where it goes on at once, it is first anyhow, and may begin a call that takes them.
  if (goes_on_at_once()) means_.give_back();
  attempt_means last = std::move(means_);
  complete(std::move(self), std::move(failure));
  last.give_back();
}

void call_operation::post_out_of_patience() {
  const std::shared_ptr<call_control> self = weak_from_this().lock();
  if (!self) return;
  boost::asio::post(executor(), [self, this] {
    if (running()) out_of_patience();
  });
}

// The request that waits fails as on a connection that was found closed, and is repeated as that is.
void call_operation::out_of_patience() {
  const bool waits =
      in_attempt && means_.patient_for && means_.lease && progress.request_sent && !progress.answer_began;
  if (!waits || clock::now() < patience_.deadline() || !take_token(setup_.handle)) return;
  means_.cut = true;
  means_.lease.bytes().shut_down();
}

void call_operation::given_up() noexcept { leave(); }

}  // namespace mistral::workflows::session
