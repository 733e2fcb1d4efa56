// Ends the executions of a set, some at once, and hands out what became of each.
// Not the verdicts: ending_core.hpp. Not how the set came about: ending_targets.hpp.
#pragma once

#include "bulk/common/task_group.hpp"
#include "bulk/common/wake.hpp"

#include <mistral/workflows/bulk/ending.hpp>
#include <mistral/workflows/client.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <optional>

namespace mistral::workflows::bulk_run {

/// The later the harder.
enum class ending_kind { cancel, terminate };

/// Looks at one, and ends it where it is the run that is meant.
/// Errors: errc::closed; all others are in the outcome
boost::asio::awaitable<ending_outcome> end_one(client from, ending_kind kind, ending_target target,
                                               timestamp as_of);

/// On its strand, but for `leave`.
class ending_run : public std::enable_shared_from_this<ending_run> {
 public:
  ending_run(client from, ending_kind kind, ending_set set, ending_options options);

  const boost::asio::any_io_executor& strand() const noexcept { return strand_; }

  boost::asio::awaitable<std::optional<ending_outcome>> pull();
  void leave();

 private:
  client client_;
  ending_kind kind_;
  ending_set set_;
  ending_options options_;
  boost::asio::any_io_executor strand_;
  task_group tasks_;
  wake changed_;
  std::size_t next_ = 0;
  std::size_t under_way_ = 0;
  std::deque<ending_outcome> ready_;
  std::exception_ptr failure_;

  void fill();
  boost::asio::awaitable<void> end(std::shared_ptr<ending_run> self, ending_target target);
  void fail(std::exception_ptr why);
};

}  // namespace mistral::workflows::bulk_run
