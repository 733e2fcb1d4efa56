// The client's side of soak_streams: starts the executions, and follows the events of each.
// Not the server, and no verdict on what arrived.
#pragma once

#include "soak_complaints.hpp"
#include "soak_process.hpp"
#include "soak_settings.hpp"
#include "soak_tally.hpp"

#include <mistral/workflows.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace soak {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

class followers {
 public:
  /// What a run without faults is measured by.
  struct steady_numbers {
    std::vector<std::uint32_t> lags_us;
    int open_at_start = 0;
    double opening_seconds = 0;
    double cpu_before = 0;
  };

  /// `connected`: told of each connection of a stream.
  followers(server_process& server, const settings& wanted, complaints& wrong,
            std::function<void(stream_tally&)> connected);

  /// Until all streams have had their events, or the time is up.
  void run();

  const std::vector<stream_tally>& tallies() const { return tallies_; }
  const steady_numbers& steady() const { return steady_; }

 private:
  server_process& server_;
  const settings& wanted_;
  complaints& wrong_;
  std::function<void(stream_tally&)> connected_;
  asio::io_context io_;
  wf::client client_;
  std::vector<stream_tally> tallies_;
  asio::steady_timer watchdog_;
  asio::steady_timer opened_;  // cancelled whenever a stream has opened
  steady_numbers steady_;
  int finished_ = 0;
  int next_ = 0;

  stream_tally& tally_of(int index) { return tallies_[static_cast<std::size_t>(index)]; }
  wf::stream_options options_for(int index);
  void bark_at(std::chrono::steady_clock::time_point limit);
  int open_now() const;
  asio::awaitable<void> next_opened();

  static asio::awaitable<bool> start(followers* self, int index);
  static asio::awaitable<void> follow(followers* self, int index);
  static asio::awaitable<void> start_and_follow(followers* self, int index);
  static asio::awaitable<void> open_some(followers* self);
  static asio::awaitable<void> open_all_and_go(followers* self);
};

}  // namespace soak
