// A server without a coroutine of its own: a request is taken,
// and may be answered, inside the write that brings it.
// Not HTTP in general: each write is one whole request, and it knows two of them.
#pragma once

#include "net/channel/channel.hpp"
#include "session/client/client_state.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace turns {

namespace asio = boost::asio;
namespace wf = mistral::workflows;
namespace net = wf::net;

class host;

/// The client's end of a connection.
class wire final : public net::channel {
 public:
  explicit wire(host& server) noexcept : channel(nullptr), server_(server) {}
  ~wire() override;

  net::io_result try_read(std::span<char> into) noexcept override {
    if (in_.empty()) return net::io_result(net::io_result::what::want_read);
    const std::size_t count = std::min(into.size(), in_.size());
    std::copy_n(in_.begin(), count, into.begin());
    in_.erase(0, count);
    return net::io_result(count);
  }
  net::io_result try_write(std::string_view from) noexcept override;
  bool worth_reading() const noexcept override { return true; }
  bool alive() noexcept override { return in_.empty(); }

  void answer(int status, std::string_view body) {
    in_ += "HTTP/1.1 " + std::to_string(status) +
           " X\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
    if (const auto woken = std::exchange(reader_, nullptr)) woken->open();
  }

 private:
  host& server_;
  std::string in_;
  std::shared_ptr<net::gate> reader_;

  std::shared_ptr<net::gate> readiness_gate(net::readiness what) override {
    auto ready = std::make_shared<net::gate>();
    if (what == net::readiness::writable || !in_.empty())
      ready->open();
    else
      reader_ = ready;
    return ready;
  }
};

/// Answers what is sent to the execution "mine" at once,
/// and to "other" when it is told to. Used on one thread.
class host {
 public:
  std::size_t mine = 0;  ///< bytes of requests to it
  bool refuses_first = false;
  std::function<asio::awaitable<void>()> before_connecting;

  bool other_waits() const noexcept { return other_ != nullptr; }
  void answer_other() {
    if (other_) std::exchange(other_, nullptr)->answer(202, done);
  }

  void take(wire& from, std::string_view request) {
    if (request.find("/executions/mine/") == std::string_view::npos) {
      other_ = &from;
      return;
    }
    mine += request.size();
    if (std::exchange(refuses_first, false))
      from.answer(429, "{}");
    else
      from.answer(202, done);
  }
  void gone(const wire& one) noexcept {
    if (other_ == &one) other_ = nullptr;
  }

  net::connect_function connector() {
    return [this]() -> asio::awaitable<std::unique_ptr<net::channel>> {
      if (before_connecting) co_await before_connecting();
      co_return std::make_unique<wire>(*this);
    };
  }

 private:
  static constexpr std::string_view done = R"({"message":"done"})";
  wire* other_ = nullptr;
};

inline wire::~wire() { server_.gone(*this); }
inline net::io_result wire::try_write(std::string_view from) noexcept {
  server_.take(*this, from);
  return net::io_result(from.size());
}

}  // namespace turns
