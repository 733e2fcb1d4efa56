// A batch from the first job to the exit code: what bulk_run does once it knows what it is asked for.
// Not the command line (settings.hpp).
#pragma once

#include "bulk_settings.hpp"

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/bulk/outcome.hpp>
#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/testing/workflow_definition.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace bulk_run {

enum exit_code {
  all_done = 0,
  some_failed = 1,
  refused = 2,  ///< the command line, a file or the journal; nothing was started
  stopped_by_failures = 3,
  gave_up = 4,  ///< the batch would have paused, and --no-wait was given
  interrupted = 5,
};

/// Where a program that is built around this one (a test) takes part.
struct seams {
  seams() = default;

  std::function<std::shared_ptr<mistral::workflows::bulk_journal>(
      std::shared_ptr<mistral::workflows::bulk_journal>)>
      journal;
  std::function<void(mistral::workflows::client_options&)> client;
  /// Those of the server in this process.
  std::vector<mistral::workflows::testing::workflow_definition> workflows;
  /// Each outcome, before it is written to the file.
  std::function<void(const mistral::workflows::bulk_outcome&)> outcome;
};

/// Says on standard error what happens.
int run(const settings& wanted, const seams& parts = seams());

/// The same with a command line.
int run(int count, char** arguments, const seams& parts = seams());

}  // namespace bulk_run
