// A batch operation: a request for each 100 ids, and an outcome for each id whatever happens on the way.
// Not what follows a request: a call repeats itself as any
// other does, ids that are to end do as ending_batch.hpp says.
#pragma once

#include "api/decode_answer.hpp"
#include "protocol/calls/batch.hpp"

#include <mistral/workflows/batch.hpp>
#include <mistral/workflows/model/execution.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <span>
#include <string>
#include <unordered_map>
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

/// What all requests of a batch have in common.
struct part_of_batch {
  part_of_batch() = default;

  std::chrono::steady_clock::time_point ends{};
  boost::asio::cancellation_type cancelled_before = boost::asio::cancellation_type::none;
};

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

/// `Kind` has `item`, `fold`, a check of all ids, and how some of
/// them are sent: an item that has been sent says what became of it.
template <class Kind>
boost::asio::awaitable<basic_batch_outcome<typename Kind::item>> run_batch(session::client_handle handle,
                                                                           Kind kind,
                                                                           std::vector<std::string> ids) {
  using item = typename Kind::item;
  kind.check(ids);
  basic_batch_outcome<item> out;
  for (std::string& id : protocol::without_duplicates(std::move(ids), Kind::fold))
    out.items.emplace_back(std::move(id));
  part_of_batch by;
  by.ends = std::chrono::steady_clock::now() + handle.deadline(std::nullopt);
  // A caller that was cancelled before this call began means this call nevertheless.
  const boost::asio::cancellation_state at_first = co_await boost::asio::this_coro::cancellation_state;
  by.cancelled_before = at_first.cancelled();
  for (std::size_t at = 0; at < out.items.size();) {
    const std::size_t size = std::min(protocol::max_batch, out.items.size() - at);
    const std::span<item> part(out.items.data() + at, size);
    std::exception_ptr thrown;
    try {
      co_await kind.send(handle, part, by);
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
    const bool cancelled = now.cancelled() != by.cancelled_before;
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
  static constexpr bool fold = false;

  explicit execution_batch(protocol::operation operation) : op(operation) {}

  /// The ids of these; the runs that are meant are kept for send(). Throws invalid_argument.
  std::vector<std::string> take(std::vector<batch_target> targets);

  void check(const std::vector<std::string>& ids) const;
  boost::asio::awaitable<void> send(session::client_handle handle, std::span<item> part,
                                    part_of_batch by) const;

  protocol::operation op;

 private:
  std::unordered_map<std::string, std::string> runs_;  // by execution
};

/// What the server did and could not do, into the items.
void read_workflows(protocol::operation op, std::vector<workflow> done,
                    std::vector<workflow_bulk_error> errored, std::span<workflow_batch_item> part);
void check_workflow_ids(protocol::operation op, const std::vector<std::string>& ids);
protocol::request workflows_request(protocol::operation op, std::span<const workflow_batch_item> part);

/// Archives or unarchives workflows. The two answers differ in the name of one member.
template <class Answer, std::vector<workflow> Answer::* Done>
class workflow_batch {
 public:
  using item = workflow_batch_item;
  static constexpr bool fold = true;

  explicit workflow_batch(protocol::operation operation) : op(operation) {}

  void check(const std::vector<std::string>& ids) const { check_workflow_ids(op, ids); }
  boost::asio::awaitable<void> send(session::client_handle handle, std::span<item> part,
                                    part_of_batch by) const {
    protocol::request request = workflows_request(op, part);
    session::begun_operation part_of;
    part_of.ends = by.ends;
    Answer said =
        co_await call_for<Answer>(handle, std::move(request), std::nullopt, nullptr, std::move(part_of));
    for (workflow_bulk_error& one : said.errored) one.message = handle.state->shown(std::move(one.message));
    read_workflows(op, std::move(said.*Done), std::move(said.errored), part);
  }

  protocol::operation op;
};

}  // namespace mistral::workflows::api
