#include "net/pool/opening.hpp"

#include <boost/asio/post.hpp>

namespace mistral::workflows::net {

std::shared_ptr<gate> opening::news(progress& record) {
  const std::lock_guard lock(mutex_);
  for (const auto& [next, at] : entered_) record.reached.enter(next, at);
  entered_.clear();
  if (now_ != state::waited_for) return nullptr;
  news_ = std::make_shared<gate>();
  return news_;
}

int opening::check(int own) {
  std::exception_ptr why;
  {
    const std::lock_guard lock(mutex_);
    if (now_ == state::offered) return offered_;
    why = std::exchange(why_, nullptr);
  }
  if (why) std::rethrow_exception(std::move(why));
  return own;
}

void opening::claim() {
  const std::lock_guard lock(mutex_);
  now_ = now_ == state::offered ? state::left : state::claimed;
}

std::optional<int> opening::leave(int own) noexcept {
  const std::lock_guard lock(mutex_);
  std::optional<int> unclaimed;
  if (now_ == state::made) unclaimed = own;
  if (now_ == state::offered) unclaimed = offered_;
  if (now_ == state::waited_for || unclaimed) now_ = state::left;
  return unclaimed;
}

bool opening::wanted() const noexcept {
  const std::lock_guard lock(mutex_);
  return now_ != state::left && now_ != state::offered;
}

bool opening::waited_for() const noexcept {
  const std::lock_guard lock(mutex_);
  return now_ == state::waited_for;
}

bool opening::offer(int connection) noexcept { return over(state::offered, connection); }

void opening::enter(phase next) {
  std::shared_ptr<gate> told;
  {
    const std::lock_guard lock(mutex_);
    if (now_ != state::waited_for) return;
    entered_.emplace_back(next, std::chrono::steady_clock::now());
    told = std::move(news_);
  }
  if (told) told->open();
}

bool opening::made() noexcept { return over(state::made); }

void opening::failed(std::exception_ptr why) noexcept {
  {
    const std::lock_guard lock(mutex_);
    why_ = std::move(why);
  }
  over(state::failed);
}

bool opening::over(state next, int offered) noexcept {
  std::shared_ptr<gate> told;
  {
    const std::lock_guard lock(mutex_);
    if (now_ != state::waited_for) return false;
    now_ = next;
    offered_ = offered;
    told = std::move(news_);
  }
  if (told) told->open();
  return true;
}

void opening::stop(error why) {
  {
    const std::lock_guard lock(mutex_);
    if (stopped_) return;
    stopped_ = why;
  }
  asio::post(executor_,
             [self = shared_from_this()] { self->cancel_.emit(asio::cancellation_type::terminal); });
}

std::optional<error> opening::stopped() const noexcept {
  const std::lock_guard lock(mutex_);
  return stopped_;
}

}  // namespace mistral::workflows::net
