#include "api/batch.hpp"

#include "api/ending_batch.hpp"
#include "protocol/http/checks.hpp"
#include "protocol/http/uuid.hpp"
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

batch_target::batch_target() = default;
batch_target::batch_target(std::string execution) : execution_id(std::move(execution)) {}
batch_target::batch_target(std::string execution, std::string run)
    : execution_id(std::move(execution)), run_id(std::move(run)) {}
batch_target::batch_target(const batch_target&) = default;
batch_target::batch_target(batch_target&&) noexcept = default;
batch_target& batch_target::operator=(const batch_target&) = default;
batch_target& batch_target::operator=(batch_target&&) noexcept = default;
batch_target::~batch_target() = default;

namespace api {
namespace {

using protocol::operation;

batch_status status_of(const error& e) {
  if (e.server_may_have_acted() != server_action::no) return batch_status::unknown;
  return dynamic_cast<const api_error*>(&e) != nullptr ? batch_status::failed : batch_status::not_sent;
}

bool is_cancellation(const boost::system::system_error& e) {
  return e.code() == boost::asio::error::operation_aborted;
}

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
    // The caller's own coroutine refuses to wait any more: nothing of this call was begun. Or
    // the key supplier failed, which is thrown as it is only where no request can have acted.
    out.status = batch_status::not_sent;
    out.stop = is_cancellation(e);
    out.text = e.what();
  } catch (const std::exception& e) {
    out.status = batch_status::not_sent;
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

std::vector<std::string> execution_batch::take(std::vector<batch_target> targets) {
  const protocol::checks check(op);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    batch_target& one = targets[i];
    if (one.run_id) {
      const std::string field = "targets[" + std::to_string(i) + "].run_id";
      check.uuid(field, *one.run_id);
      const auto [kept, added] = runs_.emplace(one.execution_id, *one.run_id);
      if (!added && !protocol::same_uuid(kept->second, *one.run_id))
        check.refuse(field, "is another run than that which stands there for the same execution before");
    }
    out.push_back(std::move(one.execution_id));
  }
  return out;
}

boost::asio::awaitable<void> execution_batch::send(session::client_handle handle, std::span<item> part,
                                                   part_of_batch by) const {
  std::vector<std::optional<std::string>> runs(part.size());
  for (std::size_t i = 0; i < part.size(); ++i)
    if (const auto found = runs_.find(part[i].id); found != runs_.end()) runs[i] = found->second;
  ending_batch sent(std::move(handle), op, part, runs, by.ends);
  co_await sent.run(by.cancelled_before);
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
