// The log lines that workflows write, as pages and one by one.
// Not events, and not the waiting for new lines: see log_subscription.hpp.
#pragma once

#include "testing/engine/common/requests.hpp"
#include "testing/engine/core/log_subscription.hpp"
#include "testing/engine/core/subscription_state.hpp"
#include "testing/engine/store/store.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <memory>

namespace mistral::workflows::testing {

bool fits(const log_filter& filter, const stored_log& line);
/// The first line after that sequence that fits; null if there is none yet.
const stored_log* next_line(const store& from, const log_filter& filter, std::int64_t after);
/// ExecutionLogRecord
boost::json::object show_line(const store& from, const stored_log& line);
/// ExecutionLogSearchResponse. The cursor remembers the range and the
/// order; one that this function did not make is refused with 422.
boost::json::object list_logs(const store& from, log_page_request request);

struct log_subscription::state {
  state(const std::shared_ptr<engine_core>& engine, const boost::asio::any_io_executor& executor)
      : core(engine), wake(executor) {}

  std::weak_ptr<engine_core> core;
  log_filter filter;
  std::int64_t position = 0;  ///< the sequence of the last line taken
  wake_up wake;
};

}  // namespace mistral::workflows::testing
