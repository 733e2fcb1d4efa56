// What the streams of a run delivered, held against what they promise.
// Not the following of streams, and not what the server did.
#pragma once

#include <mistral/workflows/model/event.hpp>

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

namespace soak {

/// One stream: which events came, and in which order.
class stream_tally {
 public:
  stream_tally() = default;

  void add(const mistral::workflows::stream_event& event);
  void connected() { ++connections_, open_ = true; }
  void disconnected() { open_ = false; }
  /// True for the first connection to the server since it was started for the so-manieth time.
  bool first_in_life(int restarts) { return std::exchange(life_, restarts) != restarts; }

  std::int64_t delivered() const {
    return static_cast<std::int64_t>(sequences_.size());
  }  ///< each event once
  std::int64_t numbered() const { return numbered_; }  ///< of them, those that the workflow numbered
  std::int64_t duplicates() const { return duplicates_; }
  std::int64_t out_of_order() const { return out_of_order_; }
  int reconnects() const { return connections_ > 0 ? connections_ - 1 : 0; }
  bool open() const { return open_; }
  /// Of the last event: how long after it was due it came, by the clock that both processes share.
  std::chrono::nanoseconds lag() const { return lag_; }

 private:
  std::vector<std::int64_t> sequences_;  // in the order in which they came
  std::int64_t highest_ = 0;
  std::int64_t next_number_ = 0;
  std::int64_t numbered_ = 0;
  std::int64_t duplicates_ = 0;
  std::int64_t out_of_order_ = 0;
  std::chrono::nanoseconds lag_{0};
  int connections_ = 0;
  bool open_ = false;
  int life_ = -1;
};

}  // namespace soak
