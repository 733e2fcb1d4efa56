#include "testing/server/faults/fault_plan.hpp"

#include "testing/server/faults/watch.hpp"

namespace mistral::workflows::testing {

bool fault::plan::matches(const seen_request& request) const {
  if (!operation.empty() && operation != request.operation) return false;
  if (!method.empty() && method != request.method) return false;
  if (!path.empty() && path != request.path) return false;
  if (!execution_id.empty() && execution_id != request.execution_id) return false;
  return !condition || condition(request);
}

fault_handle::state::state(fault instruction, std::shared_ptr<fault_list::state> owner)
    : instruction_(instruction), owner_(std::move(owner)), random_(instruction_.get().seed) {}

bool fault_handle::state::strikes(const seen_request& request) {
  if (removed_) return false;
  const fault::plan& wanted = plan();
  if (wanted.times > 0 && struck_ >= wanted.times) return false;
  if (!wanted.matches(request)) return false;
  if (matched_++ < wanted.after) return false;
  if (wanted.chance < 1.0 && std::uniform_real_distribution<double>(0.0, 1.0)(random_) >= wanted.chance)
    return false;
  ++struck_;
  return true;
}

void fault_handle::state::release() {
  released_ = true;
  std::lock_guard lock(owner_->mutex);
  if (owner_->on_release) owner_->on_release();
}

std::shared_ptr<fault_handle::state> fault_list::state::strike(const seen_request& request) {
  std::shared_ptr<fault_handle::state> found;
  {
    std::lock_guard lock(mutex);
    for (const auto& entry : entries) {
      if (!entry->strikes(request)) continue;
      found = entry;
      break;
    }
  }
  if (found) seen->changed();
  return found;
}

fault_handle::fault_handle(std::shared_ptr<state> shared) : state_(std::move(shared)) {}
fault_handle::~fault_handle() = default;
fault_handle::fault_handle(const fault_handle&) = default;
fault_handle& fault_handle::operator=(const fault_handle&) = default;

int fault_handle::struck() const { return state_->struck(); }

bool fault_handle::wait_struck(int count, std::chrono::milliseconds limit) const {
  const auto enough = [entry = state_, count](const server_counts&) { return entry->struck() >= count; };
  return state_->owner().seen->wait_until(enough, limit);
}

void fault_handle::release() { state_->release(); }
void fault_handle::remove() {
  state_->remove();
  fault_list::state& owner = state_->owner();
  const std::lock_guard lock(owner.mutex);
  std::erase(owner.entries, state_);
}

fault_list::fault_list(std::shared_ptr<state> shared) : state_(std::move(shared)) {}
fault_list::~fault_list() = default;

fault_handle fault_list::add(fault instruction) {
  auto entry = std::make_shared<fault_handle::state>(std::move(instruction), state_);
  std::lock_guard lock(state_->mutex);
  state_->entries.push_back(entry);
  return fault_handle(std::move(entry));
}

void fault_list::clear() {
  std::vector<std::shared_ptr<fault_handle::state>> removed;
  {
    std::lock_guard lock(state_->mutex);
    removed.swap(state_->entries);
  }
  for (const auto& entry : removed) {
    entry->remove();
    entry->release();
  }
}

}  // namespace mistral::workflows::testing
