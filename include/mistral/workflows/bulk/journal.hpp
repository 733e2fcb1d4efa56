// Where a batch stands, for a process that begins anew: the interface that a store has.
// Not a store: that of SQLite is journal/sqlite.hpp. Not the running of a batch: that is bulk/bulk.hpp.
#pragma once

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mistral::workflows {

/// How far a job has come, as far as is written. It moves down this list alone.
enum class journal_stage {
  intent = 1,   ///< it is to be started: a start may have been sent
  started,      ///< the service has answered with its run
  done,         ///< it has an outcome, which may have been handed out
  acknowledged  ///< the outcome was handed out, and its taker came back for the next
};

/// The enumerator's name; "unknown" for any other number.
MISTRAL_WORKFLOWS_EXPORT std::string_view to_string(journal_stage stage) noexcept;

/// One job in one generation of a batch.
struct journal_record {
  journal_record() = default;
  /// What `bulk_journal::claim` is asked to write: an intent.
  journal_record(std::string job_key, std::uint64_t at_position, std::string hash, std::string id,
                 timestamp at)
      : key(std::move(job_key)),
        position(at_position),
        input_hash(std::move(hash)),
        execution_id(std::move(id)),
        queued(at) {}

  std::string key;             ///< of the job; not empty
  std::uint64_t position = 0;  ///< in the source, the first is 1; no two jobs of a generation share one
  std::string input_hash;      ///< of the job's input (`bulk_input_hash`); kept, and not compared here
  std::string execution_id;    ///< of the generation in which it was claimed
  journal_stage stage = journal_stage::intent;  ///< how far it has come
  std::string run_id;                           ///< empty before `started`
  int attempts = 0;                             ///< as `bulk_outcome::attempts`; 0 before `started`
  timestamp queued{};                           ///< when it came from the source, by the clock of its process
  std::optional<timestamp> started;             ///< as `bulk_journal::started` was told; unset before that
  std::optional<timestamp> ended;               ///< as `bulk_journal::done` was told; unset before that
  std::string outcome;                          ///< JSON text; empty before `done`
  bool failed = false;           ///< the outcome is a failure: `journal_begin::retry_failed` tries it again
  std::uint32_t generation = 0;  ///< in which it was claimed
  bool existed = false;          ///< of what `claim` returns: it was there before, nothing was written

  friend bool operator==(const journal_record&, const journal_record&) = default;
};

/// What a batch is. Who resumes it must mean the same.
struct journal_manifest {
  journal_manifest() = default;
  /// Of a batch without further options or a hash.
  journal_manifest(std::string batch_name, std::string workflow_name)
      : batch(std::move(batch_name)), workflow(std::move(workflow_name)) {}

  std::string batch;        ///< its name, not empty; the same in all generations
  std::string workflow;     ///< name or UUID, as the caller has it
  std::string options;      ///< JSON text of the options that change what a job means
  std::string source_hash;  ///< of the source, where it is a file; compared where both have one

  friend bool operator==(const journal_manifest&, const journal_manifest&) = default;
};

/// What `bulk_journal::open` is to do with what is there.
enum class journal_begin {
  /// The first generation, or an unfinished one is resumed. A finished one is refused.
  automatic,
  /// The first generation. Refused where the journal has one.
  first_run,
  /// An unfinished generation is resumed. Refused where the journal has none, or the last is finished.
  resume,
  /// All jobs anew. An unfinished generation that was begun so is resumed; any other is left as it stands.
  new_generation,
  /// The jobs that failed, and those without an outcome, which go on as they stand. An unfinished generation
  /// that was begun so is resumed. `claim` of a key that ended otherwise returns its old record.
  retry_failed,
  /// Reads the latest generation, also while another process writes it. `claim` finds what is there;
  /// `acknowledge` and `finish` do nothing; what would write is refused.
  report
};

/// What a journal holds, as `open` found it.
struct journal_state {
  journal_state() = default;

  std::uint32_t generation = 0;  ///< the one that is open; the first is 0
  std::uint64_t epoch = 0;       ///< counts the owners; a write of an earlier one is refused
  bool resumed = false;          ///< the generation was there before
  bool finished = false;         ///< of a report
  journal_manifest manifest;     ///< of the generation
  /// Jobs at each stage: those of the generation and, where it retries, what the ones before it hold of the
  /// others. Here those at `journal_stage::intent`.
  std::uint64_t intents = 0;
  std::uint64_t started = 0;       ///< at `journal_stage::started`
  std::uint64_t done = 0;          ///< at `journal_stage::done`
  std::uint64_t acknowledged = 0;  ///< at `journal_stage::acknowledged`
  std::uint64_t failed = 0;        ///< of `done` and `acknowledged`
};

/// What is wrong with a journal.
enum class journal_problem {
  /// Another batch, another manifest, another program's file, a newer schema, a finished batch, a key without
  /// an intent.
  refused,
  in_use,      ///< another process, or another journal of this one, has it open; the text names the process
  taken_over,  ///< another owner has begun since: this one must end
  failed,      ///< it could not be read or written: it may be tried again
  closed       ///< not open
};

/// `code()` is errc::invalid_argument for `refused` and `in_use`, errc::journal_failed for all else.
class MISTRAL_WORKFLOWS_EXPORT journal_error : public error {
 public:
  /// `operation` is for example "bulk_journal.claim".
  journal_error(journal_problem problem, const std::string& reason, std::string operation);
  ~journal_error() override;
  journal_error(const journal_error&);
  journal_error& operator=(const journal_error&);

  /// What is wrong, and so whether it is of use to try again.
  journal_problem problem() const noexcept { return problem_; }

 private:
  journal_problem problem_;
};

/// A journal of one batch. Writes happen in the order in which they are awaited, each whole or not at all.
/// What a failed operation was to write is not written, or, where a connection to the store was lost, is
/// there when it is called again: all of them may be repeated.
///
/// Threads:  any, also while other operations are under way
/// Lifetime: an operation may outlive the handle that it was called on.
/// Errors:   journal_error
/// Cancel:   an operation that has begun goes on; it is short
class MISTRAL_WORKFLOWS_EXPORT bulk_journal {
 public:
  bulk_journal() = default;
  virtual ~bulk_journal();
  bulk_journal(const bulk_journal&) = delete;
  bulk_journal& operator=(const bulk_journal&) = delete;

  /// Takes the journal into possession for this process, with the next epoch (but for a report), and says
  /// what it holds.
  /// Errors: refused, in_use, failed. A journal that was refused may be opened again.
  virtual boost::asio::awaitable<journal_state> open(journal_manifest manifest, journal_begin begin) = 0;

  /// Writes the intent to start a job if its key is new in this generation; else returns what is there, with
  /// `existed`, and nothing is written. It is durable when this completes.
  /// Requires: a key that is not empty, and a position that is not 0; else `refused`
  virtual boost::asio::awaitable<journal_record> claim(journal_record wanted) = 0;

  /// The service has answered the start. Completes when it is in the queue of what is written next: what a
  /// crash loses of it, the intent makes up for. A failure is told by later operations, and what was to be
  /// written is kept for these. Of a job that has an outcome it changes nothing.
  virtual boost::asio::awaitable<void> started(std::string key, std::string run_id, timestamp at,
                                               int attempts) = 0;

  /// Durable when it completes. The first outcome of a job stays: another one is dropped.
  virtual boost::asio::awaitable<void> done(std::string key, std::string outcome, bool failed,
                                            timestamp at) = 0;

  /// The outcomes of these keys were taken. Completes as `started` does: what a crash loses of it is handed
  /// out again. A key that has no outcome is passed over.
  virtual boost::asio::awaitable<void> acknowledge(std::vector<std::string> keys) = 0;

  /// The records with a position above `after_position` (0: from the first), in order of position, `limit` at
  /// most and the others at the last's position (two generations may have had a job each there); of one stage
  /// where `only` names it. They show what was awaited before, and all that is durable
  /// when this completes. Of a generation that retries: also what earlier ones hold of its other jobs.
  virtual boost::asio::awaitable<std::vector<journal_record>> records(std::uint64_t after_position,
                                                                      std::size_t limit,
                                                                      std::optional<journal_stage> only) = 0;

  /// The generation is finished: there is an outcome for each job, which the caller sees to. Durable when it
  /// completes, with all that was queued before.
  virtual boost::asio::awaitable<void> finish() = 0;

  /// Writes what is queued and lets go of the journal; of one that is not open it does nothing. A journal
  /// that is destroyed without it does the same, but tells no failure.
  virtual boost::asio::awaitable<void> close() = 0;
};

}  // namespace mistral::workflows
