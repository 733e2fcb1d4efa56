// What becomes of a call when something goes wrong, as src/doc/guide/repeats.md states it; written by hand.
// Not computed from src/protocol: it is what that is held against.
#pragma once

#include <mistral/workflows/error.hpp>

#include <span>
#include <string>
#include <string_view>

namespace fault_matrix {

/// The ways of failing.
enum class way {
  refused,
  no_such_host,
  untrusted,
  no_handshake,
  closed_unread,
  closed_after,
  cut_head,
  cut_body,
  stalled,
  answers,
  found_stale,
  dies_in_use,
};

/// The classes of operations that the guide lists, and streams. A `removal`
/// is a repeatable operation whose repeat finds nothing left: 404.
enum class kind { read, repeatable, removal, ending, batch, keyed, once, stream };

enum class said { repeated, looked_after, ended_after_look, ended };

struct row {
  way what;
  std::string_view name;                    ///< as the documentation has it
  mistral::workflows::server_action acted;  ///< what the error says, for calls
  std::string_view error;                   ///< the error when it stays, for calls; empty: none comes
  said read_or_repeatable;
  said ending_or_keyed;
  said once;
  said stream;

  bool server_does = false;  ///< the request is carried out before it fails
  int status = 0;            ///< of `answers`
  std::string_view code = {};
  bool retry_after = false;
};

std::span<const row> rows();

said column(const row& of, kind operation);

/// What the test compares, for example "transport_error, acted unknown, attempts 4, done 0" or "ok, done 1".
/// `keeps_on`: it goes wrong every time, not only the first. `without_body`: the answer is a 204.
std::string expected(const row& of, kind operation, bool without_body, bool keeps_on);

/// The same, but for the attempts, of an operation that fails in one way and, where it goes on, in
/// another. Of starts that nobody else makes, of endings with a run id, and of what is sent once.
std::string expected_after(const row& first, const row& then, kind operation, bool without_body);

/// It goes wrong before there is a connection, or as a request is read from it, whatever the request.
bool is_of_connecting(const row& of);

std::string_view to_string(mistral::workflows::server_action acted);

/// The line of the table in the guide.
std::string documented(const row& of);

}  // namespace fault_matrix
