// One batch at work: carries out what batch_core wishes and tells it what came of that.
// Decides nothing about jobs, pauses and limits: that is batch_core. What outcomes say is in records.hpp.
#pragma once

#include "bulk/batch_core.hpp"
#include "bulk/common/task_group.hpp"
#include "bulk/common/wake.hpp"
#include "bulk/ending/ending_core.hpp"
#include "bulk/ending/ending_run.hpp"
#include "bulk/key_set.hpp"
#include "bulk/run/control_state.hpp"
#include "bulk/run/job_in_hand.hpp"

#include <mistral/workflows/bulk/completions.hpp>
#include <mistral/workflows/bulk/ending.hpp>
#include <mistral/workflows/bulk/job.hpp>
#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/bulk/options.hpp>
#include <mistral/workflows/client.hpp>
#include <mistral/workflows/error.hpp>
#include <mistral/workflows/model/execution.hpp>
#include <mistral/workflows/runs.hpp>
#include <mistral/workflows/workflows.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {

/// Everything happens on its strand, but for `leave`. Coroutines take
/// a `shared_ptr` to keep it; the group that they run in does not.
class batch_run : public std::enable_shared_from_this<batch_run> {
 public:
  batch_run(client from, std::string workflow, bulk_source source, bulk_options options);

  const boost::asio::any_io_executor& strand() const noexcept { return strand_; }
  /// Wishes of the control come in from now on.
  /// Errors: invalid_argument - the control serves a batch already
  void attach();

  /// The next outcome; begins the work where it has not begun.
  boost::asio::awaitable<std::optional<bulk_outcome>> pull();
  /// As a crash would: running jobs are left alone. From any thread, also more than once.
  void leave();

 private:
  using job_ptr = std::shared_ptr<job_in_hand>;
  template <class T>
  using awaitable = boost::asio::awaitable<T>;
  using core_time = bulk_core::time_point;

  // batch_run.cpp: wishes, control, progress.
  void begin();
  void pump();
  void wake_waiters();
  void act(const bulk_core::batch_wish& wish);
  void take_control();
  void stop(when_stopping how);
  void show_progress(core_time now);
  void tell_progress(const bulk_progress& shown);
  void set_timer(core_time now);
  bulk_progress progress(core_time now) const;
  void fail(std::exception_ptr why);
  void abandon();
  job_ptr job_of(bulk_core::job_id id) const;
  void begin_task(awaitable<void> body);
  /// Shorter where the caller wants something else.
  awaitable<void> sleep(std::chrono::nanoseconds time);
  /// The caller has lost patience.
  bool leaving() const;

  // batch_prepare.cpp: before the first job.
  awaitable<void> prepare(std::shared_ptr<batch_run> self);
  awaitable<void> open_journal();
  awaitable<void> read_pages();
  awaitable<void> await_stream(std::shared_ptr<batch_run> self);
  awaitable<void> ask_for_stream(std::shared_ptr<batch_run> self);

  // batch_take.cpp: from the source to the queue.
  awaitable<void> take_jobs(std::shared_ptr<batch_run> self);
  void take(std::shared_ptr<batch_run> self, bulk_job from);
  job_ptr make_job(bulk_job from);
  void refuse_source(std::exception_ptr why);
  awaitable<void> ask_for(std::shared_ptr<batch_run> self, job_ptr job);
  awaitable<void> admit_by_journal(job_ptr job);
  awaitable<void> admit_by_service(job_ptr job);
  void admit_record(job_ptr job, const journal_record& record);
  void found_at_service(job_ptr job, const execution& seen);
  void arrived(const job_ptr& job);
  void found_running(const job_ptr& job);
  void found_ended(const job_ptr& job, bulk_outcome out);

  // batch_start.cpp: one start.
  awaitable<void> start(std::shared_ptr<batch_run> self, job_ptr job);
  awaitable<bool> look(job_ptr job);
  awaitable<void> send_start(job_ptr job);
  execute_request request_of(const job_ptr& job) const;
  void note_run(const job_ptr& job, const execution& run);
  void note_start(timestamp at);
  awaitable<void> runs(job_ptr job, core_time sent);
  awaitable<void> start_failed(job_ptr job, std::exception_ptr why);
  void learn(const std::exception_ptr& failure, core_time sent);
  void count_throttled(core_time sent);
  std::optional<core_time> deadline_of(const job_ptr& job) const;

  // batch_follow.cpp: a job that runs.
  awaitable<void> take_up(std::shared_ptr<batch_run> self, job_ptr job);
  awaitable<void> follow(job_ptr job);
  awaitable<std::optional<completion>> wait_for_end(job_ptr job, bulk_outcome* out);
  void part_with(const job_ptr& job, bulk_status status);

  // batch_endings.cpp: executions that the batch ends.
  void to_end(ending_in_hand what);
  awaitable<void> end_queued(std::shared_ptr<batch_run> self);
  awaitable<bool> end_once(ending_in_hand* what);
  awaitable<bulk_core::run_after> look_on(ending_in_hand* what, std::string latest);
  awaitable<bulk_core::run_after> aim(ending_in_hand* what, std::string latest);
  awaitable<void> end_later(std::shared_ptr<batch_run> self, ending_in_hand what);
  void overdue(const job_ptr& job);

  // batch_outcome.cpp: outcomes, and what is kept of them.
  bulk_outcome outcome_of(const job_ptr& job, bulk_status status) const;
  awaitable<void> conclude(job_ptr job, bulk_outcome out);
  awaitable<void> conclude_task(std::shared_ptr<batch_run> self, job_ptr job, bulk_outcome out);
  void make_ready(bulk_core::job_id id, bulk_outcome out, bool written = true);
  std::optional<bulk_outcome> take_ready();
  awaitable<void> acknowledge();
  awaitable<bool> write_down(bulk_outcome out);
  bool is_next_safe() const;
  awaitable<void> write_down_next();
  awaitable<void> sync_journal();
  awaitable<void> read_behind_all();
  awaitable<void> finish_journal();
  awaitable<void> claim_into(journal_record* there, journal_record wanted);
  /// Does it until it is done. False: the batch is being left, and the journal cannot be used.
  awaitable<bool> with_journal(std::function<awaitable<void>()> operation);
  awaitable<void> try_journal();

  // batch_close.cpp: after the last job.
  awaitable<void> close(std::shared_ptr<batch_run> self);
  bool all_done() const;
  awaitable<void> last_pass();
  std::optional<timestamp> pass_begins() const;
  awaitable<std::uint64_t> find_doubles(run_list_request filter, std::set<std::string>* doubles);
  awaitable<void> report_double(run_list_request filter, std::string execution_id);
  awaitable<std::optional<journal_record>> record_of(std::string execution_id);
  void over();

  client client_;
  const std::string workflow_;
  bulk_source source_;
  bulk_options options_;
  std::shared_ptr<control_state> control_;
  boost::asio::any_io_executor strand_;
  bulk_core::batch_core core_;
  task_group tasks_;
  wake news_;  // for the consumer: an outcome, or the end
  wake room_;  // for another job, or the end of taking and ending
  boost::asio::steady_timer timer_;
  std::optional<core_time> timer_at_;
  bool pumping_ = false;
  bool pump_again_ = false;

  bool begun_ = false;
  bool stream_told_ = false;  // it is up, or is not to be had
  bool prepared_ = false;
  bool all_handed_out_ = false;  // every job has its outcome, and each was handed out
  bool closing_ = false;
  bool over_ = false;
  bool abandoned_ = false;
  bool impatient_ = false;             // the caller wants it left
  std::exception_ptr failure_;         // ends the batch at once
  std::exception_ptr source_failure_;  // told after the last outcome

  std::optional<completions> hub_;
  journal_state journal_state_;
  bool journal_open_ = false;
  bool journal_broken_ = false;
  std::uint64_t position_ = 0;
  bool asking_ = false;  // the source, for a job
  std::weak_ptr<running_task> taking_;
  bulk_core::key_set keys_;
  std::unordered_map<bulk_core::job_id, job_ptr> jobs_;
  std::unordered_map<std::string, execution_summary>
      listed_;  // of a resume without a journal, by execution id

  struct ready_outcome {
    bulk_core::job_id job = 0;  // 0: of no job, but of the last pass
    bulk_outcome outcome;
    bool written = true;  // in the journal, or not to be there
  };
  std::deque<ready_outcome> ready_;
  bulk_core::job_id handed_ = 0;  // the outcome that the consumer has; 0: none
  std::string handed_key_;        // empty: the journal does not hold its outcome

  std::list<boost::asio::steady_timer*> sleepers_;
  bool sync_owed_ = false;     // an acknowledgement is queued that has to be durable
  std::size_t unwritten_ = 0;  // acknowledgements that may not be durable yet
  std::deque<ending_in_hand> to_end_;
  std::size_t ending_tasks_ = 0;     // that serve it
  std::size_t overdue_endings_ = 0;  // not done yet, of jobs that have their outcome
  std::uint64_t started_here_ = 0;
  std::optional<timestamp> first_start_;  // of all that are known, by the server's clock
  std::uint64_t throttled_seen_ = 0;
  std::optional<timestamp> first_queued_;                   // of the batch, where an earlier life began it
  std::unordered_map<std::string, doubtful_job> doubtful_;  // by execution id
  std::string unchecked_;

  std::chrono::steady_clock::time_point began_{};
  core_time shown_{};  // to the control
  std::pair<bulk_core::batch_state, bool> shown_state_{};
  bool unshown_ = false;  // there is more to show by now
  core_time told_{};      // on_progress
  bool told_over_ = false;
  // Held while on_progress runs, which may itself let go of the batch.
  std::recursive_mutex telling_;
  bool left_ = false;
};

}  // namespace mistral::workflows::bulk_run
