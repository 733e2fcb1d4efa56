// A stream's surroundings as a client has them: leases of its pool, its calls, its key.
// Not the logic of a stream (stream.hpp).
#pragma once

#include "session/call/call.hpp"
#include "session/client/client_state.hpp"
#include "session/follow/stream.hpp"

#include <mistral/workflows/event_stream.hpp>
#include <mistral/workflows/log_stream.hpp>
#include <mistral/workflows/raw_event.hpp>

#include <memory>

namespace mistral::workflows::session {

/// `part_of`: what the stream is a part of, where it is no operation by itself; errors of GETs are of that.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::shared_ptr<stream_host> make_stream_host(
    client_handle handle, begun_operation part_of = begun_operation());

/// Opens nothing yet: the first operation on the stream does. Throws
/// invalid_argument for options or arguments that cannot work.
event_stream open_event_stream(client_handle handle, stream_description description, stream_options options);

raw_event_stream open_raw_event_stream(client_handle handle, stream_description description,
                                       stream_options options);

log_stream open_log_stream(client_handle handle, stream_description description, stream_options options);

/// The stream of one execution's events.
stream_description describe_execution_stream(std::string execution_id, stream_source source);

}  // namespace mistral::workflows::session
