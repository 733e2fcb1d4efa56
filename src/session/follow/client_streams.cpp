// The streams that a client opens over its own connections.
// Not what they need of it: client_stream_host.cpp.
#include "session/follow/client_stream_host.hpp"

#include "protocol/http/checks.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows::session {

namespace {

std::string_view wire_name(stream_source source) {
  switch (source) {
    case stream_source::hybrid:
      return "HYBRID";
    case stream_source::database:
      return "DATABASE";
    case stream_source::live:
      return "LIVE";
  }
  return "HYBRID";
}

template <class T>
basic_event_stream<T> open(client_handle handle, stream_description description, stream_options options) {
  if (options.idle_limit == std::chrono::milliseconds(0))
    options.idle_limit = handle.state->options().stream_idle_limit;
  const client_state_ptr state = handle.state;
  auto stream = std::make_shared<stream_session<T>>(make_stream_host(std::move(handle)),
                                                    std::move(description), std::move(options));
  if (!state->live().add_stream(*stream)) stream->client_closed();
  return basic_event_stream<T>(std::move(stream));
}

}  // namespace

event_stream open_event_stream(client_handle handle, stream_description description, stream_options options) {
  return open<stream_event>(std::move(handle), std::move(description), std::move(options));
}

raw_event_stream open_raw_event_stream(client_handle handle, stream_description description,
                                       stream_options options) {
  return open<raw_event>(std::move(handle), std::move(description), std::move(options));
}

log_stream open_log_stream(client_handle handle, stream_description description, stream_options options) {
  return open<log_record>(std::move(handle), std::move(description), std::move(options));
}

stream_description describe_execution_stream(std::string execution_id, stream_source source) {
  stream_description description;
  description.request = [source](const std::string& id) {
    protocol::request request(protocol::operation::executions_stream);
    request.segment("execution_id", id, protocol::max_execution_id);
    request.query("event_source", wire_name(source));
    return request;
  };
  description.execution_id = std::move(execution_id);
  description.owes_event = source != stream_source::live;
  return description;
}

}  // namespace mistral::workflows::session
