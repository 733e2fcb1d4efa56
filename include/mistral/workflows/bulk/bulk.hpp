// Executions by the hundred thousand: starting a batch of jobs and following it, and ending many.
// Not a service: nothing goes on when the program has ended; what a batch remembers then is in its journal.
#pragma once

#include <mistral/workflows/async_generator.hpp>
#include <mistral/workflows/bulk/control.hpp>
#include <mistral/workflows/bulk/ending.hpp>
#include <mistral/workflows/bulk/job.hpp>
#include <mistral/workflows/bulk/options.hpp>
#include <mistral/workflows/bulk/outcome.hpp>
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/runs.hpp>

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace mistral::workflows {

/// Operations on many executions; a cheap handle on a client:
///
///     wf::bulk_options options("invoices-2026-11");
///     options.journal = wf::open_sqlite_journal("invoices.journal");
///     auto outcomes = wf::bulk(client).run("invoice", jobs, options);
///     while (auto outcome = co_await outcomes.next())
///       std::cout << to_json_line(*outcome) << '\n';
///
/// It uses what the client offers to everybody, and the client's limits hold.
class MISTRAL_WORKFLOWS_EXPORT bulk {
 public:
  /// Nothing is sent.
  explicit bulk(workflows::client client);
  bulk(const bulk&);
  bulk(bulk&&) noexcept;
  bulk& operator=(const bulk&);
  bulk& operator=(bulk&&) noexcept;
  ~bulk();

  /// Starts an execution of `workflow` (name or UUID) for each job, and yields what became of each, in the
  /// order in which they end. Each job that the source gave has one outcome, also one that was not started
  /// because the batch stopped; only what an earlier run of the program has had acknowledged has none.
  ///
  /// Nothing begins before the first `next()`. From then on work goes on **between** two `next()`s, unlike
  /// with other generators: jobs are started and ends are noticed until `most_in_flight` outcomes wait to be
  /// taken. An outcome is acknowledged, in the journal, when the next is asked for: what was handed out last
  /// before a crash is handed out again, with `repeated`. Destroying the generator, or closing it, leaves
  /// running jobs alone and their outcomes untold, as a crash would, and lets go of the journal soon after;
  /// `bulk_control::stop` is the orderly way. The journal is closed, and `finish`ed where nothing is left to
  /// do, before the end is told: a batch is finished when `next()` has returned none.
  ///
  /// One start for each (batch, key, generation), but for the window that no client can close: a start held
  /// up on its way, between the last look and its arrival, the first having started and ended meanwhile. A
  /// last pass over the runs of the batch looks for that and says so in `bulk_outcome::started_twice`. After
  /// a run that COMPLETED or was CANCELED, a later one under its id is taken for a second start (a reset by
  /// somebody else looks the same). After any other the service may go on by itself, so a later one is taken
  /// for it only where it is the one that an answer to this run of the program named, to a start that had
  /// been in doubt. The pass is made where this run of the program has started a job and was not left; what
  /// arrives after it is not seen.
  ///
  /// Errors: invalid_argument - thrown here: an option that cannot work. From `next()`, after the outcomes
  ///         that there are: invalid_argument - a key that cannot be, or stands in the source twice (both
  ///         positions are named), or has another input or position than in the run before, or `begin` is
  ///         first_run or resume and the journal says otherwise; journal_error - the journal is another
  ///         batch's, or is in use; what the source threw; errc::closed - the client was closed
  /// Cancel: of `next()`: any type; nothing is lost, and the batch goes on meanwhile
  /// Lifetime: may outlive the client handle, and its io_context. Threads: as async_generator; the batch has
  ///           a strand of its own
  async_generator<bulk_outcome> run(std::string workflow, bulk_source jobs, bulk_options options) const;

  /// The executions that run now and fit the filter, page by page; `status` of the filter is set here. Of
  /// what is started meanwhile some may be among them.
  /// Errors: as runs_api::list_all
  boost::asio::awaitable<ending_set> targets(run_list_request filter) const;

  /// The executions of a batch that run now, of whatever shard, generation or process: those whose ids begin
  /// with `bulk_slug(batch)` and go on as a batch's do. Batches whose names differ only in what a slug leaves
  /// out cannot be told apart so.
  /// Errors: as runs_api::list_all; invalid_argument - no name, thrown here
  boost::asio::awaitable<ending_set> targets_of(std::string batch) const;

  /// The same by the journal of the batch, also while another process writes it: the executions that it may
  /// have started and that have no outcome, as it has them when they are read. Nothing is asked of the
  /// service. The journal is opened for a report and closed again: not the object that a batch has in use.
  /// Errors: invalid_argument - null, thrown here; journal_error
  boost::asio::awaitable<ending_set> targets_of(std::string batch,
                                                std::shared_ptr<bulk_journal> journal) const;

  /// Asks each to end, and yields what became of each request. A GET right before each tells whether the run
  /// that is meant still is the latest; a newer one is not touched, but for one that begins between that GET
  /// and the arrival of the request. Work goes on between two `next()`s, for `ending_options::at_once`
  /// targets.
  /// Errors: invalid_argument - thrown here: an option. From `next()`: errc::closed
  /// Cancel: as `run`
  async_generator<ending_outcome> cancel(ending_set set, ending_options options = ending_options()) const;

  /// Ends each at once, in the same way.
  async_generator<ending_outcome> terminate(ending_set set, ending_options options = ending_options()) const;

 private:
  workflows::client client_;
};

}  // namespace mistral::workflows
