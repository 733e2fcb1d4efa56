// Settings that `client::with` puts in place of the client's own, for calls through the copy that it returns.
// Not what an operation asks for: that is in its request type.
#pragma once

#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/hooks.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows {

/// Unset members leave the client's setting as it is. Checked by `client::with`.
class MISTRAL_WORKFLOWS_EXPORT call_options {
 public:
  call_options();
  call_options(const call_options&);
  call_options(call_options&&) noexcept;
  call_options& operator=(const call_options&);
  call_options& operator=(call_options&&) noexcept;
  ~call_options();

  /// One call with all its attempts, back-off and body; also in place of an operation's own default.
  std::optional<std::chrono::milliseconds> deadline;
  std::optional<retry_options> retry;  ///< in place of the client's

  /// Sent beside the client's; the same rules hold. A name that stands in both is sent once, with this value.
  std::vector<std::pair<std::string, std::string>> headers;
  /// Each function that is set takes the place of the client's.
  call_hooks hooks;
};

}  // namespace mistral::workflows
