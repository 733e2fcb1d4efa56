#include <mistral/workflows/executions.hpp>

#include "api/batch.hpp"
#include "api/decode_answer.hpp"
#include "api/list_parameters.hpp"
#include "api/pages.hpp"
#include "api/result.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"
#include "protocol/json/encode.hpp"
#include "session/doubt/ending.hpp"
#include "session/follow/client_stream_host.hpp"

#include <utility>

namespace mistral::workflows {
namespace {

using protocol::operation;

protocol::request on_execution(operation op, const std::string& id) {
  protocol::request out(op);
  out.segment("execution_id", id, protocol::max_execution_id);
  return out;
}

// Signal, query and update look alike on the wire.
protocol::request invocation(operation op, const std::string& id, handler_request r) {
  protocol::request out = on_execution(op, id);
  const protocol::checks check(op);
  check.not_empty("name", r.name);
  check.object_or_null("input", r.input);
  invocation_body body;
  body.name = std::move(r.name);
  body.input = std::move(r.input);
  out.json(protocol::encode(body));
  return out;
}

protocol::request reset_to(const std::string& id, reset_request r) {
  protocol::request out = on_execution(operation::executions_reset, id);
  if (r.event_id < 1) protocol::checks(operation::executions_reset).refuse("event_id", "must be at least 1");
  reset_body body;
  body.event_id = r.event_id;
  body.reason = std::move(r.reason);
  body.exclude_signals = r.exclude_signals;
  body.exclude_updates = r.exclude_updates;
  out.json(protocol::encode(body));
  return out;
}

protocol::request logs_request(const std::string& id, const execution_logs_request& r) {
  const protocol::checks check(operation::executions_logs);
  if (r.run_id) check.uuid("run_id", *r.run_id);
  if (r.activity_id) check.digits("activity_id", *r.activity_id);
  if (r.limit) check.in_range("limit", *r.limit, 1, 100);
  protocol::request out = on_execution(operation::executions_logs, id);
  out.query("run_id", r.run_id)
      .query("activity_id", r.activity_id)
      .query("after", r.after)
      .query("before", r.before);
  out.query("order", api::order_text(check, r.order)).query("cursor", r.cursor).query("limit", r.limit);
  return out;
}

boost::asio::awaitable<void> end_execution(session::client_handle handle, operation op, std::string id,
                                           end_options options) {
  protocol::request request = on_execution(op, id);
  if (options.run_id) protocol::checks(op).uuid("run_id", *options.run_id);
  auto subject = std::make_unique<session::ending_subject>(std::move(id), std::move(options.run_id));
  co_await api::call_without_content(std::move(handle), std::move(request), std::move(subject));
}

boost::asio::awaitable<batch_outcome> end_executions(session::client_handle handle, operation op,
                                                     std::vector<batch_target> targets) {
  api::execution_batch batch(op);
  std::vector<std::string> ids = batch.take(std::move(targets));
  co_return co_await api::run_batch(std::move(handle), std::move(batch), std::move(ids));
}

boost::asio::awaitable<void> reset_execution(session::client_handle handle, std::string id, reset_request r) {
  protocol::request request = reset_to(id, std::move(r));
  co_await api::call_without_content(std::move(handle), std::move(request));
}

// The traces of an execution differ in path and answer alone.
template <class T>
boost::asio::awaitable<T> trace(session::client_handle handle, operation op, std::string id) {
  auto make = [op, id = std::move(id)] { return on_execution(op, id); };
  return api::deferred<T>(std::move(handle), std::move(make));
}

void check(const log_stream_request& r) {
  const protocol::checks check(operation::executions_stream_logs);
  if (r.run_id) check.uuid("run_id", *r.run_id);
  if (!r.activity_id) return;
  check.not_empty("activity_id", *r.activity_id);
  if (r.activity_id->find_first_not_of("0123456789") != std::string::npos)
    check.refuse("activity_id", "must be decimal digits");
}

session::stream_description describe_logs(std::string id, log_stream_request r) {
  check(r);
  session::stream_description description;
  description.request = [r = std::move(r)](const std::string& execution_id) {
    protocol::request out = on_execution(operation::executions_stream_logs, execution_id);
    out.query("run_id", r.run_id).query("activity_id", r.activity_id).query("after", r.after);
    return out;
  };
  description.execution_id = std::move(id);
  description.owes_event = false;  // a log has no record of its end
  description.cursor_in = session::stream_description::cursor_place::header;
  description.owes_event = false;
  return description;
}

template <class T>
boost::asio::awaitable<T> invoke(session::client_handle handle, operation op, std::string id,
                                 handler_request r) {
  std::optional<std::chrono::milliseconds> deadline;
  if (protocol::info(op).deadline == protocol::deadline_kind::handler)
    deadline = handle.state->options().handler_deadline;
  auto make = [op, id = std::move(id), r = std::move(r)]() mutable {
    return invocation(op, id, std::move(r));
  };
  return api::deferred<T>(std::move(handle), std::move(make), deadline);
}

}  // namespace

executions_api::executions_api(std::shared_ptr<const session::client_handle> handle)
    : handle_(std::move(handle)) {}
executions_api::executions_api(const executions_api&) = default;
executions_api& executions_api::operator=(const executions_api&) = default;
executions_api::~executions_api() = default;

boost::asio::awaitable<execution> executions_api::get(std::string id, bool include_search_keys) const {
  auto make = [id = std::move(id), include_search_keys] {
    protocol::request out = on_execution(operation::executions_get, id);
    if (include_search_keys) out.query("include_search_keys", true);
    return out;
  };
  return api::deferred<execution>(*handle_, std::move(make));
}

boost::asio::awaitable<boost::json::value> executions_api::history(std::string id,
                                                                   bool decode_payloads) const {
  auto make = [id = std::move(id), decode_payloads] {
    protocol::request out = on_execution(operation::executions_history, id);
    if (decode_payloads) out.query("decode_payloads", true);
    return out;
  };
  return api::deferred<boost::json::value>(*handle_, std::move(make));
}

boost::asio::awaitable<signal_answer> executions_api::signal(std::string id, signal_request request) const {
  return invoke<signal_answer>(*handle_, operation::executions_signal, std::move(id), std::move(request));
}

boost::asio::awaitable<query_answer> executions_api::query(std::string id, query_request request) const {
  return invoke<query_answer>(*handle_, operation::executions_query, std::move(id), std::move(request));
}

boost::asio::awaitable<update_answer> executions_api::update(std::string id, update_request request) const {
  return invoke<update_answer>(*handle_, operation::executions_update, std::move(id), std::move(request));
}

boost::asio::awaitable<void> executions_api::cancel(std::string id, end_options options) const {
  return end_execution(*handle_, operation::executions_cancel, std::move(id), std::move(options));
}

boost::asio::awaitable<void> executions_api::terminate(std::string id, end_options options) const {
  return end_execution(*handle_, operation::executions_terminate, std::move(id), std::move(options));
}

boost::asio::awaitable<batch_outcome> executions_api::batch_cancel(std::vector<std::string> ids) const {
  return api::run_batch(*handle_, api::execution_batch(operation::executions_batch_cancel), std::move(ids));
}

boost::asio::awaitable<batch_outcome> executions_api::batch_terminate(std::vector<std::string> ids) const {
  return api::run_batch(*handle_, api::execution_batch(operation::executions_batch_terminate),
                        std::move(ids));
}

boost::asio::awaitable<batch_outcome> executions_api::batch_cancel(std::vector<batch_target> targets) const {
  return end_executions(*handle_, operation::executions_batch_cancel, std::move(targets));
}

boost::asio::awaitable<batch_outcome> executions_api::batch_terminate(
    std::vector<batch_target> targets) const {
  return end_executions(*handle_, operation::executions_batch_terminate, std::move(targets));
}

boost::asio::awaitable<void> executions_api::reset(std::string id, reset_request request) const {
  return reset_execution(*handle_, std::move(id), std::move(request));
}

boost::asio::awaitable<workflows::trace_info> executions_api::trace_info(std::string id) const {
  return trace<workflows::trace_info>(*handle_, operation::executions_trace_info, std::move(id));
}

boost::asio::awaitable<execution_otel_trace> executions_api::trace_otel(std::string id) const {
  return trace<execution_otel_trace>(*handle_, operation::executions_trace_otel, std::move(id));
}

boost::asio::awaitable<execution_trace_summary> executions_api::trace_summary(std::string id) const {
  return trace<execution_trace_summary>(*handle_, operation::executions_trace_summary, std::move(id));
}

boost::asio::awaitable<execution_trace_events> executions_api::trace_events(
    std::string id, trace_events_request request) const {
  auto make = [id = std::move(id), request] {
    protocol::request out = on_execution(operation::executions_trace_events, id);
    out.query("merge_same_id_events", request.merge_same_id_events);
    out.query("include_internal_events", request.include_internal_events);
    return out;
  };
  return api::deferred<execution_trace_events>(*handle_, std::move(make));
}

boost::asio::awaitable<log_page> executions_api::logs(std::string id, execution_logs_request request) const {
  auto make = [id = std::move(id), request = std::move(request)] { return logs_request(id, request); };
  return api::deferred<log_page>(*handle_, std::move(make));
}

async_generator<log_record> executions_api::logs_all(std::string id, execution_logs_request request) const {
  const api::page_scheme scheme(&execution_logs_request::cursor, &log_page::results, &log_page::next_cursor,
                                "next_cursor");
  auto make = [id = std::move(id)](const execution_logs_request& r) { return logs_request(id, r); };
  return api::all_items(*handle_, std::move(request), scheme, std::move(make));
}

event_stream executions_api::stream(std::string id, stream_options options) const {
  auto description = session::describe_execution_stream(std::move(id), options.source);
  return session::open_event_stream(*handle_, std::move(description), std::move(options));
}

raw_event_stream executions_api::stream_raw(std::string id, stream_options options) const {
  auto description = session::describe_execution_stream(std::move(id), options.source);
  return session::open_raw_event_stream(*handle_, std::move(description), std::move(options));
}

log_stream executions_api::stream_logs(std::string id, log_stream_request request,
                                       stream_options options) const {
  return session::open_log_stream(*handle_, describe_logs(std::move(id), std::move(request)),
                                  std::move(options));
}

boost::asio::awaitable<boost::json::value> executions_api::result(std::string id,
                                                                  result_options options) const {
  return api::result(*handle_, std::move(id), options);
}

}  // namespace mistral::workflows
