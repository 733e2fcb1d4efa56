// Feeds a stream answer from the engine's event log.
// Not the writing: see stream_writer.hpp.
#pragma once

#include "testing/engine/core/subscription.hpp"
#include "testing/server/message/message.hpp"
#include "testing/server/message/metadata_filter.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace mistral::workflows::testing {

/// What makes a stream end by itself.
struct stream_bounds {
  stream_bounds() = default;

  std::string execution_id;                 ///< empty: the stream is of all executions and never ends
  bool already_ended = false;               ///< the execution had ended before the stream began
  std::optional<std::int64_t> last_stored;  ///< DATABASE: nothing after this sequence, then the end
  metadata_filter metadata;                 ///< what events must have
};

std::unique_ptr<item_source> make_event_source(boost::asio::any_io_executor executor, subscription from,
                                               stream_bounds bounds);

}  // namespace mistral::workflows::testing
