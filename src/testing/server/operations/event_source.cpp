#include "testing/server/operations/event_source.hpp"

#include "protocol/json/decode.hpp"
#include "testing/server/operations/news_waiter.hpp"

namespace mistral::workflows::testing {

namespace asio = boost::asio;

namespace {

bool ends_execution(const std::string& type) {
  return type == "WORKFLOW_EXECUTION_COMPLETED" || type == "WORKFLOW_EXECUTION_FAILED" ||
         type == "WORKFLOW_EXECUTION_CANCELED" || type == "WORKFLOW_EXECUTION_CONTINUED_AS_NEW";
}

class event_source final : public item_source {
 public:
  event_source(asio::any_io_executor executor, subscription from, stream_bounds bounds)
      : news_(std::move(executor), std::move(from)), bounds_(std::move(bounds)) {}

  std::optional<item> next() override {
    event_view event;
    while (!past_stored_ && news_.subscription().try_next(event)) {
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
    if (bounds_.last_stored || news_.subscription().closed()) return true;
    return news_.subscription().ended() && (end_seen_ || bounds_.already_ended);
  }

  void await_news(std::function<void()> wake) override { news_.await_news(std::move(wake)); }

 private:
  bool wanted(const event_view& event) const {
    if (bounds_.metadata.empty()) return true;
    boost::json::value payload;
    if (protocol::decode(event.payload, payload) || !payload.is_object()) return false;
    const boost::json::value* metadata = payload.as_object().if_contains("metadata");
    return metadata && metadata->is_object() && bounds_.metadata.fits(metadata->get_object());
  }

  news_waiter<subscription> news_;
  stream_bounds bounds_;
  bool end_seen_ = false;
  bool past_stored_ = false;
};

}  // namespace

std::unique_ptr<item_source> make_event_source(asio::any_io_executor executor, subscription from,
                                               stream_bounds bounds) {
  return std::make_unique<event_source>(std::move(executor), std::move(from), std::move(bounds));
}

}  // namespace mistral::workflows::testing
