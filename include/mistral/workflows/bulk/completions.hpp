// The completion hub: thousands of waits for the ends of executions, on one shared stream of events.
// Not `executions().result`, which follows one execution on a connection of its own; and it starts nothing.
#pragma once

#include <mistral/workflows/client.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace mistral::workflows {

namespace bulk_run {
class hub_owner;
}

/// What told of an end first.
enum class completion_source {
  event,  ///< an event of the shared stream
  page,   ///< a row of `runs().list`
  get,    ///< a GET of the execution or of its run
};

/// How an execution ended.
class MISTRAL_WORKFLOWS_EXPORT completion {
 public:
  completion();
  completion(const completion&);
  completion(completion&&) noexcept;
  completion& operator=(const completion&);
  completion& operator=(completion&&) noexcept;
  ~completion();

  std::string execution_id;  ///< the one that was waited for
  /// The run that ended it: that of the start, or of a retry, a reset or a continue-as-new.
  std::string run_id;
  /// COMPLETED, FAILED, CANCELED, TERMINATED or TIMED_OUT. CONTINUED_AS_NEW: the next run did not appear
  /// within 60 s.
  open_enum<execution_status> status;
  boost::json::value result;  ///< of COMPLETED; else null
  /// Of FAILED: what the last failure of the run says that an event told of; empty where none did. Of
  /// CONTINUED_AS_NEW: that the next run, and after which one, did not appear.
  std::string failure;
  std::optional<timestamp> ended;                        ///< by the server's clock
  completion_source seen_by = completion_source::event;  ///< what told of it first
};

/// Where the hub looks for ends, and how often. Durations are longer than 0 and count as 100 years where they
/// are longer.
class MISTRAL_WORKFLOWS_EXPORT completions_options {
 public:
  completions_options();
  completions_options(const completions_options&);
  completions_options(completions_options&&) noexcept;
  completions_options& operator=(const completions_options&);
  completions_options& operator=(completions_options&&) noexcept;
  ~completions_options();

  /// Of all the executions that are waited for: what stream and pages are filtered by. Unset: all of the
  /// workspace's. What continues an execution under another workflow's name is then found by GETs alone.
  std::optional<std::string> workflow_name;
  /// From the end of one look through `runs().list` to the next, while something is waited for.
  std::chrono::milliseconds page_interval{5'000};
  /// How far a look goes back behind what was seen before: rows may show up late, and absence proves nothing.
  std::chrono::milliseconds page_overlap{30'000};
  /// A wait without news is asked for by a GET after so long; then after twice as long, up to 16 times (and
  /// up to 100 years). A Retry-After to one holds back all of them, for this long at most.
  std::chrono::milliseconds overdue_after{60'000};
  /// Of those GETs, of all waits together; more than 0, and less than one in 100 years counts as that. What
  /// confirms an end is not counted.
  double gets_per_second = 5;
};

/// What a hub has done since it was made. Counters only grow; the first four are of the moment.
class MISTRAL_WORKFLOWS_EXPORT completions_stats {
 public:
  completions_stats() = default;

  std::size_t expected = 0;           ///< registered and not started
  std::size_t waiting = 0;            ///< started, or waited for alone, and not ended
  bool streaming = false;             ///< the shared stream is connected
  bool pages_only = false;            ///< the server refused the stream with 403
  std::uint64_t events = 0;           ///< received
  std::uint64_t foreign = 0;          ///< of those, of executions that nobody waits for
  std::uint64_t rows = 0;             ///< of pages
  std::uint64_t pages = 0;            ///< calls of `runs().list`
  std::uint64_t gets = 0;             ///< calls that ask for an execution, a run or its events
  std::uint64_t by_event = 0;         ///< ends that an event told of first
  std::uint64_t by_page = 0;          ///< a row
  std::uint64_t by_get = 0;           ///< a GET
  std::uint64_t stream_failures = 0;  ///< times that the stream gave up or was refused; it goes on by itself
};

/// A place in the hub for an execution that is about to be started. Move-only; destroying it forgets the
/// execution, and ends a pending `wait` with operation_aborted. Threads: one at a time.
class MISTRAL_WORKFLOWS_EXPORT expected {
 public:
  /// For nothing: `wait` throws invalid_argument.
  expected() noexcept;
  /// Made by `completions::expect`; of no use to anybody else.
  expected(std::shared_ptr<bulk_run::hub_owner> hub, std::uint64_t place) noexcept;
  expected(expected&&) noexcept;
  expected& operator=(expected&&) noexcept;
  ~expected();

  /// The answer to the start has come. `run_id`: as it was there; empty where it had none, then the end is
  /// asked for. `at`: `execution::start_time` of that answer (the server's clock): no run that began before
  /// counts. Only the first call counts.
  void started(std::string run_id, timestamp at);

  /// The same where the execution was found there (`start_outcome` other than `started`): it may have ended
  /// before anybody looked, so a GET asks at once.
  void adopted(std::string run_id, timestamp at);

  /// Waits for the end; that may have come before. Without `started` it waits for that first.
  /// Errors:   invalid_argument - another wait is pending, or the completion was handed out (both thrown when
  ///           awaited); errc::closed - `completions::close`, or the client was closed; api_error - the
  ///           server answered several times that it does not know the execution, or refused to say (401,
  ///           403, ...); decode_error - its answers could not be read, several times
  /// Cancel:   terminal, partial, total: nothing is lost, and it can be called again.
  boost::asio::awaitable<completion> wait();

 private:
  std::shared_ptr<bulk_run::hub_owner> hub_;
  std::uint64_t place_ = 0;
};

/// Waits for the ends of many executions at once:
///
///     wf::completions hub(client, options);
///     co_await hub.ready();
///     auto place = hub.expect(id);  // before the start: a short job ends before its answer
///     auto run = co_await client.workflows().execute("w", request);
///     place.started(run.run_id.value_or(""), run.start_time);
///     auto end = co_await place.wait();
///
/// All waits share one `events().stream`. COMPLETED and CANCELED of our run are believed; a FAILED, a
/// CONTINUED_AS_NEW and an event without a run id are confirmed by a GET, as a retry or another run may go
/// on. TERMINATED and TIMED_OUT send no event: `runs().list` finds them, and while the stream is down all
/// other ends too; a TERMINATED is confirmed by two GETs, a second apart. What both have lost is found by
/// GETs at a bounded rate (`overdue_after`). An event or a row counts only with the run id of the start or of
/// a run that followed: after a run that ended as anything but COMPLETED or CANCELED, the later run under its
/// execution id. An execution costs no request of its own while it runs. While 200 waits or more are open,
/// ends that come close together are read together: 5 us later for each wait, and 10 ms at most.
///
/// Copies are cheap and share the hub. Every member may be called from any thread; a wait completes where its
/// coroutine runs.
/// Lifetime: the hub is closed with the last of its handles, places and waits; it may outlive client and
///           io_context. Nothing is pending while nothing is expected and nobody waits, so
///           `io_context::run()` returns.
class MISTRAL_WORKFLOWS_EXPORT completions {
 public:
  /// Nothing is sent before `ready`, `expect` or `wait`.
  /// Errors: invalid_argument naming the option
  explicit completions(client client, completions_options options = completions_options());
  completions(const completions&);
  completions(completions&&) noexcept;
  completions& operator=(const completions&);
  completions& operator=(completions&&) noexcept;
  ~completions();

  /// Completes when the head of the shared stream has arrived, or it was refused with 403 and pages serve in
  /// its place. What is expected and started after that is seen by its events.
  /// Errors:   errc::closed; what the stream ended with where it could not be opened, or what the key
  /// supplier
  ///           threw. It is tried again by itself.
  /// Cancel:   terminal, partial, total
  boost::asio::awaitable<void> ready();

  /// Registers an execution that is about to be started.
  /// Errors:   invalid_argument - an empty id, or one of more than 256 characters; errc::closed
  expected expect(std::string execution_id);

  /// Waits for the end of an execution that somebody started, also if it has ended; a GET asks at once.
  /// `run_id`: of the run that is meant; empty: the latest one.
  /// Errors:   as `expected::wait`; errc::workflow_not_found - there is none (asked once, where no run is
  ///           named)
  /// Cancel:   terminal, partial, total
  boost::asio::awaitable<completion> wait(std::string execution_id, std::string run_id = std::string());

  /// Numbers of this moment; after `close`, too. All are 0 where the io_context is gone.
  completions_stats stats() const;

  /// Ends all waits with errc::closed, and the stream. May be repeated.
  void close();

 private:
  std::shared_ptr<bulk_run::hub_owner> hub_;
};

}  // namespace mistral::workflows
