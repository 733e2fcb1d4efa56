#include "api/batch.hpp"

#include "protocol/http/checks.hpp"
#include "protocol/json/encode.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/error.hpp>

#include <string_view>
#include <unordered_map>

namespace mistral::workflows {

std::string_view to_string(batch_status status) noexcept {
  switch (status) {
    case batch_status::success:
      return "success";
    case batch_status::failed:
      return "failed";
    case batch_status::unknown:
      return "unknown";
    case batch_status::not_sent:
      break;
  }
  return "not sent";
}

batch_item::batch_item() = default;
batch_item::batch_item(std::string what) : id(std::move(what)) {}
batch_item::batch_item(const batch_item&) = default;
batch_item::batch_item(batch_item&&) noexcept = default;
batch_item& batch_item::operator=(const batch_item&) = default;
batch_item& batch_item::operator=(batch_item&&) noexcept = default;
batch_item::~batch_item() = default;

namespace api {
namespace {

using protocol::operation;

batch_status status_of(const error& e) {
  if (e.server_may_have_acted() != server_action::no) return batch_status::unknown;
  return dynamic_cast<const api_error*>(&e) != nullptr ? batch_status::failed : batch_status::not_sent;
}

bool is_cancellation(const boost::system::system_error& e) { return e.code() == boost::asio::error::operation_aborted; }

// The answer came, and does not say what it has to say about this id.
void leave_unknown(batch_item& item, operation op, std::string path, const std::string& reason) {
  const error_context context(std::string(protocol::info(op).name), 1, server_action::yes);
  const decode_error e(std::move(path), reason, 200, std::string(), context);
  item.status = batch_status::unknown;
  item.text = e.what();
  item.error = std::make_exception_ptr(e);
}

}  // namespace

batch_failure judge_batch(std::exception_ptr failure) {
  batch_failure out;
  out.error = failure;
  try {
    std::rethrow_exception(failure);
  } catch (const error& e) {
    out.status = status_of(e);
    out.stop = is_cancellation(e) || e.code() == errc::closed;
    out.text = e.what();
  } catch (const boost::system::system_error& e) {
    // The caller's own coroutine refuses to wait any more: nothing of this call was begun.
    out.status = is_cancellation(e) ? batch_status::not_sent : batch_status::unknown;
    out.stop = is_cancellation(e);
    out.text = e.what();
  } catch (const std::exception& e) {
    out.text = e.what();
  }
  return out;
}

batch_failure cancelled_batch(operation op) {
  const cancelled_error e(error_context(std::string(protocol::info(op).name), 0, server_action::no));
  batch_failure out;
  out.status = batch_status::not_sent;
  out.stop = true;
  out.text = e.what();
  out.error = std::make_exception_ptr(e);
  return out;
}

void execution_batch::check(const std::vector<std::string>& ids) const {
  protocol::checks(op).execution_ids("execution_ids", ids);
}

protocol::request execution_batch::request(std::span<const item> part) const {
  batch_body body;
  for (const item& one : part) body.execution_ids.push_back(one.id);
  protocol::request out(op);
  out.json(protocol::encode(body));
  return out;
}

void execution_batch::read(answer said, std::span<item> part) const {
  for (item& one : part) {
    const auto found = said.results.find(one.id);
    if (found == said.results.end()) {
      leave_unknown(one, op, "/results", "does not say what became of " + one.id);
      continue;
    }
    batch_entry& entry = found->second;
    if (entry.status == "success") {
      one.status = batch_status::success;
    } else if (entry.error || entry.status == "failure") {
      one.status = batch_status::failed;
      one.text = entry.error ? std::move(*entry.error) : entry.status;
    } else {
      leave_unknown(one, op, "/results", "has a status that says neither success nor failure: " + entry.status);
    }
  }
}

void check_workflow_ids(operation op, const std::vector<std::string>& ids) {
  protocol::checks(op).workflow_ids("workflow_ids", ids);
}

protocol::request workflows_request(operation op, std::span<const workflow_batch_item> part) {
  workflow_ids_body body;
  for (const workflow_batch_item& one : part) body.workflow_ids.push_back(one.id);
  protocol::request out(op);
  out.json(protocol::encode(body));
  return out;
}

void read_workflows(operation op, std::vector<workflow> done, std::vector<workflow_bulk_error> errored,
                    std::span<workflow_batch_item> part) {
  std::unordered_map<std::string, workflow*> changed;
  for (workflow& one : done) changed.emplace(protocol::lower_case(one.id), &one);
  std::unordered_map<std::string, workflow_bulk_error*> failed;
  for (workflow_bulk_error& one : errored) failed.emplace(protocol::lower_case(one.workflow_id), &one);
  for (workflow_batch_item& item : part) {
    const std::string id = protocol::lower_case(item.id);
    if (const auto well = changed.find(id); well != changed.end()) {
      item.status = batch_status::success;
      item.workflow = std::move(*well->second);
    } else if (const auto badly = failed.find(id); badly != failed.end()) {
      item.status = batch_status::failed;
      item.text = std::move(badly->second->message);
      item.workflow = std::move(badly->second->workflow);
    } else {
      leave_unknown(item, op, std::string(), "does not say what became of " + item.id);
    }
  }
}

}  // namespace api
}  // namespace mistral::workflows
