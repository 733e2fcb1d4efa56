#include "session/call/answer_order.hpp"

#include <array>
#include <memory>
#include <new>

namespace mistral::workflows::session {
namespace {

// Not the very next, whose turn comes before memory does.
constexpr answer_order::number ahead = 2;

// What GCC 12 makes of a call: the operation and three frames.
constexpr std::size_t operation_size = 2'688;

// The frame of who awaits a call has the result's place before the setup, for an execution so far.
constexpr std::size_t before_setup = 640;
constexpr std::size_t caller_size = before_setup + 128;

struct sent_request {
  answer_order::number number = 0;
  answer_memory memory;
};

// So many stay in a cache of 1 MB by themselves, at 11 KB each.
constexpr answer_order::number few = 96;

// Of this thread, and there to its very end: a call may end after the variables with destructors have.
thread_local answer_order::number next_number = 0;
thread_local bool crowded = false;  // more than a few are sent before an answer comes
thread_local bool over = false;

// On the heap: a thread's variables take of its stack, and few threads need this.
class last_sent {
 public:
  last_sent() = default;
  ~last_sent() { over = true; }
  last_sent(const last_sent&) = delete;
  last_sent& operator=(const last_sent&) = delete;

  void keep(answer_order::number which, const answer_memory& used) noexcept {
    if (!kept_) kept_.reset(new (std::nothrow) ring);
    if (!kept_) return;
    (*kept_)[which % answer_order::most] = sent_request{which, used};
  }
  const answer_memory* find(answer_order::number which) const noexcept {
    if (!kept_) return nullptr;
    const sent_request& at = (*kept_)[which % answer_order::most];
    return at.memory.operation != nullptr && at.number == which ? &at.memory : nullptr;
  }

 private:
  using ring = std::array<sent_request, answer_order::most>;
  std::unique_ptr<ring> kept_;
};

last_sent* here() noexcept {
  thread_local last_sent own;
  return over ? nullptr : &own;
}

}  // namespace

void answer_memory::prefetch() const noexcept {
  net::prefetch(operation, operation_size);
  net::prefetch(setup, caller_size, before_setup);
  connection.prefetch();
}

answer_order::number answer_order::sent(const answer_memory& used) noexcept {
  const number which = next_number++;
  if (!crowded) return which;
  if (last_sent* const mine = here()) mine->keep(which, used);
  return which;
}

const answer_memory* answer_order::soon_after(number which) noexcept {
  const last_sent* const mine = here();
  return mine != nullptr ? mine->find(which + ahead) : nullptr;
}

void answer_order::came(number which) noexcept {
  crowded = next_number - which > few;
  if (!crowded) return;
  if (const answer_memory* const next = soon_after(which)) next->prefetch();
}

}  // namespace mistral::workflows::session
