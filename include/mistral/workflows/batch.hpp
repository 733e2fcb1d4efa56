// What became of each id of a batch operation, which may have taken several requests.
// Not the operations: those are in executions.hpp and workflows.hpp.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/workflow.hpp>

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows {

/// What became of one id of a batch.
enum class batch_status {
  success,  ///< the server says that it is done
  failed,   ///< the server says that it is not; `text` has what it says
  unknown,  ///< a request with it may have acted, and neither an answer nor a look tells; `error`

  /// No request with it was sent, or each was refused for the time being (425, 429, 503 with Retry-After) and
  /// something came before the next: nothing was done. `error` says what came.
  not_sent,
};

/// The name, for people.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(batch_status status) noexcept;

/// An execution that is to be cancelled or terminated, and the run that is meant where that is known.
class MISTRAL_WORKFLOWS_EXPORT batch_target {
 public:
  batch_target();
  /// `execution`: an execution id. `run`: a run id, as `execution::run_id`.
  explicit batch_target(std::string execution);
  /// `execution`: an execution id. `run`: a run id, as `execution::run_id`.
  batch_target(std::string execution, std::string run);
  batch_target(const batch_target&);
  batch_target(batch_target&&) noexcept;
  batch_target& operator=(const batch_target&);
  batch_target& operator=(batch_target&&) noexcept;
  ~batch_target();

  std::string execution_id;  ///< of the execution to end

  /// A UUID. Decides what a look after a lost answer shows, as in `end_options`; the first request does not
  /// name it.
  std::optional<std::string> run_id;
};

/// One id, and what became of it.
class MISTRAL_WORKFLOWS_EXPORT batch_item {
 public:
  batch_item();
  /// The id; made by the library.
  explicit batch_item(std::string what);
  batch_item(const batch_item&);
  batch_item(batch_item&&) noexcept;
  batch_item& operator=(const batch_item&);
  batch_item& operator=(batch_item&&) noexcept;
  ~batch_item();

  std::string id;                                ///< as the caller gave it first
  batch_status status = batch_status::not_sent;  ///< what became of it
  std::string text;                              ///< why not; empty for a success

  /// What the request ended with; null for a success and for what the server says of this id alone.
  std::exception_ptr error;
};

/// A workflow of a bulk operation; its `id` is the workflow's UUID.
class MISTRAL_WORKFLOWS_EXPORT workflow_batch_item : public batch_item {
 public:
  /// The id; see batch_item.
  using batch_item::batch_item;

  std::optional<workflows::workflow> workflow;  ///< as it is now, where the server says
};

/// Every id of a batch once, in the order in which they were given.
template <class Item>
class basic_batch_outcome {
 public:
  basic_batch_outcome() = default;

  std::vector<Item> items;  ///< each id once, in the order in which they were given

  /// How many ids became that.
  std::size_t count(batch_status status) const noexcept {
    std::size_t found = 0;
    for (const Item& item : items) found += item.status == status ? 1 : 0;
    return found;
  }
  /// Whether each id is a success.
  bool all_succeeded() const noexcept { return count(batch_status::success) == items.size(); }

  /// Null where the id was not in the batch.
  const Item* find(std::string_view id) const noexcept {
    for (const Item& item : items)
      if (item.id == id) return &item;
    return nullptr;
  }
};

/// What became of executions.
using batch_outcome = basic_batch_outcome<batch_item>;
/// What became of workflows.
using workflow_batch_outcome = basic_batch_outcome<workflow_batch_item>;

}  // namespace mistral::workflows
