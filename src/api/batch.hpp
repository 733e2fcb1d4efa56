// A batch operation: one call for each 100 ids, and an outcome for each id whatever happens on the way.
// Not the sending of one call, which repeats itself as any other does.
#pragma once

#include "api/decode_answer.hpp"
#include "protocol/calls/batch.hpp"

#include <mistral/workflows/batch.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <exception>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::api {

/// What a call's failure means for its ids, and for the calls after it.
struct batch_failure {
  batch_failure() = default;

  batch_status status = batch_status::unknown;
  bool stop = false;  ///< no further call is sent
  std::string text;
  std::exception_ptr error;
};

batch_failure judge_batch(std::exception_ptr failure);

/// For ids that are left when the caller has cancelled.
batch_failure cancelled_batch(protocol::operation op);

template <class Item>
void fail_all(std::span<Item> items, const batch_failure& failure) {
  for (Item& item : items) {
    item.status = failure.status;
    item.text = failure.text;
    item.error = failure.error;
  }
}

/// `Kind` has `item`, `answer`, the operation's request for some ids, and how an answer is read.
template <class Kind>
boost::asio::awaitable<basic_batch_outcome<typename Kind::item>> run_batch(session::client_handle handle, Kind kind,
                                                                           std::vector<std::string> ids) {
  using item = typename Kind::item;
  kind.check(ids);
  basic_batch_outcome<item> out;
  for (std::string& id : protocol::without_duplicates(std::move(ids), Kind::fold))
    out.items.emplace_back(std::move(id));
  // A caller that was cancelled before this call began means this call nevertheless.
  const boost::asio::cancellation_state at_first = co_await boost::asio::this_coro::cancellation_state;
  const boost::asio::cancellation_type before = at_first.cancelled();
  for (std::size_t at = 0; at < out.items.size();) {
    const std::size_t size = std::min(protocol::max_batch, out.items.size() - at);
    const std::span<item> part(out.items.data() + at, size);
    protocol::request request = kind.request(part);
    std::exception_ptr thrown;
    try {
      typename Kind::answer answer = co_await call_for<typename Kind::answer>(handle, std::move(request));
      kind.read(std::move(answer), part);
    } catch (...) {
      thrown = std::current_exception();
    }
    batch_failure failure;
    if (thrown) {
      failure = judge_batch(thrown);
      if (at == 0 && failure.status == batch_status::not_sent) std::rethrow_exception(thrown);
      fail_all(part, failure);
    }
    at += size;
    const boost::asio::cancellation_state now = co_await boost::asio::this_coro::cancellation_state;
    const bool cancelled = now.cancelled() != before;
    if (!cancelled && !failure.stop) continue;
    if (cancelled) failure = cancelled_batch(kind.op);
    failure.status = batch_status::not_sent;
    fail_all(std::span<item>(out.items).subspan(at), failure);
    break;
  }
  co_return out;
}

/// Cancels or terminates executions.
class execution_batch {
 public:
  using item = batch_item;
  using answer = batch_result;
  static constexpr bool fold = false;

  explicit execution_batch(protocol::operation operation) : op(operation) {}

  void check(const std::vector<std::string>& ids) const;
  protocol::request request(std::span<const item> part) const;
  void read(answer said, std::span<item> part) const;

  protocol::operation op;
};

/// What the server did and could not do, into the items.
void read_workflows(protocol::operation op, std::vector<workflow> done, std::vector<workflow_bulk_error> errored,
                    std::span<workflow_batch_item> part);
void check_workflow_ids(protocol::operation op, const std::vector<std::string>& ids);
protocol::request workflows_request(protocol::operation op, std::span<const workflow_batch_item> part);

/// Archives or unarchives workflows. The two answers differ in the name of one member.
template <class Answer, std::vector<workflow> Answer::* Done>
class workflow_batch {
 public:
  using item = workflow_batch_item;
  using answer = Answer;
  static constexpr bool fold = true;

  explicit workflow_batch(protocol::operation operation) : op(operation) {}

  void check(const std::vector<std::string>& ids) const { check_workflow_ids(op, ids); }
  protocol::request request(std::span<const item> part) const { return workflows_request(op, part); }
  void read(answer said, std::span<item> part) const {
    read_workflows(op, std::move(said.*Done), std::move(said.errored), part);
  }

  protocol::operation op;
};

}  // namespace mistral::workflows::api
