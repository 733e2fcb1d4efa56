// Fixes the set of executions that are to be ended: from a filter, from a batch's name, from a journal.
// Not the ending: ending_run.hpp.
#pragma once

#include <mistral/workflows/bulk/ending.hpp>
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/runs.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace mistral::workflows {
class bulk_journal;
}

namespace mistral::workflows::bulk_run {

/// `slug`: of a batch, whose executions alone are meant; empty: all that fit.
boost::asio::awaitable<ending_set> find_targets(client from, run_list_request filter, std::string slug);

boost::asio::awaitable<ending_set> journal_targets(std::string batch, std::shared_ptr<bulk_journal> journal);

}  // namespace mistral::workflows::bulk_run
