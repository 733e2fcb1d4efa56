#include "bulk/ending/ending_run.hpp"

#include "bulk/common/failures.hpp"
#include "bulk/ending/ending_core.hpp"

#include <mistral/workflows/executions.hpp>
#include <mistral/workflows/unknown_outcome.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include <exception>
#include <string>
#include <utility>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

void set_ending_error(ending_outcome& out, const error& what) {
  if (out.status == ending_status::accepted || out.status == ending_status::ended) return;
  out.error = what.what();
  out.code = what.code();
  if (const auto* other = dynamic_cast<const ending_unknown_error*>(&what))
    out.found_run_id = other->found().run_id.value_or(std::string());
}

void set_ending_failure(ending_outcome& out, bool sent, const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& what) {
    out.status = sent ? bulk_core::judge_ending_error(what) : bulk_core::judge_look_error(what);
    set_ending_error(out, what);
  } catch (...) {
    // Of the key supplier: it comes as it is only where no request can have acted.
    out.status = ending_status::failed;
    out.error = text_of(failure);
    out.code = code_of(failure);
  }
}

asio::awaitable<void> send_ending(client from, ending_kind kind, std::string execution_id,
                                  std::string run_id) {
  end_options meant;
  if (!run_id.empty()) meant.run_id = std::move(run_id);
  if (kind == ending_kind::cancel) return from.executions().cancel(std::move(execution_id), std::move(meant));
  return from.executions().terminate(std::move(execution_id), std::move(meant));
}

}  // namespace

asio::awaitable<ending_outcome> end_one(client from, ending_kind kind, ending_target target,
                                        timestamp as_of) {
  ending_outcome out(std::move(target), ending_status::accepted);
  bool sent = false;
  std::exception_ptr failure;
  try {
    const execution seen = co_await from.executions().get(out.target.execution_id);
    if (const auto verdict = bulk_core::judge_look(out.target, as_of, seen, out)) {
      out.status = *verdict;
      co_return out;
    }
    sent = true;
    co_await send_ending(from, kind, out.target.execution_id, out.found_run_id);
  } catch (...) {
    failure = std::current_exception();
  }
  if (!failure) co_return out;
  const auto state = co_await asio::this_coro::cancellation_state;
  if (ends_the_task(failure, state)) std::rethrow_exception(failure);
  set_ending_failure(out, sent, failure);
  co_return out;
}

ending_run::ending_run(client from, ending_kind kind, ending_set set, ending_options options)
    : client_(std::move(from)),
      kind_(kind),
      set_(std::move(set)),
      options_(options),
      strand_(client_.serial_executor()),
      tasks_(strand_, [this](std::exception_ptr why) { fail(std::move(why)); }),
      changed_(strand_) {}

asio::awaitable<std::optional<ending_outcome>> ending_run::pull() {
  const auto self = shared_from_this();
  for (;;) {
    fill();
    if (!ready_.empty()) {
      std::optional<ending_outcome> out(std::move(ready_.front()));
      ready_.pop_front();
      co_return out;
    }
    if (failure_) std::rethrow_exception(failure_);
    if (under_way_ == 0) co_return std::nullopt;
    co_await changed_.wait();
  }
}

void ending_run::leave() {
  asio::post(strand_, [self = shared_from_this()] { self->tasks_.cancel_all(); });
}

void ending_run::fill() {
  while (!failure_ && next_ < set_.targets.size() && under_way_ + ready_.size() < options_.at_once) {
    ++under_way_;
    tasks_.begin(end(shared_from_this(), std::move(set_.targets[next_++])));
  }
}

asio::awaitable<void> ending_run::end(std::shared_ptr<ending_run> self, ending_target target) {
  // `self` keeps what this is a member of.
  ending_outcome out = co_await end_one(self->client_, kind_, std::move(target), set_.as_of);
  ready_.push_back(std::move(out));
  --under_way_;
  changed_.all();
}

void ending_run::fail(std::exception_ptr why) {
  if (!failure_) failure_ = std::move(why);
  --under_way_;
  changed_.all();
}

}  // namespace mistral::workflows::bulk_run
