// Closes a journal when nobody is left to hear how that went.
// Not for the end of a batch, which tells.
#pragma once

#include <mistral/workflows/bulk/journal.hpp>

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace mistral::workflows::bulk_run {

/// Begins it, and returns.
void close_quietly(const boost::asio::any_io_executor& executor, std::shared_ptr<bulk_journal> journal);

}  // namespace mistral::workflows::bulk_run
