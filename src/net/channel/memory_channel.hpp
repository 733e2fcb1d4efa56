// Two channels joined in memory: what one writes the other reads. For tests of what is built on channels.
// Not a model of TCP: nothing is ever lost, and a write never waits.
#pragma once

#include "net/channel/channel.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace mistral::workflows::net {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT memory_channel final : public channel {
 public:
  /// Each end may be used on another thread. No read takes more than `most_per_read` bytes.
  static std::pair<std::unique_ptr<memory_channel>, std::unique_ptr<memory_channel>> make_pair(
      std::size_t most_per_read = static_cast<std::size_t>(-1));

  ~memory_channel() override;

  io_result try_read(std::span<char> into) noexcept override;
  io_result try_write(std::string_view from) noexcept override;
  bool worth_reading() const noexcept override { return true; }
  bool alive() noexcept override;
  void farewell() noexcept override;
  void shut_down() noexcept override;

  /// How the other end sees this one go: properly (`end`), or without a word (`cut`).
  void end();
  void cut();

 private:
  struct pipe {
    enum class state { open, ended, cut };

    std::mutex mutex;
    std::string bytes;
    state now = state::open;
    std::shared_ptr<gate> reader;  // who waits for bytes

    void finish(state how);
  };

  memory_channel(std::shared_ptr<pipe> in, std::shared_ptr<pipe> out, std::size_t most_per_read);
  std::shared_ptr<gate> readiness_gate(readiness what) override;

  std::shared_ptr<pipe> in_;
  std::shared_ptr<pipe> out_;
  std::size_t most_per_read_;
};

}  // namespace mistral::workflows::net
