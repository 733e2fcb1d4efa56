#include <mistral/workflows/log_stream.hpp>

namespace mistral::workflows {

log_stream_request::log_stream_request() = default;
log_stream_request::log_stream_request(const log_stream_request&) = default;
log_stream_request::log_stream_request(log_stream_request&&) noexcept = default;
log_stream_request& log_stream_request::operator=(const log_stream_request&) = default;
log_stream_request& log_stream_request::operator=(log_stream_request&&) noexcept = default;
log_stream_request::~log_stream_request() = default;

}  // namespace mistral::workflows
