#include "soak_killer.hpp"

#include <exception>

namespace soak {
namespace {

using clock_type = std::chrono::steady_clock;
namespace json = boost::json;

constexpr int kills = 3;

}  // namespace

killer::killer(server_process& server, const settings& wanted, complaints& wrong)
    : server_(server), wanted_(wanted), wrong_(wrong), began_(clock_type::now()) {}

killer::~killer() { stop(); }

void killer::start() {
  thread_ = std::thread([this] { work(); });
}

void killer::stop() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
    news_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void killer::connected(stream_tally& stream) {
  const std::lock_guard lock(mutex_);
  if (stream.first_in_life(restarts_) && ++connected_since_restart_ == wanted_.streams) news_.notify_all();
}

// Until this share of the time has passed and every stream has been connected in this life
// of the server, so that each kill costs each of them a connection. False: the run is over.
bool killer::sleep_until(double share) {
  const auto due = began_ + std::chrono::duration_cast<clock_type::duration>(
                                std::chrono::duration<double>(wanted_.seconds * share));
  std::unique_lock lock(mutex_);
  if (news_.wait_until(lock, due, [this] { return over_; })) return false;
  news_.wait(lock, [this] { return over_ || connected_since_restart_ == wanted_.streams; });
  return !over_;
}

void killer::add_counts() {
  const json::object now = server_.counts();
  for (const char* kind : {"cuts", "stalls", "pauses", "unavailable", "edge_statuses", "error_events",
                           "slow_starts", "lagging_statuses"}) {
    json::value& sum = struck_[kind];
    sum = (sum.is_null() ? 0 : sum.as_int64()) + now.at(kind).as_int64();
  }
}

void killer::work() {
  try {
    for (int kill = 1; kill <= kills; ++kill) {
      if (!sleep_until(static_cast<double>(kill) / (kills + 1))) return;
      add_counts();
      {
        const std::lock_guard lock(mutex_);
        ++restarts_;
        connected_since_restart_ = 0;
      }
      server_.kill_and_restart();
    }
    if (!sleep_until(1.0)) return;
    server_.tell("quiet");
    server_.tell("go");  // no execution ends before
  } catch (const std::exception& e) {
    wrong_.add(e.what());
  }
}

}  // namespace soak
