// What the hooks of a call are told about one request, and the headers that they add to it.
// Costs nothing where no hook is set, and never lets one disturb the call.
#pragma once

#include "net/pool/pool.hpp"
#include "protocol/http/request.hpp"
#include "session/client/client_state.hpp"

#include <mistral/workflows/hooks.hpp>

#include <boost/system/error_code.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::session {

/// Which attempt it is.
struct attempt_place {
  attempt_place() = default;

  std::string_view call;  ///< the operation that the caller began
  std::uint64_t call_number = 0;
  int attempt = 0;
  std::chrono::nanoseconds waited_for_turn{0};
};

/// How it ended.
struct attempt_end {
  attempt_end() = default;

  int status = 0;
  boost::system::error_code failure;
  const protocol::header_list* headers = nullptr;  ///< of the answer, those that are told; null: none
};

class attempt_watch {
 public:
  /// Begins the clock of `record`, which must outlive this, where there is a hook.
  attempt_watch(const client_handle& handle, const protocol::request& request, const attempt_place& place,
                net::progress& record);
  ~attempt_watch();
  attempt_watch(const attempt_watch&) = delete;
  attempt_watch& operator=(const attempt_watch&) = delete;

  const protocol::request& request() const noexcept { return request_; }

  /// Whether there is a hook that wants to hear of the end.
  bool listened_to() const noexcept { return measured_.has_value(); }

  /// The headers of the handle's settings, and those of the header hook.
  protocol::header_list headers() const;

  /// Tells the hook and counts bytes. To be called once, with the lease still there or gone.
  void ended(const attempt_end& end);

 private:
  const client_handle& handle_;
  const protocol::request& request_;
  attempt_place place_;
  net::progress& record_;

  struct measured {
    measured() : began(std::chrono::system_clock::now()), start(std::chrono::steady_clock::now()) {}
    std::chrono::system_clock::time_point began;
    std::chrono::steady_clock::time_point start;
    net::phase_clock phases;
  };
  std::optional<measured> measured_;

  void fill(attempt_info& info) const;
};

}  // namespace mistral::workflows::session
