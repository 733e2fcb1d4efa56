// Feeds a stream answer from the engine's log: of an execution until it has ended, of a deployment for ever.
// Not the writing: see stream_writer.hpp.
#pragma once

#include "testing/engine/core/log_subscription.hpp"
#include "testing/server/message/message.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace mistral::workflows::testing {

std::unique_ptr<item_source> make_log_source(boost::asio::any_io_executor executor, log_subscription from);

}  // namespace mistral::workflows::testing
