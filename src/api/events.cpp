#include <mistral/workflows/events.hpp>

#include "api/decode_answer.hpp"
#include "api/list_parameters.hpp"
#include "api/pages.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/request.hpp"
#include "protocol/json/encode.hpp"
#include "session/follow/client_stream_host.hpp"

#include <boost/json/value.hpp>

#include <utility>

namespace mistral::workflows {
namespace {

using protocol::operation;

void check(const event_stream_request& r, const stream_options& options) {
  const protocol::checks check(operation::events_stream);
  if (static_cast<unsigned>(r.scope) > static_cast<unsigned>(event_scope::workflow))
    check.refuse("scope", "is none of its enumeration's values");
  if (r.start_seq && *r.start_seq < 0) check.refuse("start_seq", "must not be negative");
  if (r.start_seq && !options.from.empty())
    check.refuse("start_seq", "and stream_options.from both say where to begin");
  api::check_texts(check, "workflow_event_types", r.workflow_event_types);
}

// The API's defaults are not sent: "*" for any text.
protocol::request stream_request(const event_stream_request& r) {
  protocol::request out(operation::events_stream);
  const auto filter = [&out](std::string_view name, const std::optional<std::string>& value) {
    if (value && *value != "*") out.query(name, *value);
  };
  if (r.scope != event_scope::any)
    out.query("scope", r.scope == event_scope::activity ? "activity" : "workflow");
  filter("activity_name", r.activity_name);
  filter("activity_id", r.activity_id);
  filter("workflow_name", r.workflow_name);
  filter("workflow_exec_id", r.workflow_exec_id);
  filter("root_workflow_exec_id", r.root_workflow_exec_id);
  filter("parent_workflow_exec_id", r.parent_workflow_exec_id);
  filter("stream", r.stream);
  out.query("workflow_event_types", r.workflow_event_types);
  if (!r.metadata_filters.empty())
    out.query("metadata_filters", protocol::encode(boost::json::value(r.metadata_filters)));
  return out;
}

session::stream_description describe(event_stream_request r) {
  session::stream_description description;
  const protocol::request unfiltered(operation::events_stream);
  description.filtered = stream_request(r).target() != unfiltered.target();
  if (r.start_seq && *r.start_seq > 0) description.start_seq = r.start_seq;
  description.cursor_in = session::stream_description::cursor_place::header;
  description.resume = protocol::resume_by::last_event_id_or_start;
  description.request = [r = std::move(r)](const std::string&) { return stream_request(r); };
  return description;
}

protocol::request event_page_request(const event_list_request& r) {
  if (r.limit) protocol::checks(operation::events_list).in_range("limit", *r.limit, 1, 1000);
  protocol::request out(operation::events_list);
  out.query("root_workflow_exec_id", r.root_workflow_exec_id).query("workflow_exec_id", r.workflow_exec_id);
  out.query("workflow_run_id", r.workflow_run_id).query("limit", r.limit).query("cursor", r.cursor);
  return out;
}

}  // namespace

event_stream_request::event_stream_request() = default;
event_stream_request::event_stream_request(const event_stream_request&) = default;
event_stream_request::event_stream_request(event_stream_request&&) noexcept = default;
event_stream_request& event_stream_request::operator=(const event_stream_request&) = default;
event_stream_request& event_stream_request::operator=(event_stream_request&&) noexcept = default;
event_stream_request::~event_stream_request() = default;

event_list_request::event_list_request() = default;
event_list_request::event_list_request(const event_list_request&) = default;
event_list_request::event_list_request(event_list_request&&) noexcept = default;
event_list_request& event_list_request::operator=(const event_list_request&) = default;
event_list_request& event_list_request::operator=(event_list_request&&) noexcept = default;
event_list_request::~event_list_request() = default;

events_api::events_api(std::shared_ptr<const session::client_handle> handle) : handle_(std::move(handle)) {}
events_api::events_api(const events_api&) = default;
events_api& events_api::operator=(const events_api&) = default;
events_api::~events_api() = default;

event_stream events_api::stream(event_stream_request request, stream_options options) const {
  check(request, options);
  return session::open_event_stream(*handle_, describe(std::move(request)), std::move(options));
}

raw_event_stream events_api::stream_raw(event_stream_request request, stream_options options) const {
  check(request, options);
  return session::open_raw_event_stream(*handle_, describe(std::move(request)), std::move(options));
}

boost::asio::awaitable<event_page> events_api::list(event_list_request request) const {
  auto make = [request = std::move(request)] { return event_page_request(request); };
  return api::deferred<event_page>(*handle_, std::move(make));
}

async_generator<workflow_event> events_api::list_all(event_list_request request) const {
  const api::page_scheme scheme(&event_list_request::cursor, &event_page::events, &event_page::next_cursor,
                                "next_cursor");
  return api::all_items(*handle_, std::move(request), scheme, &event_page_request);
}

}  // namespace mistral::workflows
