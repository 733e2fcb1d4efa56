#include "session/answer_order.hpp"

#include <array>

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

struct order {
  answer_order::number next = 0;
  bool crowded = false;  // more than a few are sent before an answer comes
  std::array<sent_request, answer_order::most> kept;

  sent_request& at(answer_order::number which) noexcept { return kept[which % kept.size()]; }
};

thread_local order here;

}  // namespace

void answer_memory::prefetch() const noexcept {
  net::prefetch(operation, operation_size);
  net::prefetch(reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(setup) - before_setup), caller_size);
  connection.prefetch();
}

answer_order::number answer_order::sent(const answer_memory& used) noexcept {
  const number which = here.next++;
  if (!here.crowded) return which;
  sent_request& kept = here.at(which);
  kept.number = which;
  kept.memory = used;
  return which;
}

const answer_memory* answer_order::soon_after(number which) noexcept {
  const sent_request& kept = here.at(which + ahead);
  return kept.memory.operation != nullptr && kept.number == which + ahead ? &kept.memory : nullptr;
}

void answer_order::came(number which) noexcept {
  here.crowded = here.next - which > few;
  if (!here.crowded) return;
  if (const answer_memory* const next = soon_after(which)) next->prefetch();
}

}  // namespace mistral::workflows::session
