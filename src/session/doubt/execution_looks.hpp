// GETs of the executions that one operation has in doubt, several at once.
// Not when they are due, and not what follows from them: protocol/calls/batch_ending.hpp.
#pragma once

#include "net/common/gate.hpp"
#include "protocol/calls/facts.hpp"
#include "session/call/call.hpp"
#include "session/client/client_state.hpp"

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::session {

/// How a look at one of the executions ended.
struct look_end {
  look_end() = default;

  std::size_t id = 0;
  protocol::request_end end;
  std::optional<protocol::found_thing> shown;
  execution state;
};

/// Each look is a single request, in the client's line of looks, on a strand of all of these.
class MISTRAL_WORKFLOWS_INTERNAL_EXPORT execution_looks final
    : public std::enable_shared_from_this<execution_looks>,
      public live_operation {
 public:
  using clock = std::chrono::steady_clock;

  /// `part_of.ends` bounds every look.
  execution_looks(client_handle by, begun_operation part_of);
  ~execution_looks() override { leave_list(); }

  void begin(std::size_t id, std::string execution_id);

  /// Waits until a look has ended, or for `until`; one wait at a time.
  /// Throws operation_aborted when the client is closed, or when
  /// cancelled (any type that the caller's state lets through).
  static boost::asio::awaitable<void> news(std::shared_ptr<execution_looks> self, clock::time_point until);
  /// Those that have ended since.
  std::vector<look_end> take();

  /// Looks under way break off, and none leaves any more.
  void stop();

  std::shared_ptr<live_operation> self() override { return weak_from_this().lock(); }
  void client_closed() override;

 private:
  struct look {
    look() = default;

    boost::asio::cancellation_signal stop;
  };
  using place = std::list<look>::iterator;

  const client_handle handle_;
  const begun_operation part_of_;
  const boost::asio::any_io_executor executor_;
  std::list<look> looks_;  // on the executor, as is the next
  bool stopped_ = false;

  std::mutex mutex_;
  std::vector<look_end> ended_;  // guarded by mutex_, as is the next
  std::shared_ptr<net::gate> news_ = std::make_shared<net::gate>();

  void start(std::size_t id, std::string execution_id);
  static boost::asio::awaitable<look_end> run(std::shared_ptr<execution_looks> self, std::size_t id,
                                              std::string execution_id);
  boost::asio::awaitable<void> ask(const std::string* execution_id, look_end* out);
};

}  // namespace mistral::workflows::session
