// The rules for an operation that fails in one way and then in
// another, from the table's columns and src/doc/guide/repeats.md.
// Written by hand like the table: nothing of src/protocol.
#include "session/fault_matrix/table.hpp"

namespace fault_matrix {
namespace {

using mistral::workflows::server_action;
using enum said;

std::string fails(const row& told, server_action acted, int done) {
  return std::string(told.error) + ", acted " + std::string(to_string(acted)) + ", done " +
         std::to_string(done);
}

std::string succeeds() { return "ok, done 1"; }

/// The second failure, of a request that follows one that has not acted.
std::string after_nothing(const row& first, const row& then, kind operation, bool without_body) {
  if (without_body && then.what == way::cut_body) return succeeds();
  switch (column(then, operation)) {
    case repeated:
    case looked_after:
      return succeeds();
    case ended_after_look:
    case ended:
      break;
  }
  // An answer says more than a later request that has not left.
  const bool says_less = then.status == 0 && then.acted == server_action::no && first.status != 0;
  return fails(says_less ? first : then, then.acted, then.server_does ? 1 : 0);
}

/// The second failure, of a look or of what is sent again after it.
std::string in_doubt(const row& first, const row& then, bool without_body) {
  const int done = first.server_does ? 1 : 0;
  if (then.what == way::untrusted) return fails(first, first.acted, done);  // no look can be had
  if (column(first, kind::keyed) == ended_after_look) return fails(first, first.acted, done);
  if (first.server_does || is_of_connecting(then)) return succeeds();
  if (without_body && then.what == way::cut_body) return succeeds();
  if (column(then, kind::keyed) == ended_after_look) return fails(then, then.acted, 0);
  // Time runs out: a doubtful answer says more.
  if (then.what == way::stalled) return fails(first.status != 0 ? first : then, server_action::unknown, 1);
  return succeeds();
}

}  // namespace

bool is_of_connecting(const row& of) {
  return of.what == way::refused || of.what == way::no_such_host || of.what == way::untrusted ||
         of.what == way::no_handshake || of.what == way::closed_unread;
}

std::string expected_after(const row& first, const row& then, kind operation, bool without_body) {
  if (without_body && first.what == way::cut_body) return succeeds();
  switch (column(first, operation)) {
    case repeated:
      return after_nothing(first, then, operation, without_body);
    case looked_after:
    case ended_after_look:
      return in_doubt(first, then, without_body);
    case ended:
      break;
  }
  return fails(first, first.acted, first.server_does ? 1 : 0);
}

}  // namespace fault_matrix
