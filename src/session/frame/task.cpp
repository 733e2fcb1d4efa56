#include "session/frame/task.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <new>

namespace mistral::workflows::session {
namespace asio = boost::asio;

namespace {

thread_local task_scope* running_here = nullptr;

// Before each frame, so that it finds its way back.
struct alignas(std::max_align_t) frame_header {
  frame_stack* from;
};

constexpr std::size_t whole_size(std::size_t frame) {
  constexpr std::size_t unit = alignof(std::max_align_t);
  return (sizeof(frame_header) + frame + unit - 1) / unit * unit;
}

}  // namespace

void* frame_stack::allocate(std::size_t size, frame_stack* from) {
  const std::size_t whole = whole_size(size);
  const bool fits = from != nullptr && whole <= from->memory_.size() - from->used_;
  void* const block = fits ? from->memory_.data() + from->used_ : ::operator new(whole);
  if (fits) from->used_ += whole;
  return new (block) frame_header{fits ? from : nullptr} + 1;
}

void frame_stack::deallocate(void* frame, std::size_t size) noexcept {
  frame_header* const header = static_cast<frame_header*>(frame) - 1;
  if (header->from != nullptr)
    header->from->used_ -= whole_size(size);
  else
    ::operator delete(header);
}

void* detail::task_promise_base::operator new(std::size_t size) {
  task_scope* const scope = task_scope::current();
  return frame_stack::allocate(size, scope != nullptr ? &scope->frames() : nullptr);
}

task_scope::task_scope(asio::any_io_executor executor, std::span<std::byte> frames)
    : executor_(std::move(executor)), frames_(frames) {}
task_scope::~task_scope() = default;

task_scope* task_scope::current() noexcept { return running_here; }

// Not into a wait that is only being started: Asio throws what
// cancels a coroutine before its first wait out of run().
void task_scope::interrupt() {
  interrupted_ = true;
  if (!going_) interruption_.emit(asio::cancellation_type::terminal);
}

void task_scope::wait_begun() {
  if (interrupted_) interruption_.emit(asio::cancellation_type::terminal);
}

void task_scope::throw_if_interrupted() const {
  if (interrupted_) throw boost::system::system_error(asio::error::operation_aborted);
}

void task_scope::start(std::shared_ptr<task_scope> self) {
  self_ = std::move(self);
  task_scope* const before = std::exchange(running_here, this);
  root_ = run();
  running_here = before;
  go(root_.handle());
}

void task_scope::resume(std::coroutine_handle<> waiting) {
  interruption_.slot().clear();
  go(waiting);
}

void task_scope::go(std::coroutine_handle<> on) {
  task_scope* const before = std::exchange(running_here, this);
  going_ = true;
  on.resume();
  going_ = false;
  running_here = before;
  if (abandoned_) return drop();
  if (!root_.handle().done()) return;
  std::exception_ptr failure = root_.handle().promise().take_failure();
  root_ = task<void>();
  ended(std::move(self_), std::move(failure));
}

// Not under the feet of a task that is about to wait.
void task_scope::abandon() noexcept {
  abandoned_ = true;
  if (!going_) drop();
}

void task_scope::drop() noexcept {
  const std::shared_ptr<task_scope> self = std::move(self_);
  interruption_.slot().clear();
  root_ = task<void>();
  given_up();
}

}  // namespace mistral::workflows::session
