// What is to be done once a lock is gone: waits that complete, and work that begins.
// Not a queue between threads: it is made, filled and emptied within one function.
#pragma once

#include "bulk/completions/pending_wait.hpp"

#include <mistral/workflows/bulk/completions.hpp>

#include <exception>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {

using completion_wait = pending_wait<completion>;
using ready_wait = pending_wait<>;

/// Made before the lock, so that it goes after it: a coroutine that goes on may own the last handle.
class handing {
 public:
  handing() = default;
  handing(const handing&) = delete;
  handing& operator=(const handing&) = delete;
  ~handing() {
    for (auto& one : todo_) one();
  }

  void give(std::unique_ptr<completion_wait> to, std::exception_ptr failure, completion end = completion()) {
    auto shared = std::shared_ptr<completion_wait>(std::move(to));
    todo_.emplace_back([shared, failure = std::move(failure), end = std::move(end)]() mutable {
      shared->complete(std::move(failure), std::move(end));
    });
  }
  void give(std::unique_ptr<ready_wait> to, std::exception_ptr failure) {
    auto shared = std::shared_ptr<ready_wait>(std::move(to));
    todo_.emplace_back(
        [shared, failure = std::move(failure)]() mutable { shared->complete(std::move(failure)); });
  }
  void then(std::function<void()> what) { todo_.emplace_back(std::move(what)); }

 private:
  std::vector<std::function<void()>> todo_;
};

}  // namespace mistral::workflows::bulk_run
