// What a workflow sees of the server that runs it: its input, messages from outside, time, what it can do.
// Not a client: it belongs to one run and works on the server's thread alone.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/testing/clock.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

namespace mistral::workflows::testing {

class workflow_run;

/// The run was asked to cancel. Thrown once, by what the workflow waits for at that moment; what it waits for
/// after that works as before, so it can clean up. If it leaves the workflow, the run ends as CANCELED.
class MISTRAL_WORKFLOWS_EXPORT workflow_cancelled : public std::runtime_error {
 public:
  workflow_cancelled();
  ~workflow_cancelled() override;
};

/// Fails the workflow (any other exception does so too). A final failure is not retried, whatever the retry
/// policy says.
class MISTRAL_WORKFLOWS_EXPORT workflow_failure : public std::runtime_error {
 public:
  /// `message`: what the failure says. `is_final`: not to be retried.
  explicit workflow_failure(const std::string& message, bool is_final = false);
  ~workflow_failure() override;

  /// Whether it is not to be retried.
  bool is_final() const noexcept { return final_; }

 private:
  bool final_;
};

/// Thrown by a query or update handler that refuses its input: answered with 422 and WF_1001. Throw it before
/// changing anything.
class MISTRAL_WORKFLOWS_EXPORT invalid_input : public std::runtime_error {
 public:
  /// `message`: the text of the answer.
  explicit invalid_input(const std::string& message);
  ~invalid_input() override;
};

/// An activity failed at its last attempt, or a child ended as something else than COMPLETED.
class MISTRAL_WORKFLOWS_EXPORT step_failed : public std::runtime_error {
 public:
  /// `ended_as`: the status, "FAILED" for example.
  step_failed(const std::string& message, std::string ended_as);
  ~step_failed() override;

  /// "FAILED", "CANCELED", "TERMINATED", "TIMED_OUT".
  const std::string& status() const noexcept { return status_; }

 private:
  std::string status_;
};

/// A custom task that the workflow shows to those who follow its events. Each member function emits one
/// event.
class MISTRAL_WORKFLOWS_EXPORT custom_task {
 public:
  /// Made by the library.
  custom_task(std::shared_ptr<workflow_run> run, std::string id, std::string type);

  /// The id that it was started with, or that was made.
  const std::string& id() const noexcept { return id_; }
  /// The type that it was started with.
  const std::string& type() const noexcept { return type_; }

  /// CUSTOM_TASK_IN_PROGRESS with the whole state.
  void progress(boost::json::value state) const;
  /// CUSTOM_TASK_IN_PROGRESS with a JSON patch: objects with op ("add", "replace", "remove", "append"), path
  /// and value.
  void patch(boost::json::array operations) const;
  /// CUSTOM_TASK_COMPLETED.
  void complete(boost::json::value result = boost::json::value()) const;
  /// CUSTOM_TASK_FAILED.
  void fail(std::string message) const;
  /// CUSTOM_TASK_TIMED_OUT.
  void time_out(std::optional<std::string> timeout_type = std::nullopt) const;
  /// CUSTOM_TASK_CANCELED.
  void cancel(std::optional<std::string> reason = std::nullopt) const;

 private:
  void emit_event(std::string type, boost::json::object more) const;

  std::shared_ptr<workflow_run> run_;
  std::string id_;
  std::string type_;
};

/// A child that was started. Its events stand in the stream of the root execution too.
class MISTRAL_WORKFLOWS_EXPORT child_execution {
 public:
  /// Made by the library.
  child_execution(std::shared_ptr<workflow_run> run, int number, std::string execution_id,
                  std::string run_id);

  /// Of the child.
  const std::string& execution_id() const noexcept { return execution_id_; }
  /// Of the child's first run.
  const std::string& run_id() const noexcept { return run_id_; }

  /// Its result, once it has ended. Errors: step_failed, workflow_cancelled.
  boost::asio::awaitable<boost::json::value> result() const;

 private:
  std::shared_ptr<workflow_run> run_;
  int number_;
  std::string execution_id_;
  std::string run_id_;
};

/// How a child is started.
struct MISTRAL_WORKFLOWS_EXPORT child_options {
  child_options();

  std::optional<std::string> execution_id;  ///< unset: one is made
  bool outlives_parent = false;             ///< false: it is terminated when the parent ends
};

/// How often an activity is tried.
struct MISTRAL_WORKFLOWS_EXPORT activity_options {
  activity_options();

  int maximum_attempts = 1;                                           ///< the first included; default: 1
  std::chrono::nanoseconds first_interval = std::chrono::seconds(1);  ///< doubled after each further attempt
};

/// How a run is continued.
struct MISTRAL_WORKFLOWS_EXPORT continue_options {
  continue_options();

  bool new_execution_id = false;  ///< true: the new run stands under an execution id of its own
};

/// The handle that a workflow function is called with. Cheap to copy; copies may be kept by handlers.
/// Lifetime: of no use once the run is over, and not to be touched once the server is gone.
/// Cancel: all that can be awaited supports every cancellation type, so `a || b` of Asio's awaitable
///         operators works.
/// Errors: workflow_cancelled from whatever is awaited, once, when the run is asked to cancel.
class MISTRAL_WORKFLOWS_EXPORT workflow_context {
 public:
  /// Made by the library.
  explicit workflow_context(std::shared_ptr<workflow_run> run);
  ~workflow_context();
  workflow_context(const workflow_context&);
  workflow_context(workflow_context&&) noexcept;
  workflow_context& operator=(const workflow_context&);
  workflow_context& operator=(workflow_context&&) noexcept;

  /// What the run was started with.
  const boost::json::value& input() const;
  /// Of the execution.
  const std::string& execution_id() const;
  /// Of this run.
  const std::string& run_id() const;
  /// Of the definition that runs.
  const std::string& workflow_name() const;
  /// 1 for the first attempt.
  int attempt() const;

  /// The instant of the last thing that happened to the workflow; the same when it is run again.
  clock::time_point now() const;
  /// A UUID; the same when the workflow is run again.
  std::string new_id() const;

  /// Emits CUSTOM_TASK_STARTED. Without an id one is made.
  custom_task start_task(std::string type, boost::json::value payload = boost::json::value(),
                         std::optional<std::string> id = std::nullopt) const;
  /// Emits an event of any type with any attributes, also such as the API does not know. The stream of all
  /// events can be filtered by its metadata, with `metadata_filters={"key":"v"}` or with `key=v`; a key that
  /// is the name of one of the operation's own parameters only with the former.
  void emit_event(std::string event_type, boost::json::object attributes,
                  boost::json::object metadata = boost::json::object()) const;

  /// Writes a line to the execution's log: `severity` is "DEBUG", "INFO", "WARNING", "ERROR" or what the
  /// workflow likes. A workflow that is run again writes no line twice, and its text may differ then. Also of
  /// use in an activity's work, whose lines carry the number of the activity (those of an `async_activity` do
  /// not), and in handlers.
  void log(std::string severity, std::string message,
           std::map<std::string, std::string> attributes = std::map<std::string, std::string>()) const;
  /// Sets a search key of the execution, by which lists of runs can be filtered. It goes over to the next run
  /// of a continue-as-new.
  void set_search_key(std::string key, std::string value) const;

  /// The input of the next signal of that name. Signals are kept until they are taken, in the order they came
  /// in.
  boost::asio::awaitable<boost::json::value> wait_signal(std::string name) const;
  /// Until the condition holds. It is looked at after each thing that happens to the workflow and may read
  /// only the workflow's state.
  /// With GCC 12, name the condition first: it destroys a lambda that stands inside a `co_await` expression
  /// twice.
  boost::asio::awaitable<void> wait_until(std::function<bool()> condition) const;
  /// Waits on the workflows' clock.
  boost::asio::awaitable<void> sleep_for(std::chrono::nanoseconds time) const;

  /// What answers: takes the input, returns the result.
  using handler = std::function<boost::json::value(const boost::json::value& input)>;
  /// Answers queries of that name. It must change nothing and emit nothing. Errors: invalid_input -> 422;
  /// others -> 500.
  void on_query(std::string name, handler answer) const;
  /// Carries out updates of that name; it may change the workflow's state and emit events. Errors as for
  /// queries.
  void on_update(std::string name, handler change) const;

  /// Runs `work` on the server's thread and emits ACTIVITY_TASK_STARTED, then COMPLETED, or RETRYING and at
  /// last FAILED. The work need not be deterministic: its outcome is written down. It is run at least once,
  /// and again if the server was killed before the outcome was written. Errors: step_failed.
  boost::asio::awaitable<boost::json::value> activity(std::string name, boost::json::value input,
                                                      handler work,
                                                      activity_options options = activity_options()) const;
  /// Work that may wait.
  using async_work = std::function<boost::asio::awaitable<boost::json::value>(boost::json::value input)>;
  /// As `activity`, with work that may wait for real timers and sockets of the server's executor.
  boost::asio::awaitable<boost::json::value> async_activity(
      std::string name, boost::json::value input, async_work work,
      activity_options options = activity_options()) const;

  /// Errors: workflow_failure if the workflow is not known or the execution id is running.
  child_execution start_child(std::string workflow, boost::json::value input,
                              child_options options = child_options()) const;

  /// Ends this run as CONTINUED_AS_NEW once the workflow returns, and starts another: `co_return
  /// context.continue_as_new(input);`. Signals that were not taken go over to the new run.
  boost::json::value continue_as_new(boost::json::value input,
                                     continue_options options = continue_options()) const;

  /// Whether the run has been asked to cancel.
  bool cancel_requested() const;

 private:
  std::shared_ptr<workflow_run> run_;
};

}  // namespace mistral::workflows::testing
