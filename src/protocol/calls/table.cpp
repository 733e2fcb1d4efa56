#include "protocol/calls/table.hpp"

namespace mistral::workflows::protocol {
namespace {

// So that the names of the states stay within this file where several are compiled as one.
namespace cells {

using enum call_state;

// No call comes here.
constexpr call_state never = static_cast<call_state>(255);

// clang-format off
constexpr call_state sends[send_facts][sending_states] = {
    //                 read        repeatable  once      start
    //                 ending          start_again    ending_again
    /* done         */ {answered,  answered,   answered, answered,      answered,       answered,      answered},
    /* unread       */ {read,      repeatable, failed,   acted_look,    found,          acted_look,    found},
    /* unreadable   */ {failed,    failed,     failed,   acted_look,    found,          acted_look,    found},
    /* misnamed     */ {read,      never,      never,    misnamed_look, never,          misnamed_look, never},
    /* unsent       */ {read,      repeatable, once,     start,         ending,         start_unseen,  ending_doubted},
    /* refused      */ {read,      repeatable, once,     start,         ending,         start_unseen,  ending_doubted},
    /* unsure       */ {read,      repeatable, failed,   start_doubted, ending_doubted, start_doubted, ending_doubted},
    /* lasting      */ {failed,    failed,     failed,   failed,        failed,         last_look,     last_look},
    /* broken       */ {failed,    failed,     failed,   last_look,     last_look,      last_look,     last_look},
    /* taken        */ {never,     never,      never,    last_look,     never,          last_look,     never},
    /* gone         */ {never,     never,      never,    never,         failed,         never,         found},
    /* unauthorized */ {read,      repeatable, once,     start,         ending,         start_unseen,  ending_doubted},
    /* stale        */ {never,     never,      never,    never,         never,          start_unseen,  ending_doubted},
};

constexpr call_state looks[look_facts][looking_states] = {
    //                 start_doubted  unseen_once  start_unseen  ending_doubted  acted_look  last_look  misnamed_look
    /* nothing      */ {unseen_once,   start_again, start_again,  ending_again,   last_look,  failed,    unknown},
    /* own          */ {found,         found,       found,        found,          found,      found,     found},
    /* foreign      */ {unknown,       unknown,     unknown,      unknown,        unknown,    unknown,   unknown},
    /* passing      */ {start_doubted, unseen_once, start_unseen, ending_doubted, acted_look, last_look, misnamed_look},
    /* lasting      */ {failed,        failed,      failed,       failed,         failed,     failed,    unknown},
    /* unauthorized */ {start_doubted, unseen_once, start_unseen, ending_doubted, acted_look, last_look, misnamed_look},
};

constexpr call_state instead[] = {
    /* read           */ failed,
    /* repeatable     */ failed,
    /* once           */ failed,
    /* start          */ failed,
    /* ending         */ failed,
    /* start_again    */ failed,     // it has just looked
    /* ending_again   */ failed,     // it has just looked
    /* start_doubted  */ last_look,
    /* unseen_once    */ failed,     // it has just looked
    /* start_unseen   */ last_look,
    /* ending_doubted */ last_look,
    /* acted_look     */ failed,
    /* last_look      */ failed,
    /* misnamed_look  */ unknown,
};
// clang-format on

static_assert(static_cast<std::size_t>(start_doubted) == sending_states &&
              static_cast<std::size_t>(answered) == sending_states + looking_states &&
              static_cast<std::size_t>(send_fact::stale) + 1 == send_facts &&
              static_cast<std::size_t>(look_fact::unauthorized) + 1 == look_facts);

call_state cell(call_state from, send_fact what) noexcept {
  return is_sending(from) ? sends[static_cast<std::size_t>(what)][static_cast<std::size_t>(from)] : never;
}

call_state cell(call_state from, look_fact what) noexcept {
  const std::size_t column = static_cast<std::size_t>(from) - sending_states;
  return is_looking(from) ? looks[static_cast<std::size_t>(what)][column] : never;
}

}  // namespace cells
}  // namespace

bool reachable(call_state from, send_fact what) noexcept { return cells::cell(from, what) != cells::never; }
bool reachable(call_state from, look_fact what) noexcept { return cells::cell(from, what) != cells::never; }

call_state after(call_state from, send_fact what) noexcept {
  return reachable(from, what) ? cells::cell(from, what) : from;
}
call_state after(call_state from, look_fact what) noexcept {
  return reachable(from, what) ? cells::cell(from, what) : from;
}

call_state instead_of(call_state next) noexcept {
  return is_end(next) ? next : cells::instead[static_cast<std::size_t>(next)];
}

call_state first_state(safety repeat) noexcept {
  using enum call_state;
  switch (repeat) {
    case safety::read:
      return read;
    case safety::repeatable:
      return repeatable;
    case safety::ending:
      return ending;
    case safety::keyed:
      return start;
    case safety::once:
      break;
  }
  return once;
}

}  // namespace mistral::workflows::protocol
