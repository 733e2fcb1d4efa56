#include "net/connect/connect_race.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/error.hpp>

#include <utility>

namespace mistral::workflows::net {
namespace {

constexpr std::size_t most_told = 8;

}  // namespace

connect_race::connect_race(asio::any_io_executor sockets, asio::any_io_executor callbacks,
                           std::vector<asio::ip::address> addresses, std::uint16_t port,
                           std::chrono::milliseconds delay)
    : callbacks_(std::move(callbacks)),
      port_(port),
      delay_(delay),
      timer_(callbacks_),
      schedule_(addresses.size()) {
  attempts_.reserve(addresses.size());
  for (auto& one : addresses) attempts_.emplace_back(sockets, std::move(one));
}

void connect_race::start() { act(schedule_.begin()); }

void connect_race::stop(error_code why) noexcept {
  if (!over_) finish(why, nullptr);
}

void connect_race::act(const attempt_step& step) {
  if (step.give_up) return finish(telling_failure(), nullptr);
  if (step.delay) {
    timer_.expires_after(delay_);
    timer_.async_wait(asio::bind_executor(callbacks_, [self = shared_from_this()](error_code cancelled) {
      if (!cancelled && !self->over_) self->act(self->schedule_.delay_is_over());
    }));
  }
  if (!step.start) return;
  tcp_attempt& begun = attempts_[*step.start];
  begun.begun = true;
  begun.socket.async_connect(
      asio::ip::tcp::endpoint(begun.where, port_),
      asio::bind_executor(callbacks_, [self = shared_from_this(), index = *step.start](error_code result) {
        self->ended(index, result);
      }));
}

void connect_race::ended(std::size_t index, error_code result) {
  if (over_) return;
  tcp_attempt& one = attempts_[index];
  one.result = result;
  if (!result) {
    winner_ = index;
    return finish(result, &one);
  }
  error_code ignored;
  one.socket.close(ignored);
  act(schedule_.one_failed());
}

void connect_race::finish(error_code result, const tcp_attempt* winner) noexcept {
  over_ = true;
  timer_.cancel();
  for (tcp_attempt& one : attempts_) {
    error_code ignored;
    if (&one != winner) one.socket.close(ignored);
  }
  decided_->open(result);
}

// A host without IPv6 is told so for every IPv6 address: what another address said is more to the point.
error_code connect_race::telling_failure() const {
  for (const tcp_attempt& one : attempts_) {
    if (one.result != asio::error::network_unreachable && one.result != asio::error::host_unreachable &&
        one.result != asio::error::address_family_not_supported) {
      return one.result;
    }
  }
  return attempts_.front().result;
}

std::string connect_race::story() const {
  std::string text;
  std::size_t told = 0, untold = 0;
  for (const tcp_attempt& one : attempts_) {
    if (!one.begun) continue;
    if (told == most_told) {
      ++untold;
      continue;
    }
    ++told;
    text += (text.empty() ? "" : "; ") + one.where.to_string() + ": ";
    text += one.result ? one.result.message() : "no answer";
  }
  if (untold != 0) text += "; and " + std::to_string(untold) + " more";
  return text;
}

}  // namespace mistral::workflows::net
