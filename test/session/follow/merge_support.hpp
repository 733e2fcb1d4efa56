// Hosts and helpers of the tests of merges: streams that are fed, silent, refused or hang.
// Not the script of a single stream: scripted_host.hpp.
#pragma once

#include "session/follow/scripted_host.hpp"
#include "session/follow/silent_host.hpp"

#include <mistral/workflows/merge.hpp>

#include <boost/asio/redirect_error.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace scripted {

using namespace std::chrono_literals;

/// `silent_after` whose events come in one piece.
inline std::shared_ptr<host> whole_then_silent(asio::io_context& context, std::int64_t events) {
  return silent_after(context, events, std::string::npos);
}

// A server whose connection brings these events and the end of the execution.
inline std::shared_ptr<host> ending_after(asio::io_context& context, std::int64_t events) {
  auto server = std::make_shared<host>(context);
  server->answer = [events](const std::string&, int) {
    return act(progress_of(1, events - 1) + recorded::completed(events), finish::open);
  };
  server->look = [](const std::string&, int) { return ended(); };
  return server;
}

inline std::shared_ptr<host> refusing(asio::io_context& context) {
  auto server = std::make_shared<host>(context);
  server->answer = [](const std::string&, int) { return act::status_only(404); };
  return server;
}

// A server whose connection brings what the test feeds it, when it does.
class fed_host final : public host {
 public:
  explicit fed_host(asio::io_context& context) : host(context), food_(std::make_shared<food>(executor())) {
    look = [](const std::string&, int) { return running(); };
  }

  void feed(const std::string& text) {
    food_->text += text;
    food_->arrived.cancel();
  }

  asio::awaitable<std::unique_ptr<session::stream_connection>> open(protocol::request request) override {
    targets.push_back(request.target());
    co_return std::make_unique<eater>(food_);
  }

 private:
  struct food {
    explicit food(const asio::any_io_executor& executor) : arrived(executor) {}

    std::string text;
    asio::steady_timer arrived;
  };

  class eater final : public session::stream_connection {
   public:
    explicit eater(std::shared_ptr<food> from) : from_(std::move(from)) {
      head_.status = 200;
      head_.content_type = "text/event-stream";
    }

    const session::stream_head& head() const noexcept override { return head_; }
    std::string_view next_piece() noexcept override { return std::exchange(piece_, std::string_view()); }
    bool complete() const noexcept override { return false; }
    bool flowing() const noexcept override { return false; }
    bool try_receive(bool) noexcept override {
      eaten_ = std::exchange(from_->text, std::string());
      piece_ = eaten_;
      return !piece_.empty();
    }
    asio::awaitable<void> receive() override {
      if (try_receive(false)) co_return;
      from_->arrived.expires_at(asio::steady_timer::time_point::max());
      boost::system::error_code stopped;
      co_await from_->arrived.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
      if (!try_receive(false)) throw system_error(asio::error::operation_aborted);
    }

   private:
    std::shared_ptr<food> from_;
    session::stream_head head_;
    std::string eaten_;
    std::string_view piece_;
  };

  std::shared_ptr<food> food_;
};

inline std::shared_ptr<host> hanging(asio::io_context& context) {
  auto server = whole_then_silent(context, 0);
  server->opening = 1h;
  return server;
}

inline wf::event_stream open_fed(std::shared_ptr<fed_host> server, wf::stream_options options = patient()) {
  return wf::event_stream(std::make_shared<session::stream_session<wf::stream_event>>(
      std::move(server), execution_stream(), std::move(options)));
}

inline wf::event_merge merge_of(const std::vector<std::shared_ptr<host>>& servers) {
  std::vector<wf::event_stream> streams;
  for (const auto& server : servers) streams.push_back(open(server, patient()));
  return wf::merge(std::move(streams));
}

using per_source = std::map<std::size_t, std::vector<std::int64_t>>;

inline asio::awaitable<void> follow(wf::event_merge& all, per_source& got) {
  while (auto one = co_await all.next()) got[one->source].push_back(one->event.broker_sequence);
}

/// Two that are fed, in one merge.
struct two_fed {
  asio::io_context context;
  std::shared_ptr<fed_host> first = std::make_shared<fed_host>(context);
  std::shared_ptr<fed_host> second = std::make_shared<fed_host>(context);
  wf::event_merge all;
  per_source got;

  two_fed() {
    all.add(open_fed(first));
    all.add(open_fed(second));
  }

  asio::awaitable<void> take_one() {
    const auto one = co_await all.next();
    got[one->source].push_back(one->event.broker_sequence);
  }
  /// One call of `next` that ends with this of the first.
  void take(std::int64_t number_of_first) {
    first->feed(recorded::progress(number_of_first));
    asio::co_spawn(context, take_one(), asio::detached);
    until_it_waits(context);
  }
};

}  // namespace scripted
