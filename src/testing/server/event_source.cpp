#include "testing/server/event_source.hpp"

#include "protocol/json/decode.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

namespace mistral::workflows::testing {

namespace asio = boost::asio;

namespace {

// Lives as long as a wait that was begun, which may be longer than its stream.
struct shared_wait {
  explicit shared_wait(subscription from) : events(std::move(from)) {}

  subscription events;
  std::function<void()> wake;  ///< empty: nobody listens any more
  asio::cancellation_signal stop;
  bool under_way = false;
};

asio::awaitable<void> wait_once(std::shared_ptr<shared_wait> shared) { co_await shared->events.wait(); }

bool ends_execution(const std::string& type) {
  return type == "WORKFLOW_EXECUTION_COMPLETED" || type == "WORKFLOW_EXECUTION_FAILED" ||
         type == "WORKFLOW_EXECUTION_CANCELED" || type == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW";
}

class event_source final : public stream_source {
 public:
  event_source(asio::any_io_executor executor, subscription from, stream_bounds bounds)
      : executor_(std::move(executor)),
        shared_(std::make_shared<shared_wait>(std::move(from))),
        bounds_(std::move(bounds)) {}

  ~event_source() override {
    shared_->wake = nullptr;
    if (shared_->under_way) shared_->stop.emit(asio::cancellation_type::all);
  }

  std::optional<item> next() override {
    event_view event;
    while (!past_stored_ && shared_->events.try_next(event)) {
      if (bounds_.last_stored && event.sequence > *bounds_.last_stored) {
        past_stored_ = true;
        break;
      }
      if (event.execution_id == bounds_.execution_id) end_seen_ = ends_execution(event.type);
      if (!wanted(event)) continue;
      item made;
      made.id = std::to_string(event.sequence);
      made.event = std::move(event.type);
      made.data = std::move(event.payload);
      return made;
    }
    return std::nullopt;
  }

  // TERMINATED and TIMED_OUT have no event, and a stream that is open then stays open, as the API's does.
  bool ended() override {
    if (bounds_.last_stored || shared_->events.closed()) return true;
    return shared_->events.ended() && (end_seen_ || bounds_.already_ended);
  }

  void await_news(std::function<void()> wake) override {
    shared_->wake = std::move(wake);
    if (shared_->under_way) return;
    shared_->under_way = true;
    const auto on_news = [shared = shared_](std::exception_ptr) {
      shared->under_way = false;
      if (shared->wake) shared->wake();
    };
    asio::co_spawn(executor_, wait_once(shared_), asio::bind_cancellation_slot(shared_->stop.slot(), on_news));
  }

 private:
  bool wanted(const event_view& event) const {
    if (bounds_.metadata.empty()) return true;
    boost::json::value payload;
    if (protocol::decode(event.payload, payload) || !payload.is_object()) return false;
    const boost::json::value* metadata = payload.as_object().if_contains("metadata");
    if (!metadata || !metadata->is_object()) return false;
    for (const auto& member : bounds_.metadata) {
      const boost::json::value* found = metadata->as_object().if_contains(member.key());
      if (!found || *found != member.value()) return false;
    }
    return true;
  }

  asio::any_io_executor executor_;
  std::shared_ptr<shared_wait> shared_;
  stream_bounds bounds_;
  bool end_seen_ = false;
  bool past_stored_ = false;
};

}  // namespace

std::unique_ptr<stream_source> make_event_source(asio::any_io_executor executor, subscription from,
                                                 stream_bounds bounds) {
  return std::make_unique<event_source>(std::move(executor), std::move(from), std::move(bounds));
}

}  // namespace mistral::workflows::testing
