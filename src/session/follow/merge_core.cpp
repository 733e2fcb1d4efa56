#include "session/follow/merge_core.hpp"

#include <boost/asio/dispatch.hpp>

#include <utility>

namespace mistral::workflows::session {

namespace asio = boost::asio;

merge_core::merge_core(asio::any_io_executor executor)
    : pull_gate(std::move(executor), "merge"), alarm_(this->executor()), grace_(this->executor()) {}

std::optional<asio::any_io_executor> merge_core::executor_of(const event_stream& stream) {
  const auto session = session_of(stream);
  if (!session) return std::nullopt;
  return session->executor();
}

// -------------------------------------------------------------------------------------- streams come and go

void merge_core::add(std::size_t number, std::string name, event_stream stream) {
  auto made = std::make_shared<source>();
  made->number = number;
  made->name = std::move(name);
  made->stream = std::move(stream);
  {
    const std::lock_guard lock(mutex_);
    line_.push_back(made);
    sources_.emplace(number, std::move(made));
  }
  wake();
}

bool merge_core::remove(std::size_t number) {
  source_ptr one;
  bool pending = false;
  {
    const std::lock_guard lock(mutex_);
    auto found = sources_.extract(number);
    if (!found) return false;
    one = std::move(found.mapped());
    pending = pending_on(*one);
    one->at = stage::gone;
  }
  if (pending)
    asio::dispatch(executor(), [one = std::move(one)] { one->stream.close(); });
  else
    one->stream.close();
  wake();
  return true;
}

std::size_t merge_core::size() const {
  const std::lock_guard lock(mutex_);
  return sources_.size();
}

void merge_core::wake() {
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_) return;
  }
  auto self = std::static_pointer_cast<merge_core>(shared_from_this());
  asio::dispatch(executor(), [self = std::move(self)] { self->alarm_.cancel(); });
}

void merge_core::release() noexcept {
  std::vector<source_ptr> idle;
  std::vector<source_ptr> pending;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, one] : sources_) {
      (pending_on(*one) ? pending : idle).push_back(one);
      one->at = stage::gone;
    }
    sources_.clear();
    ready_.clear();
    line_.clear();
    resting_.clear();
  }
  for (const auto& one : idle) one->stream.close();
  if (pending.empty()) return;
  asio::dispatch(executor(), [pending = std::move(pending)] {
    for (const auto& one : pending) one->stream.close();
  });
}

// ----------------------------------------------------------------------------------------- whose turn it is

merge_core::source_ptr merge_core::front_of(std::deque<source_ptr>& line) {
  while (!line.empty() && line.front()->at == stage::gone) line.pop_front();
  return line.empty() ? nullptr : line.front();
}

bool merge_core::has_more(source& one) {
  if (one.failure) return true;
  const auto session = session_of(one.stream);
  if (!session || session->ended()) return false;
  try {
    const auto held = session->enter();
    session->advance_within_buffer();
    return session->holding();
  } catch (...) {
    one.failure = std::current_exception();
    return true;
  }
}

// First those whose waits have brought something, so that all of them come before one that was just served.
merge_core::step merge_core::next_step() {
  std::vector<source_ptr> die_unlocked;
  std::unique_lock lock(mutex_);
  used_at_ = clock::now();
  if (front_of(ready_)) return step::take;
  while (const source_ptr one = front_of(line_)) {
    lock.unlock();  // hooks may be called
    const bool more = has_more(*one);
    const bool over = !more && one->stream.ended();
    lock.lock();
    if (one->at == stage::gone) continue;
    if (more) {
      const bool others_wait = pending_ > 0 || !resting_.empty();
      return one->served_in == look_ && others_wait ? step::give_way : step::take;
    }
    line_.pop_front();
    if (over) {
      die_unlocked.push_back(one);
      sources_.erase(one->number);
    } else {
      one->at = stage::resting;
      resting_.push_back(one);
    }
  }
  return sources_.empty() ? step::end : step::wait;
}

std::optional<merged_event> merge_core::take() {
  source_ptr one;
  {
    const std::lock_guard lock(mutex_);
    auto& from = front_of(ready_) ? ready_ : line_;
    one = front_of(from);
    if (!one) return std::nullopt;
    from.pop_front();
    one->at = stage::in_line;
  }
  std::optional<stream_event> event;
  try {
    if (!one->failure) event = one->stream.try_next();
  } catch (...) {
    one->failure = std::current_exception();
  }
  std::optional<merged_event> out;
  {
    const std::lock_guard lock(mutex_);
    if (one->at == stage::gone) return out;
    if (!one->failure) line_.push_back(one);
    one->served_in = look_;
  }
  if (one->failure) fail(one);
  if (!event) return out;
  out.emplace();
  out->source = one->number;
  out->source_name = one->name;
  out->event = std::move(*event);
  return out;
}

void merge_core::fail(const source_ptr& one) {
  {
    const std::lock_guard lock(mutex_);
    sources_.erase(one->number);
  }
  throw merge_failure(one->number, one->name, one->stream.execution_id(), one->stream.cursor(), one->failure);
}

bool merge_core::anything_new() const {
  const std::lock_guard lock(mutex_);
  return !ready_.empty() || !line_.empty() || sources_.empty();
}

}  // namespace mistral::workflows::session
