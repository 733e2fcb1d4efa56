// The workflows that dev_server and the quickstart run:
// small, but each shows something a client must cope with.
// Not part of the library.
#pragma once

#include <mistral/workflows/testing/workflow_definition.hpp>

#include <vector>

namespace sample {

/// A ticket is looked up, answered in a draft that grows before
/// the reader's eyes, approved by a person and sent: 20 events.
/// Input: {"ticket": string, "pace_ms": integer (default 20)}. Signal "approve"
/// {"by": string}. Query "status". Update "set_priority" {"priority": "low",
/// "normal" or "high"}. Result: {"ticket", "reply", "approved_by", "priority"}.
mistral::workflows::testing::workflow_definition support_workflow();

/// Returns its input.
mistral::workflows::testing::workflow_definition echo();

/// One event each `every_ms` (default 1000), `count` (default 10) of
/// them, between the task's start and its end. Result: {"ticks": count}.
mistral::workflows::testing::workflow_definition ticker();

/// An activity that fails twice and then for good; the execution ends as FAILED.
mistral::workflows::testing::workflow_definition failing();

/// Sleeps for `seconds` (default 3600); cleans up when it is cancelled.
mistral::workflows::testing::workflow_definition sleeper();

/// All of them.
std::vector<mistral::workflows::testing::workflow_definition> workflows();

}  // namespace sample
