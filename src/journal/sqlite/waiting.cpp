#include "journal/sqlite/waiting.hpp"

namespace mistral::workflows::journal_sqlite {

namespace asio = boost::asio;

class waiting_room {
 public:
  bool enter(const std::shared_ptr<waiting>& who, std::unique_ptr<waiting::pending> one) {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    one->place = inside_.insert(inside_.end(), who);
    who->pending_ = std::move(one);
    return true;
  }

  // It is resumed under the lock: the context cannot end meanwhile, and has not ended before.
  void leave(waiting& who) {
    std::shared_ptr<waiting> last;  // let go after the lock
    const std::lock_guard lock(mutex_);
    const auto one = std::move(who.pending_);
    if (!one) return;
    last = std::move(*one->place);
    inside_.erase(one->place);
    one->resume();
  }

  void close() {
    // Who waited may own the journal, and wait for its thread when it goes, which may want this lock.
    std::list<std::unique_ptr<waiting::pending>> dropped;
    std::list<std::shared_ptr<waiting>> left;
    const std::lock_guard lock(mutex_);
    closed_ = true;
    for (const auto& who : inside_) dropped.push_back(std::move(who->pending_));
    left.swap(inside_);
  }

 private:
  std::mutex mutex_;
  std::list<std::shared_ptr<waiting>> inside_;
  bool closed_ = false;
};

namespace {

class room_service final : public asio::execution_context::service {
 public:
  using key_type = room_service;
  static asio::execution_context::id id;

  explicit room_service(asio::execution_context& context)
      : service(context), room(std::make_shared<waiting_room>()) {}
  void shutdown() override { room->close(); }

  std::shared_ptr<waiting_room> room;
};

asio::execution_context::id room_service::id;

}  // namespace

waiting::waiting() = default;
waiting::~waiting() = default;

bool waiting::enter(std::unique_ptr<pending> one, asio::execution_context& context) {
  room_ = asio::use_service<room_service>(context).room;
  return room_->enter(shared_from_this(), std::move(one));
}

void waiting::end() noexcept { room_->leave(*this); }

}  // namespace mistral::workflows::journal_sqlite
