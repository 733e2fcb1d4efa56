#include "session/frame/live_operations.hpp"

#include <utility>

namespace mistral::workflows::session {

live_operation::~live_operation() { leave_list(); }

void live_operation::leave_list() noexcept {
  if (const auto list = list_) list->unlink(*this);
}

bool live_operations::begin_call(live_operation& call) {
  call.counted_ = true;
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  link(calls_, call);
  return true;
}

void live_operations::end_call(live_operation& call) noexcept { unlink(call); }

bool live_operations::add_stream(live_operation& stream) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  link(streams_, stream);
  return true;
}

void live_operations::link(list& in, live_operation& one) {
  listed_operation added;
  added.one = &one;
  one.place_ = in.add(added);
  one.list_ = shared_from_this();
}

void live_operations::unlink(live_operation& one) noexcept {
  std::shared_ptr<live_operations> keep;  // may be the last; let go after the lock
  std::vector<std::shared_ptr<net::gate>> woken;
  {
    const std::lock_guard lock(mutex_);
    keep = std::move(one.list_);
    if (!keep) return;
    list& from = one.counted_ ? calls_ : streams_;
    from.remove(one.place_);
    if (one.counted_ && from.count() == 0) woken.swap(waiting_);
  }
  for (const auto& gate : woken) gate->open();
}

void live_operations::tell(list& all) {
  std::vector<std::shared_ptr<live_operation>> told;
  {
    const std::lock_guard lock(mutex_);
    all.each([&](std::uint32_t, const listed_operation& each) {
      if (auto kept = each.one->self()) told.push_back(std::move(kept));
    });
  }
  for (const auto& one : told) one->client_closed();
}

std::size_t live_operations::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_.count();
}

std::shared_ptr<net::gate> live_operations::when_no_call() {
  auto gate = std::make_shared<net::gate>();
  const std::lock_guard lock(mutex_);
  if (calls_.count() == 0)
    gate->open();
  else
    waiting_.push_back(gate);
  return gate;
}

}  // namespace mistral::workflows::session
