// The run that another was continued as, by the events that are kept of it.
// Not whether it is followed: completions do so (completion_core.hpp), and endings (batch_endings.cpp).
#pragma once

#include <mistral/workflows/client.hpp>

#include <boost/asio/awaitable.hpp>

#include <string>

namespace mistral::workflows::bulk_run {

/// Its run id; empty where no event says that `run_id` was continued, or one does without a name.
/// Errors: as events_api::list
boost::asio::awaitable<std::string> successor_of(client from, std::string run_id);

/// The same, and empty too where the key may not read events (403): a caller can then go by the latest run.
boost::asio::awaitable<std::string> named_successor(client from, std::string run_id);

}  // namespace mistral::workflows::bulk_run
