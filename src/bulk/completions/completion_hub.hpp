// The hub behind `completions`: its waits, the shared stream, and the calls that the core wishes.
// Not the judgement of what they say: that is completion_core's.
#pragma once

#include "bulk/completions/completion_core.hpp"
#include "bulk/completions/handing.hpp"

#include <mistral/workflows/bulk/completions.hpp>
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/pull_gate.hpp>
#include <mistral/workflows/raw_event.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <exception>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mistral::workflows::bulk_run {

using bulk_core::waiter_id;

/// State is under one mutex, as any thread registers and cancels; coroutines run on one strand. It lives in
/// its execution context (pull_gate::keep), handles have it weakly. It works while anybody waits or is
/// expected, and rests else, its stream as it is.
class hub final : public pull_gate {
 public:
  hub(client client, completions_options options);
  ~hub() override;

  // --- from any thread

  waiter_id expect(std::string execution_id);
  void started(waiter_id who, std::string run_id, timestamp at, bool ask_now);
  void forget(waiter_id who);
  /// `made`: completed now or later. `token` names this wait to `cancel`.
  void wait(waiter_id who, std::uint64_t token, std::unique_ptr<completion_wait> made);
  void wait_alone(std::string execution_id, std::string run_id, std::uint64_t token,
                  std::unique_ptr<completion_wait> made);
  void wait_ready(std::uint64_t token, std::unique_ptr<ready_wait> made);
  void cancel(std::uint64_t token);
  completions_stats stats() const;
  void shut();

  std::shared_ptr<hub> self() { return std::static_pointer_cast<hub>(shared_from_this()); }

 private:
  /// What became of one who waits, until it is handed out.
  struct place {
    place() = default;

    std::unique_ptr<completion_wait> waiting;
    std::unique_ptr<completion> end;
    std::exception_ptr failure;
    std::uint64_t token = 0;
    bool alone = false;  // goes with its wait
    bool handed = false;
  };
  struct call {
    call() = default;

    boost::asio::cancellation_signal stop;
  };

  bool active() const { return !closed_ && (!core_.idle() || !readies_.empty()); }
  void ended(handing& out, const std::exception_ptr& failure);
  void heads_up(handing& out, const std::exception_ptr& failure);
  void stir(handing& out);
  void close_all(handing& out);

  // --- on the strand

  bool works() const;
  bool shut_down() const;
  void begin_stream();
  void begin_clock();
  void end_work();
  void spawn(boost::asio::awaitable<void> work);
  void open_stream(std::string from);
  void seen(const raw_event& event);
  void stream_up(bool resumed);
  void stream_down();

  boost::asio::awaitable<void> follow(std::shared_ptr<hub> self);
  boost::asio::awaitable<void> gather();
  boost::asio::awaitable<bool> follow_some(std::chrono::milliseconds* pause);
  bool stream_failed(const error* why);
  boost::asio::awaitable<void> keep_time(std::shared_ptr<hub> self);
  boost::asio::awaitable<void> answer(std::shared_ptr<hub> self, bulk_core::ask question);
  boost::asio::awaitable<void> look_up(const bulk_core::ask& question, bulk_core::get_answer* out);
  boost::asio::awaitable<void> look(std::shared_ptr<hub> self, bulk_core::page_window window);

  client client_;
  completions_options options_;

  mutable std::mutex mutex_;
  bulk_core::completion_core core_;
  std::unordered_map<waiter_id, place> places_;
  std::unordered_map<std::uint64_t, waiter_id> tokens_;  // of waits that are pending
  std::unordered_map<std::uint64_t, std::unique_ptr<ready_wait>> readies_;
  bool closed_ = false;
  bool refused_ = false;
  bool following_ = false;    // `follow` runs, or is about to
  bool timing_ = false;       // `keep_time` does
  bulk_core::instant armed_;  // when that looks again
  std::uint64_t more_pages_ = 0;
  std::uint64_t stream_failures_ = 0;

  // On the strand alone:
  raw_event_stream stream_;
  boost::asio::cancellation_signal stop_stream_;
  std::weak_ptr<boost::asio::steady_timer> timer_;  // in the frame of `keep_time`
  std::list<call> calls_;
};

/// What handles, places and waits share: the hub is closed with the last of them.
class hub_owner {
 public:
  explicit hub_owner(const std::shared_ptr<hub>& owned) : hub_(owned) {}
  ~hub_owner();
  hub_owner(const hub_owner&) = delete;
  hub_owner& operator=(const hub_owner&) = delete;

  std::shared_ptr<hub> get() const { return hub_.lock(); }

 private:
  std::weak_ptr<hub> hub_;
};

/// What waits end with after `close`.
std::exception_ptr closed_failure();

}  // namespace mistral::workflows::bulk_run
