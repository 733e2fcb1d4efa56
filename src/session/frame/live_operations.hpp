// Who is at work for one client, so that close() can end it.
// Not the ending itself: each operation knows how it is ended.
#pragma once

#include "net/common/gate.hpp"
#include "session/frame/slots.hpp"

#include <mistral/workflows/export.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace mistral::workflows::session {

class live_operations;

/// One call or one stream. Takes itself off the list when it is destroyed.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT live_operation {
 public:
  live_operation() = default;
  virtual ~live_operation();
  live_operation(const live_operation&) = delete;
  live_operation& operator=(const live_operation&) = delete;

  /// Keeps it alive while it is told; null when it is being destroyed.
  virtual std::shared_ptr<live_operation> self() = 0;

  /// To end with errc::closed, soon. Called from any thread.
  virtual void client_closed() = 0;

 protected:
  /// To be called by the destructor of the class that has `self`.
  void leave_list() noexcept;

 private:
  friend class live_operations;

  std::shared_ptr<live_operations> list_;
  std::uint32_t place_ = 0;
  bool counted_ = false;
};

/// Thread-safe.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT live_operations
    : public std::enable_shared_from_this<live_operations> {
 public:
  /// False, and nothing is done, when the client is closed.
  bool begin_call(live_operation& call);
  /// The call has ended.
  void end_call(live_operation& call) noexcept;
  /// A stream is told of the closing also while nobody waits for its events.
  bool add_stream(live_operation& stream);

  /// No call begins any more.
  void refuse_calls() noexcept { closed_ = true; }
  bool closed() const noexcept { return closed_; }

  void end_streams() { tell(streams_); }
  void end_calls() { tell(calls_); }

  std::size_t calls() const;
  /// Opens when no call is left, at once if there is none.
  std::shared_ptr<net::gate> when_no_call();

 private:
  friend class live_operation;

  struct listed_operation {
    bool empty() const noexcept { return one == nullptr; }

    live_operation* one = nullptr;
  };
  using list = slots<listed_operation>;

  mutable std::mutex mutex_;
  std::atomic<bool> closed_{false};
  list calls_;
  list streams_;
  std::vector<std::shared_ptr<net::gate>> waiting_;

  void link(list& in, live_operation& one);
  void unlink(live_operation& one) noexcept;
  void tell(list& all);
};

}  // namespace mistral::workflows::session
