#include "session/fault_matrix/batches.hpp"
#include "session/fault_matrix/operations.hpp"

#include <boost/json/object.hpp>

#include <atomic>

namespace fault_matrix {
namespace {

asio::awaitable<std::string> new_id(apis, subject) {
  static std::atomic<int> count{0};
  co_return "given-" + std::to_string(++count);
}

asio::awaitable<void> list(apis to, subject) { co_await to.workflows.list(); }
asio::awaitable<void> get(apis to, subject) { co_await to.workflows.get("gate"); }

asio::awaitable<void> update(apis to, subject what) {
  wf::workflow_update_request changes;
  changes.display_name = "Shelf";
  co_await to.workflows.update(what.shelf, changes);
}

asio::awaitable<void> execute(apis to, subject) { co_await to.workflows.execute("gate"); }

asio::awaitable<void> execute_under_own_id(apis to, subject what) {
  wf::execute_request request;
  request.execution_id = what.own;
  co_await to.workflows.execute("gate", request);
}

asio::awaitable<void> archive(apis to, subject what) { co_await to.workflows.archive(what.shelf); }
asio::awaitable<void> unarchive(apis to, subject what) { co_await to.workflows.unarchive(what.shelf); }

asio::awaitable<void> bulk_archive(apis to, subject what) {
  const std::vector<std::string> ids(1, what.shelf);
  const auto came = co_await to.workflows.bulk_archive(ids);
  rethrow_failure(came);
}

asio::awaitable<void> bulk_unarchive(apis to, subject what) {
  const std::vector<std::string> ids(1, what.shelf);
  const auto came = co_await to.workflows.bulk_unarchive(ids);
  rethrow_failure(came);
}

asio::awaitable<void> list_registrations(apis to, subject) { co_await to.registrations.list(); }
asio::awaitable<void> get_registration(apis to, subject what) {
  co_await to.registrations.get(what.registration);
}

// Deprecated by the API, and an operation of it all the same.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
asio::awaitable<void> execute_registration(apis to, subject what) {
  co_await to.registrations.execute(what.registration);
}
#pragma GCC diagnostic pop

asio::awaitable<void> metrics(apis to, subject) { co_await to.metrics.get("gate"); }
asio::awaitable<void> whoami(apis to, subject) { co_await to.workers.whoami(); }

}  // namespace

std::vector<operation> operations_on_workflows() {
  using enum kind;
  return {
      {"workflows.list", read, false, nullptr, list},
      {"workflows.get", read, false, nullptr, get},
      {"workflows.update", repeatable, false, nullptr, update},
      {"workflows.execute", keyed, false, nullptr, execute},
      {"workflows.execute", keyed, false, new_id, execute_under_own_id, "under an id of the caller's"},
      {"workflows.archive", repeatable, false, nullptr, archive},
      {"workflows.unarchive", repeatable, false, nullptr, unarchive},
      {"workflows.bulk_archive", repeatable, false, nullptr, bulk_archive},
      {"workflows.bulk_unarchive", repeatable, false, nullptr, bulk_unarchive},
      {"registrations.list", read, false, nullptr, list_registrations},
      {"registrations.get", read, false, nullptr, get_registration},
      {"registrations.execute", keyed, false, nullptr, execute_registration},
      {"metrics.get", read, false, nullptr, fault_matrix::metrics},
      {"workers.whoami", read, false, nullptr, whoami},
  };
}

}  // namespace fault_matrix
