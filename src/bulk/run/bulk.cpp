#include <mistral/workflows/bulk/bulk.hpp>

#include "bulk/common/left_when_gone.hpp"
#include "bulk/ending/ending_run.hpp"
#include "bulk/ending/ending_targets.hpp"
#include "bulk/run/batch_run.hpp"
#include "bulk/run/option_checks.hpp"
#include "bulk/run/records.hpp"
#include "bulk/run/report_run.hpp"

#include <mistral/workflows/bulk/identity.hpp>

#include <memory>
#include <string>
#include <utility>

namespace mistral::workflows {
namespace asio = boost::asio;

bulk::bulk(workflows::client client) : client_(std::move(client)) {}
bulk::bulk(const bulk&) = default;
bulk::bulk(bulk&&) noexcept = default;
bulk& bulk::operator=(const bulk&) = default;
bulk& bulk::operator=(bulk&&) noexcept = default;
bulk::~bulk() = default;

async_generator<bulk_outcome> bulk::run(std::string workflow, bulk_source jobs, bulk_options options) const {
  options = bulk_run::checked(workflow, std::move(options));
  if (options.begin == bulk_begin::report) {
    journal_manifest manifest = bulk_run::manifest_of(workflow, options);
    auto run = std::make_shared<bulk_run::report_run>(client_.serial_executor(), options.journal,
                                                      std::move(manifest));
    return bulk_run::generator_of<bulk_outcome>(run->strand(), "bulk.run", run);
  }
  auto run = std::make_shared<bulk_run::batch_run>(client_, std::move(workflow), std::move(jobs),
                                                   std::move(options));
  run->attach();
  return bulk_run::generator_of<bulk_outcome>(run->strand(), "bulk.run", run);
}

asio::awaitable<ending_set> bulk::targets(run_list_request filter) const {
  return bulk_run::find_targets(client_, std::move(filter), std::string());
}

asio::awaitable<ending_set> bulk::targets_of(std::string batch) const {
  if (batch.empty()) throw invalid_argument("batch", "must not be empty", "bulk.targets_of");
  return bulk_run::find_targets(client_, run_list_request(), bulk_slug(batch));
}

asio::awaitable<ending_set> bulk::targets_of(std::string batch, std::shared_ptr<bulk_journal> journal) const {
  if (!journal) throw invalid_argument("journal", "must not be null", "bulk.targets_of");
  return bulk_run::journal_targets(std::move(batch), std::move(journal));
}

namespace {

async_generator<ending_outcome> end_all(const client& from, bulk_run::ending_kind kind, ending_set set,
                                        ending_options options) {
  const char* const operation = kind == bulk_run::ending_kind::cancel ? "bulk.cancel" : "bulk.terminate";
  if (options.at_once < 1 || options.at_once > 64)
    throw invalid_argument("ending_options.at_once", "must be 1 to 64", operation);
  auto run = std::make_shared<bulk_run::ending_run>(from, kind, std::move(set), options);
  return bulk_run::generator_of<ending_outcome>(run->strand(), operation, run);
}

}  // namespace

async_generator<ending_outcome> bulk::cancel(ending_set set, ending_options options) const {
  return end_all(client_, bulk_run::ending_kind::cancel, std::move(set), options);
}

async_generator<ending_outcome> bulk::terminate(ending_set set, ending_options options) const {
  return end_all(client_, bulk_run::ending_kind::terminate, std::move(set), options);
}

}  // namespace mistral::workflows
