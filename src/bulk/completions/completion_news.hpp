// What events, rows and failures of calls mean to those who wait.
// Not what follows from it: that is completion_core's.
#pragma once

#include "bulk/completions/completion_core.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/events.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/runs.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace mistral::workflows::bulk_core {

/// The events that tell of ends.
event_stream_request ends_of(const std::optional<std::string>& workflow_name);
/// The first page of a look.
run_list_request rows_of(const page_window& window, const std::optional<std::string>& workflow_name);

/// Whether an event may be about something that the core knows, as its JSON's text tells. False is sure.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool may_concern(const completion_core& core, std::string_view text);

run_news news_of(stream_event event);
run_news news_of(execution_summary row);

/// Where the call has failed.
get_answer answer_of(const error& failure);

}  // namespace mistral::workflows::bulk_core
