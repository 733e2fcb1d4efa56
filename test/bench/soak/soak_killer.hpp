// Kills the server of soak_streams again and again, each time when all streams have been connected to it.
// Not the following of streams, and not what the server does by itself.
#pragma once

#include "soak_complaints.hpp"
#include "soak_process.hpp"
#include "soak_settings.hpp"
#include "soak_tally.hpp"

#include <boost/json/object.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace soak {

/// While it is at work, its thread is the only one that talks to the server's process.
class killer {
 public:
  killer(server_process& server, const settings& wanted, complaints& wrong);
  ~killer();
  killer(const killer&) = delete;
  killer& operator=(const killer&) = delete;

  void start();
  /// Leaves the server alone from then on; returns when its thread has ended.
  void stop();

  /// A stream has been connected; on the thread that follows it.
  void connected(stream_tally& stream);

  /// Adds what this life of the server has counted; its next one begins at 0.
  void add_counts();

  // Of a killer that is not at work.
  int restarts() const { return restarts_; }
  /// How often each kind of fault struck.
  const boost::json::object& struck() const { return struck_; }

 private:
  server_process& server_;
  const settings& wanted_;
  complaints& wrong_;
  std::chrono::steady_clock::time_point began_;
  std::thread thread_;
  boost::json::object struck_;

  std::mutex mutex_;
  std::condition_variable news_;
  bool over_ = false;
  int restarts_ = 0;
  int connected_since_restart_ = 0;  // how many streams, at least once

  bool sleep_until(double share);
  void work();
};

}  // namespace soak
