#include <mistral/workflows/stream_options.hpp>

namespace mistral::workflows {

std::string_view to_string(disconnect_reason reason) noexcept {
  switch (reason) {
    case disconnect_reason::cut:
      return "cut";
    case disconnect_reason::clean_end:
      return "clean end";
    case disconnect_reason::idle:
      return "idle";
    case disconnect_reason::not_connected:
      return "not connected";
    case disconnect_reason::refused:
      return "refused";
    case disconnect_reason::key_rejected:
      return "key rejected";
    case disconnect_reason::stream_error:
      return "stream error";
    case disconnect_reason::checking_end:
      return "checking end";
    case disconnect_reason::ended:
      return "ended";
  }
  return "unknown";
}

stream_hooks::stream_hooks() = default;
stream_hooks::stream_hooks(const stream_hooks&) = default;
stream_hooks::stream_hooks(stream_hooks&&) noexcept = default;
stream_hooks& stream_hooks::operator=(const stream_hooks&) = default;
stream_hooks& stream_hooks::operator=(stream_hooks&&) noexcept = default;
stream_hooks::~stream_hooks() = default;

stream_options::stream_options() = default;
stream_options::stream_options(const stream_options&) = default;
stream_options::stream_options(stream_options&&) noexcept = default;
stream_options& stream_options::operator=(const stream_options&) = default;
stream_options& stream_options::operator=(stream_options&&) noexcept = default;
stream_options::~stream_options() = default;

stream_failure::stream_failure(boost::system::error_code code, const std::string& reason, std::string cursor,
                               error_context context, std::optional<std::chrono::milliseconds> retry_after)
    : error(code, reason, std::move(context)), cursor_(std::move(cursor)), retry_after_(retry_after) {}
stream_failure::~stream_failure() = default;
stream_failure::stream_failure(const stream_failure&) = default;
stream_failure& stream_failure::operator=(const stream_failure&) = default;

}  // namespace mistral::workflows
