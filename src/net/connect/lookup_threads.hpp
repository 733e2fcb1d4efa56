// Threads for look-ups, which block: each name that is asked
// for has one, so that a name that hangs holds up only itself.
// How a name is looked up is not its business (lookup.hpp), nor what is remembered of it (name_cache.hpp).
#pragma once

#include "net/common/pool_options.hpp"

#include <mistral/workflows/export.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace mistral::workflows::net {

/// What look-ups are made with; tests have others.
struct lookup_means {
  lookup_means() = default;

  /// Blocks. What it throws counts as a lack of memory.
  std::function<boost::system::error_code(const std::string& host,
                                          std::vector<boost::asio::ip::address>& found)>
      ask;
  /// Empty: std::thread.
  std::function<std::thread(std::function<void()> work)> start_thread;
  /// When a look-up is taken for lost. From any thread. Empty: steady_clock.
  clock_function now;
};

/// Thread-safe. Who asks for a name that is being looked up joins that look-up; one that
/// is older than `patience` is taken for lost and begun again beside it, as long as less
/// than half of the threads are in use, and everybody is told by the first of them that
/// ends. A name for which there is no thread waits until one of the others is done.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT lookup_threads {
 public:
  static constexpr std::size_t most = 8;
  static constexpr std::chrono::seconds grace{1};
  static constexpr std::chrono::seconds patience{29};  // just less than name_cache's, which then asks again

  explicit lookup_threads(lookup_means means);
  ~lookup_threads();
  lookup_threads(const lookup_threads&) = delete;
  lookup_threads& operator=(const lookup_threads&) = delete;

  /// Calls `done` once, on a thread of these; or never after end().
  /// Errors: std::system_error - no thread can be started; nothing has changed then
  void start(const std::string& host, resolve_done done);

  /// No `done` is called or kept any more. Waits for a look-up under way until it is a second old;
  /// its thread is then left to itself, and touches nothing but what it shares with others like
  /// it. In a child of the process that began them there are no such threads: nothing is waited
  /// for, and what they share is left as it is. A start() there begins with threads of its own.
  void end() noexcept;

 private:
  class state;
  const lookup_means means_;
  std::mutex mutex_;  // which no look-up's thread takes
  std::shared_ptr<state> state_;

  std::shared_ptr<state> current();
  std::shared_ptr<state> begin_anew();
};

}  // namespace mistral::workflows::net
