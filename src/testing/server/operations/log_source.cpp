#include "testing/server/operations/log_source.hpp"

#include "testing/server/operations/news_waiter.hpp"

namespace mistral::workflows::testing {
namespace {

class log_source final : public item_source {
 public:
  log_source(boost::asio::any_io_executor executor, log_subscription from)
      : news_(std::move(executor), std::move(from)) {}

  std::optional<item> next() override {
    log_view line;
    if (!news_.subscription().try_next(line)) return std::nullopt;
    item made;
    made.id = std::to_string(line.sequence);
    made.event = "log";
    made.data = std::move(line.record);
    return made;
  }

  bool ended() override { return news_.subscription().closed() || news_.subscription().ended(); }

  void await_news(std::function<void()> wake) override { news_.await_news(std::move(wake)); }

 private:
  news_waiter<log_subscription> news_;
};

}  // namespace

std::unique_ptr<item_source> make_log_source(boost::asio::any_io_executor executor, log_subscription from) {
  return std::make_unique<log_source>(std::move(executor), std::move(from));
}

}  // namespace mistral::workflows::testing
