#include "session/fault_matrix/batches.hpp"
#include "session/fault_matrix/operations.hpp"

#include <boost/json/object.hpp>

namespace fault_matrix {
namespace {

asio::awaitable<std::string> own_execution(apis to, subject) {
  const wf::started_execution started = co_await to.workflows.execute("gate");
  co_return started.execution_id;
}

// Its id, a space, and its run's: what is younger than two seconds is told from a newer run by that alone.
asio::awaitable<std::string> own_run(apis to, subject) {
  const wf::started_execution started = co_await to.workflows.execute("gate");
  co_return started.execution_id + " " + started.run_id.value();
}

std::string id_of(const subject& what) { return what.own.substr(0, what.own.find(' ')); }
wf::end_options run_of(const subject& what) {
  return wf::end_options(what.own.substr(what.own.find(' ') + 1));
}
wf::batch_target target_of(const subject& what) {
  return wf::batch_target(id_of(what), what.own.substr(what.own.find(' ') + 1));
}

asio::awaitable<void> get(apis to, subject what) { co_await to.executions.get(what.execution); }

asio::awaitable<void> history(apis to, subject what) { co_await to.executions.history(what.execution); }

asio::awaitable<void> signal(apis to, subject what) {
  boost::json::object input;
  input["by"] = "Ada";
  co_await to.executions.signal(what.own, wf::signal_request("go", input));
}

asio::awaitable<void> query(apis to, subject what) {
  co_await to.executions.query(what.execution, wf::query_request("state"));
}

asio::awaitable<void> update(apis to, subject what) {
  boost::json::object input;
  input["to"] = "open";
  co_await to.executions.update(what.own, wf::update_request("set", input));
}

asio::awaitable<void> cancel(apis to, subject what) {
  wf::end_options run = run_of(what);
  co_await to.executions.cancel(id_of(what), std::move(run));
}

asio::awaitable<void> terminate(apis to, subject what) {
  wf::end_options run = run_of(what);
  co_await to.executions.terminate(id_of(what), std::move(run));
}

asio::awaitable<void> batch_cancel(apis to, subject what) {
  const std::vector<wf::batch_target> targets(1, target_of(what));
  const auto came = co_await to.executions.batch_cancel(targets);
  rethrow_failure(came);
}

asio::awaitable<void> batch_terminate(apis to, subject what) {
  const std::vector<wf::batch_target> targets(1, target_of(what));
  const auto came = co_await to.executions.batch_terminate(targets);
  rethrow_failure(came);
}

asio::awaitable<void> reset(apis to, subject what) {
  co_await to.executions.reset(what.own, wf::reset_request(what.reset_point));
}

asio::awaitable<void> stream(apis to, subject what) {
  co_await first_of(to.executions.stream(what.execution, to.stream_options()));
}

asio::awaitable<void> trace_info(apis to, subject what) { co_await to.executions.trace_info(what.execution); }
asio::awaitable<void> trace_otel(apis to, subject what) { co_await to.executions.trace_otel(what.execution); }
asio::awaitable<void> trace_summary(apis to, subject what) {
  co_await to.executions.trace_summary(what.execution);
}
asio::awaitable<void> trace_events(apis to, subject what) {
  co_await to.executions.trace_events(what.execution);
}

asio::awaitable<void> logs(apis to, subject what) { co_await to.executions.logs(what.execution); }

asio::awaitable<void> stream_logs(apis to, subject what) {
  co_await first_of(to.executions.stream_logs(what.execution, wf::log_stream_request(), to.stream_options()));
}

asio::awaitable<void> list_runs(apis to, subject) {
  wf::run_list_request few;
  few.page_size = 1;
  co_await to.runs.list(few);
}

asio::awaitable<void> get_run(apis to, subject what) { co_await to.runs.get(what.run); }

asio::awaitable<void> run_history(apis to, subject what) { co_await to.runs.history(what.run); }

asio::awaitable<void> list_events(apis to, subject what) {
  wf::event_list_request of_one;
  of_one.workflow_exec_id = what.execution;
  co_await to.events.list(of_one);
}

asio::awaitable<void> stream_events(apis to, subject what) {
  wf::event_stream_request of_one;
  of_one.workflow_exec_id = what.execution;
  co_await first_of(to.events.stream(of_one, to.stream_options()));
}

}  // namespace

std::vector<operation> operations_on_executions() {
  using enum kind;
  return {
      {"executions.get", read, false, nullptr, get},
      {"executions.history", read, false, nullptr, history},
      {"executions.signal", once, false, own_execution, signal},
      {"executions.query", read, false, nullptr, query},
      {"executions.update", once, false, own_execution, update},
      {"executions.cancel", ending, true, own_run, cancel},
      {"executions.terminate", ending, true, own_run, terminate},
      {"executions.batch_cancel", batch, false, own_run, batch_cancel},
      {"executions.batch_terminate", batch, false, own_run, batch_terminate},
      {"executions.reset", once, true, own_execution, reset},
      {"executions.stream", kind::stream, false, nullptr, fault_matrix::stream},
      {"executions.trace_info", read, false, nullptr, trace_info},
      {"executions.trace_otel", read, false, nullptr, trace_otel},
      {"executions.trace_summary", read, false, nullptr, trace_summary},
      {"executions.trace_events", read, false, nullptr, trace_events},
      {"executions.logs", read, false, nullptr, logs},
      {"executions.stream_logs", kind::stream, false, nullptr, stream_logs},
      {"runs.list", read, false, nullptr, list_runs},
      {"runs.get", read, false, nullptr, get_run},
      {"runs.history", read, false, nullptr, run_history},
      {"events.list", read, false, nullptr, list_events},
      {"events.stream", kind::stream, false, nullptr, stream_events},
  };
}

}  // namespace fault_matrix
