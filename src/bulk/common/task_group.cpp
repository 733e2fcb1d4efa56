#include "bulk/common/task_group.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>
#include <vector>

namespace mistral::workflows::bulk_run {
namespace asio = boost::asio;

namespace {

// Begun by a fact that was told in the middle of something else: it must not run into that.
asio::awaitable<void> begin_later(asio::any_io_executor strand, asio::awaitable<void> body) {
  co_await asio::post(strand, asio::use_awaitable);
  co_await std::move(body);
}

bool is_abort(const std::exception_ptr& failure) {
  if (!failure) return false;
  try {
    std::rethrow_exception(failure);
  } catch (const boost::system::system_error& e) {
    return e.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace

task_group::task_group(asio::any_io_executor strand, std::function<void(std::exception_ptr)> failed)
    : strand_(std::move(strand)), state_(std::make_shared<state>()) {
  state_->failed = std::move(failed);
}

std::weak_ptr<running_task> task_group::begin(asio::awaitable<void> body) {
  if (state_->over) return {};
  auto task = std::make_shared<running_task>();
  const auto place = state_->tasks.insert(state_->tasks.end(), task);
  auto finish = [kept = state_, task, place](std::exception_ptr failure) {
    task->ended_ = true;
    const bool left_alone = kept->over;
    kept->tasks.erase(place);
    const bool was_cancelled = task->cancelled_ && is_abort(failure);
    if (failure && !left_alone && !was_cancelled) kept->failed(failure);
  };
  auto bound =
      asio::bind_cancellation_slot(task->signal_.slot(), asio::bind_executor(strand_, std::move(finish)));
  asio::co_spawn(strand_, begin_later(strand_, std::move(body)), std::move(bound));
  return task;
}

void task_group::cancel_all() {
  state_->over = true;
  // What a signal resumes at once may end, and leave the list.
  const std::vector<std::shared_ptr<running_task>> all(state_->tasks.begin(), state_->tasks.end());
  for (const auto& task : all) task->cancel();
}

}  // namespace mistral::workflows::bulk_run
