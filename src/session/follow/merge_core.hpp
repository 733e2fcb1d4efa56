// What a merge of streams shares with its operation in flight: the streams, and one round of waiting on all of them.
// Not the handle that users have (merge.hpp), and not what a stream does (stream.hpp).
#pragma once

#include "session/follow/stream.hpp"

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/merge.hpp>
#include <mistral/workflows/pull_gate.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::session {

class merge_core final : public pull_gate {
 public:
  using clock = std::chrono::steady_clock;

  /// Runs on the executor of its first stream.
  explicit merge_core(boost::asio::any_io_executor executor);

  /// None for a stream that has ended and knows no executor any more.
  static std::optional<boost::asio::any_io_executor> executor_of(const event_stream& stream);

  // While an operation is pending, or not.
  void add(std::size_t number, std::string name, event_stream stream);
  bool remove(std::size_t number);
  std::size_t size() const;

  // For whoever holds a turn, between rounds.

  /// Whether `take` has an event or an error. Leaves streams out that have ended.
  bool find_ready();
  merged_event take();
  bool empty() const noexcept { return order_.empty(); }

  /// For `run`: one round. Returns when a stream is ready, has ended or has failed, or when streams were added or
  /// removed; nothing is pending on any stream then.
  boost::asio::awaitable<void> wait_for_any();

 private:
  static constexpr std::chrono::milliseconds first_patience{10};
  static constexpr std::chrono::milliseconds most_patience{10'000};

  struct source {
    std::size_t number = 0;
    std::string name;
    event_stream stream;
    std::exception_ptr failure;
    std::atomic<bool> removed{false};

    // Of the round, on the executor.
    boost::asio::cancellation_signal stop;
    bool waiting = false;
    bool stopped = false;
    std::chrono::milliseconds patience = first_patience;
  };
  using source_ptr = std::shared_ptr<source>;

  static std::shared_ptr<stream_session<stream_event>> session_of(const event_stream& stream) {
    return stream.session_.lock();
  }

  mutable std::mutex mutex_;
  std::vector<source_ptr> sources_;  // guarded by mutex_, as are the next two
  bool changed_ = false;
  bool waiting_ = false;

  std::vector<source_ptr> order_;  // sources_ as the holder of the turn knows them
  std::size_t first_ = 0;          // whose turn it is among those that have something
  std::size_t ready_ = 0;

  boost::asio::steady_timer alarm_;
  std::size_t pending_ = 0;
  bool found_ = false;

  void release() noexcept override;
  void refresh();
  bool is_ready(source& one);
  void leave_out(const source_ptr& one);
  void wake();
  bool changed() const;

  void begin(const source_ptr& one);
  void finished(source& one, std::exception_ptr failure, bool has_event);
  void stop(source& one);
  boost::asio::awaitable<void> settle();
  boost::asio::awaitable<void> pause(clock::time_point limit);
};

}  // namespace mistral::workflows::session
