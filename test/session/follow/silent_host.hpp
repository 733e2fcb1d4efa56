// What the tests of streams that wait share: a scripted server that falls silent, and patience with it.
// Not the hosts of merges: merge_support.hpp.
#pragma once

#include "session/follow/scripted_host.hpp"

#include <mistral/workflows/error.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace scripted {

inline std::string progress_of(std::int64_t from, std::int64_t to) {
  std::string text;
  for (auto n = from; n <= to; ++n) text += recorded::progress(n);
  return text;
}

/// A server whose connection stays open after these events and is silent. `chunk`: bytes at a time.
inline std::shared_ptr<host> silent_after(asio::io_context& context, std::int64_t events,
                                          std::size_t chunk = act().chunk) {
  auto server = std::make_shared<host>(context);
  server->answer = [events, chunk](const std::string& target, int) {
    act all(progress_of(cursor_in(target) + 1, events), finish::open);
    all.chunk = chunk;
    return all;
  };
  server->look = [](const std::string&, int) { return running(); };
  return server;
}

inline wf::stream_options patient() {
  auto options = quick();
  options.idle_limit = options.status_check = std::chrono::hours(1);
  return options;
}

inline bool is_aborted(const wf::error& e) { return e.code() == asio::error::operation_aborted; }

/// Everything that waits on the context has begun to wait once it has nothing left to run. How many handlers
/// that took.
inline std::size_t until_it_waits(asio::io_context& context) {
  context.restart();
  std::size_t all = 0;
  for (auto some = context.poll(); some > 0; some = context.poll()) all += some;
  return all;
}

}  // namespace scripted
