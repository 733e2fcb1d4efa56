// What a merge of streams shares with its operation in
// flight: the streams, their waits, and whose turn it is.
// Not the handle that users have (merge.hpp), and not what a stream does (stream.hpp).
#pragma once

#include "session/follow/stream.hpp"

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/merge.hpp>
#include <mistral/workflows/pull_gate.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mistral::workflows::session {

/// Waits on the streams stay pending over operations, so
/// that nothing is done for a stream that brings nothing.
/// After an operation they stay for a grace; if no other
/// begins within it they are stopped, as run() is to return.
///
/// Threads: who uses the merge touches a stream while nothing is pending on it; else the executor does.
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

  // For whoever holds a turn.

  enum class step {
    take,      ///< `take` has an event or an error
    give_way,  ///< it has, but of a stream that was served since all had the time to come forward
    wait,      ///< nothing is there
    end,       ///< no stream is left
  };
  /// Leaves streams out that have ended.
  step next_step();
  /// After `take` or `give_way`. None if a hook has removed that stream meanwhile.
  std::optional<merged_event> take();

  /// For `run`: the others come forward, if something of theirs has been received.
  boost::asio::awaitable<void> give_way();
  /// For `run`: returns when there is something to take, or when streams were added, removed or have ended.
  boost::asio::awaitable<void> wait_for_any();

 private:
  static constexpr std::chrono::milliseconds grace{50};

  enum class stage {
    in_line,   // in line_: has been served or added, so there may be more
    ready,     // in ready_: its wait has brought an event or an error
    resting,   // in resting_: has nothing; the next round waits for it
    waiting,   // a wait is pending on it
    stopping,  // the same, and it has been told to end
    gone,      // has been removed; whatever list holds it passes it over
  };

  struct source {
    std::size_t number = 0;
    std::string name;
    event_stream stream;
    std::exception_ptr failure;
    std::uint64_t served_in = 0;  // which look

    stage at = stage::in_line;              // guarded by mutex_
    boost::asio::cancellation_signal stop;  // of its wait; on the executor
  };
  using source_ptr = std::shared_ptr<source>;

  static std::shared_ptr<stream_session<stream_event>> session_of(const event_stream& stream) {
    return stream.session_.lock();
  }
  static bool pending_on(const source& one) { return one.at == stage::waiting || one.at == stage::stopping; }

  mutable std::mutex mutex_;  // guards all down to `look_`
  std::unordered_map<std::size_t, source_ptr> sources_;
  std::deque<source_ptr> ready_;
  std::deque<source_ptr> line_;
  std::vector<source_ptr> resting_;
  std::size_t pending_ = 0;    // waits on streams
  bool waiting_ = false;       // the operation under way, for one of them
  clock::time_point used_at_;  // when an operation last was at work
  std::uint64_t look_ = 1;     // counts how often all had the time to come forward

  // On the executor.
  boost::asio::steady_timer alarm_;
  boost::asio::steady_timer grace_;
  bool grace_runs_ = false;

  void release() noexcept override;
  void wake();
  static source_ptr front_of(std::deque<source_ptr>& line);
  static bool has_more(source& one);
  [[noreturn]] void fail(const source_ptr& one);
  bool anything_new() const;

  void begin_waits();
  void begin(const source_ptr& one);
  void finished(const source_ptr& one, std::exception_ptr failure, bool has_event);
  void sort_in(const source_ptr& one, std::exception_ptr failure, bool has_event);
  void begin_grace();
  void watch_grace(clock::time_point until);
  void grace_is_over();
  void stop_waits();
};

}  // namespace mistral::workflows::session
