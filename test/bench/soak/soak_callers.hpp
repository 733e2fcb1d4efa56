// The callers of soak_calls: each makes one call after another, of all classes, until it is told to stop.
// Not the server, and no verdict on what came of the calls.
#pragma once

#include <mistral/workflows.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace soak {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

/// The classes of operations as src/doc/guide/repeats.md has them; of the keyed
/// ones those apart whose id has run before, which may well end as start_unknown.
enum class call_class { read, keyed, ending, once, keyed_again };
constexpr std::size_t class_count = 5;

/// What came of the calls. Used on one thread at a time.
class call_tally {
 public:
  struct of_class {
    std::int64_t calls = 0;
    std::int64_t failed = 0;  ///< without those answered that the execution has ended
  };

  std::int64_t calls = 0;
  std::int64_t started = 0;  ///< executes that returned an execution
  std::array<of_class, class_count> classes{};
  std::map<std::string, std::int64_t> failures;
  std::vector<float> milliseconds;
  std::vector<std::int64_t> by_caller;
  std::map<std::string, std::int64_t> starts_asked;   ///< of ids that ran again
  std::map<std::string, std::int64_t> endings_asked;  ///< by id, a batch counts for each of its own

  const of_class& of(call_class which) const { return classes[static_cast<std::size_t>(which)]; }
  /// 0 to 1.
  double percentile(double share);
};

class callers {
 public:
  /// All share `client`; its io_context is run by one thread.
  /// `pause`: the longest wait between two calls of a caller.
  callers(asio::io_context& io, wf::client client, int count, std::chrono::milliseconds pause,
          std::uint64_t seed);

  void start();
  /// Lets each end the call that it is at. On the thread of the io_context.
  void stop() { stopping_ = true; }
  int left() const noexcept { return left_; }
  call_tally& tally() noexcept { return tally_; }

 private:
  /// One caller's execution of "gate"; empty when it has none that it knows to be running.
  struct caller {
    std::size_t number = 0;
    std::string own;
    std::mt19937_64 random;
  };

  asio::io_context& io_;
  wf::client client_;
  int left_;
  std::chrono::milliseconds pause_;
  std::uint64_t seed_;
  bool stopping_ = false;
  call_tally tally_;

  asio::awaitable<void> call_on(std::size_t number);
  asio::awaitable<void> call_once(caller* self);
  asio::awaitable<void> start_one(caller* self);
  /// Ends the caller's execution, and runs its id again: at
  /// once, but not within 2 s of an ending that left doubt.
  asio::awaitable<void> end_one(caller* self, call_class which, asio::awaitable<void> ending);
  /// What the server has done of the call, or may have where it failed.
  asio::awaitable<wf::server_action> measured(caller* self, call_class which, asio::awaitable<void> call);
};

}  // namespace soak
