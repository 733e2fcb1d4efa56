// What a bulk_control and the batch that it steers share: wishes one way, progress the other.
// No decision: a wish is only kept until the batch takes it.
#pragma once

#include <mistral/workflows/bulk/control.hpp>
#include <mistral/workflows/export.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {

/// What was asked for since the last look; of two wishes about the same thing the later one, but of two stops
/// the harder.
struct control_wishes {
  control_wishes() = default;

  std::optional<std::size_t> most_in_flight;
  std::optional<double> starts_per_second;
  std::optional<std::string> pause;      // the reason
  bool go_on = false;                    // excludes `pause`
  bool stop = false;                     // as the options say
  std::optional<when_stopping> stop_so;  // as was said there
};

/// Used from any thread.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT control_state {
 public:
  static const std::shared_ptr<control_state>& of(const bulk_control& control) { return control.state_; }

  template <class Change>
  void wish(Change change) {
    std::function<void()> poke;
    {
      const std::lock_guard lock(mutex_);
      change(wishes_);
      if (!std::exchange(poked_, true)) poke = poke_;
    }
    if (poke) poke();
  }

  control_wishes take();

  /// `poke` is called after the first wish since the last take(), on the thread
  /// of whoever wishes. False where a batch is attached already, or was.
  bool attach(std::function<void()> poke);
  /// Wishes after this are nobody's.
  void detach();

  void show(bulk_progress progress);
  bulk_progress progress() const;

 private:
  mutable std::mutex mutex_;
  control_wishes wishes_;
  bulk_progress progress_;
  std::function<void()> poke_;
  bool poked_ = false;  // what was wished since is taken with it
  bool used_ = false;
};

}  // namespace mistral::workflows::bulk_run
