#include "net/channel/memory_channel.hpp"

#include <algorithm>

namespace mistral::workflows::net {

std::pair<std::unique_ptr<memory_channel>, std::unique_ptr<memory_channel>> memory_channel::make_pair(
    std::size_t most_per_read) {
  const auto there = std::make_shared<pipe>();
  const auto back = std::make_shared<pipe>();
  return {std::unique_ptr<memory_channel>(new memory_channel(back, there, most_per_read)),
          std::unique_ptr<memory_channel>(new memory_channel(there, back, most_per_read))};
}

memory_channel::memory_channel(std::shared_ptr<pipe> in, std::shared_ptr<pipe> out, std::size_t most_per_read)
    : channel(nullptr), in_(std::move(in)), out_(std::move(out)), most_per_read_(most_per_read) {}

memory_channel::~memory_channel() {
  cut();
  in_->finish(pipe::state::cut);  // what the other end writes from now on goes nowhere
}

void memory_channel::pipe::finish(state how) {
  std::shared_ptr<gate> woken;
  {
    const std::lock_guard lock(mutex);
    if (now == state::open) now = how;
    woken = std::move(reader);
  }
  if (woken) woken->open();
}

void memory_channel::end() { out_->finish(pipe::state::ended); }
void memory_channel::cut() { out_->finish(pipe::state::cut); }
void memory_channel::farewell() noexcept { end(); }
void memory_channel::shut_down() noexcept {
  cut();
  in_->finish(pipe::state::cut);
}

io_result memory_channel::try_read(std::span<char> into) noexcept {
  const std::lock_guard lock(in_->mutex);
  if (in_->bytes.empty()) {
    if (in_->now == pipe::state::ended) return io_result(io_result::what::end);
    if (in_->now == pipe::state::cut) return io_result(io_result::what::cut);
    return io_result(io_result::what::want_read);
  }
  const std::size_t count = std::min({into.size(), in_->bytes.size(), most_per_read_});
  std::copy_n(in_->bytes.begin(), count, into.begin());
  in_->bytes.erase(0, count);
  return io_result(count);
}

io_result memory_channel::try_write(std::string_view from) noexcept {
  std::shared_ptr<gate> woken;
  {
    const std::lock_guard lock(out_->mutex);
    if (out_->now != pipe::state::open) return io_result(asio::error::broken_pipe, "the other end is gone");
    out_->bytes.append(from);
    woken = std::move(out_->reader);
  }
  if (woken) woken->open();
  return io_result(from.size());
}

bool memory_channel::alive() noexcept {
  const std::lock_guard lock(in_->mutex);
  return in_->bytes.empty() && in_->now == pipe::state::open;
}

std::shared_ptr<gate> memory_channel::readiness_gate(readiness what) {
  auto ready = std::make_shared<gate>();
  const std::lock_guard lock(in_->mutex);
  if (what != readiness::readable || !in_->bytes.empty() || in_->now != pipe::state::open) {
    ready->open();
  } else {
    in_->reader = ready;
  }
  return ready;
}

}  // namespace mistral::workflows::net
