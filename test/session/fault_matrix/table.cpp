#include "session/fault_matrix/table.hpp"

#include <array>

namespace fault_matrix {
namespace {

using mistral::workflows::server_action;
using enum said;

constexpr auto no = server_action::no;
constexpr auto yes = server_action::yes;
constexpr auto unknown = server_action::unknown;

constexpr row failure(way what, std::string_view name, server_action acted, std::string_view error,
                      said repeatable, said keyed, said once, said stream, bool server_does = false) {
  return row{what, name, acted, error, repeatable, keyed, once, stream, server_does};
}

constexpr row answer(std::string_view name, int status, std::string_view code, bool retry_after,
                     server_action acted, std::string_view error, said repeatable, said keyed, said once,
                     said stream) {
  return row{way::answers, name,   acted, error,  repeatable, keyed,
             once,         stream, false, status, code,       retry_after};
}

constexpr row passing_500(std::string_view name, std::string_view code) {
  return answer(name, 500, code, false, unknown, "api_error 500", repeated, looked_after, ended, repeated);
}

constexpr row lasting_500(std::string_view name, std::string_view code) {
  return answer(name, 500, code, false, unknown, "api_error 500", ended, ended_after_look, ended, ended);
}

// clang-format off
constexpr std::array table{
    failure(way::refused, "connection refused", no, "transport_error", repeated, repeated, repeated, repeated),
    failure(way::no_such_host, "name not resolved", no, "transport_error", repeated, repeated, repeated, repeated),
    failure(way::untrusted, "certificate refused", no, "transport_error", ended, ended, ended, repeated),
    failure(way::no_handshake, "closed during the TLS handshake", no, "transport_error", repeated, repeated, repeated, repeated),
    failure(way::closed_unread, "closed before the request was read", unknown, "transport_error", repeated, looked_after, ended, repeated),
    failure(way::closed_after, "closed after the request was processed", unknown, "transport_error", repeated, looked_after, ended, repeated, true),
    failure(way::cut_head, "head of the answer cut", unknown, "transport_error", repeated, looked_after, ended, repeated, true),
    failure(way::cut_body, "body of the answer cut", yes, "decode_error", repeated, looked_after, ended, repeated, true),
    failure(way::stalled, "no answer", unknown, "timeout_error", ended, ended, ended, repeated, true),
    failure(way::found_stale, "pooled connection found closed", no, "", repeated, repeated, repeated, repeated),
    failure(way::dies_in_use, "pooled connection closed as it is used", unknown, "transport_error", repeated, looked_after, ended, repeated),
    answer("408", 408, "", false, unknown, "api_error 408", repeated, looked_after, ended, repeated),
    answer("425", 425, "", false, no, "api_error 425", repeated, repeated, repeated, repeated),
    answer("429 without Retry-After", 429, "", false, no, "api_error 429", repeated, repeated, repeated, repeated),
    answer("429 with Retry-After", 429, "", true, no, "api_error 429", repeated, repeated, repeated, repeated),
    passing_500("500 without a code", ""),
    passing_500("500 WF_1000", "WF_1000"),
    passing_500("500 WF_1001", "WF_1001"),
    passing_500("500 WF_1100", "WF_1100"),
    passing_500("500 WF_1101", "WF_1101"),
    passing_500("500 WF_1102", "WF_1102"),
    passing_500("500 WF_1103", "WF_1103"),
    lasting_500("500 WF_1104", "WF_1104"),
    lasting_500("500 WF_1105", "WF_1105"),
    lasting_500("500 WF_1200", "WF_1200"),
    passing_500("500 WF_1201", "WF_1201"),
    lasting_500("500 WF_1300", "WF_1300"),
    lasting_500("500 WF_1301", "WF_1301"),
    lasting_500("500 WF_1302", "WF_1302"),
    answer("500 WF_1400", 500, "WF_1400", false, unknown, "api_error 500", ended, ended_after_look, ended, repeated),
    lasting_500("500 WF_1500", "WF_1500"),
    passing_500("500 WF_1600", "WF_1600"),
    answer("502", 502, "", false, unknown, "api_error 502", repeated, looked_after, ended, repeated),
    answer("503", 503, "", false, unknown, "api_error 503", repeated, looked_after, ended, repeated),
    answer("503 with Retry-After and without a WF code", 503, "", true, no, "api_error 503", repeated, repeated, repeated, repeated),
    answer("504", 504, "", false, unknown, "api_error 504", repeated, looked_after, ended, repeated),
    answer("520", 520, "", false, unknown, "api_error 520", repeated, looked_after, ended, repeated),
    answer("521", 521, "", false, unknown, "api_error 521", repeated, looked_after, ended, repeated),
    answer("522", 522, "", false, unknown, "api_error 522", repeated, looked_after, ended, repeated),
    answer("523", 523, "", false, unknown, "api_error 523", repeated, looked_after, ended, repeated),
    answer("524", 524, "", false, unknown, "api_error 524", repeated, looked_after, ended, repeated),
    answer("529", 529, "", false, unknown, "api_error 529", repeated, looked_after, ended, repeated),
    answer("530", 530, "", false, unknown, "api_error 530", repeated, looked_after, ended, repeated),
};
// clang-format on

// Four attempts is what the test's clients have.
constexpr int most_attempts = 4;

// What attempts() counts when every send is followed by a look:
// one GET that finds the run going on, or two that find nothing.
// The looks of a batch are no attempts of its request.
constexpr int attempts_with_looks(kind operation) {
  if (operation == kind::batch) return most_attempts;
  return operation == kind::ending ? most_attempts * 2 : most_attempts * 3;
}

std::string fails(std::string_view error, server_action acted, int attempts, int done) {
  return std::string(error) + ", acted " + std::string(to_string(acted)) + ", attempts " +
         std::to_string(attempts) + ", done " + std::to_string(done);
}

std::string succeeds(int done) { return "ok, done " + std::to_string(done); }

std::string expected_of_stream(const row& of, bool keeps_on) {
  if (of.stream == ended) return fails(of.error, no, 1, 0);
  if (!keeps_on) return succeeds(of.server_does ? 2 : 1);
  return fails("stream_failure", no, most_attempts, of.server_does ? most_attempts : 0);
}

std::string_view name_of(said what) {
  switch (what) {
    case repeated:
      return "repeated";
    case looked_after:
      return "looked after";
    case ended_after_look:
      return "ended after a look";
    case ended:
      break;
  }
  return "ended";
}

}  // namespace

std::span<const row> rows() { return table; }

said column(const row& of, kind operation) {
  switch (operation) {
    case kind::read:
    case kind::repeatable:
    case kind::removal:
      return of.read_or_repeatable;
    case kind::ending:
    case kind::batch:
    case kind::keyed:
      return of.ending_or_keyed;
    case kind::once:
      return of.once;
    case kind::stream:
      break;
  }
  return of.stream;
}

std::string expected(const row& of, kind operation, bool without_body, bool keeps_on) {
  if (of.error.empty() || (without_body && of.what == way::cut_body)) return succeeds(1);
  if (operation == kind::stream) return expected_of_stream(of, keeps_on);
  switch (column(of, operation)) {
    case repeated:
      if (operation == kind::removal && of.server_does) {
        // The 404 that tells of it is lost like the answer
        // before, where that goes on; its head alone would do.
        if (keeps_on && of.what != way::cut_body) return fails(of.error, of.acted, most_attempts, 1);
        return fails("api_error 404", of.acted, 2, 1);
      }
      if (!keeps_on) return succeeds(of.server_does ? 2 : 1);
      return fails(of.error, of.acted, most_attempts, of.server_does ? most_attempts : 0);
    case looked_after:
      // A look finds what was done, so that it is not done again.
      if (of.server_does || !keeps_on) return succeeds(1);
      // Where no connection lasts, the look fails too, and with it the call.
      if (of.what == way::closed_unread)
        return fails(of.error, of.acted, operation == kind::batch ? 1 : 1 + most_attempts, 0);
      return fails(of.error, of.acted, attempts_with_looks(operation), 0);
    case ended_after_look:
      return fails(of.error, of.acted, operation == kind::batch ? 1 : 2, 0);
    case ended:
      break;
  }
  return fails(of.error, of.acted, 1, of.server_does ? 1 : 0);
}

std::string_view to_string(server_action acted) {
  switch (acted) {
    case server_action::no:
      return "no";
    case server_action::yes:
      return "yes";
    case server_action::unknown:
      break;
  }
  return "unknown";
}

std::string documented(const row& of) {
  std::string line = "| " + std::string(of.name) + " | ";
  line += of.error.empty() ? "- | none" : std::string(to_string(of.acted)) + " | " + std::string(of.error);
  for (const said what : {of.read_or_repeatable, of.ending_or_keyed, of.once, of.stream})
    line += " | " + (of.error.empty() ? "on a new connection" : std::string(name_of(what)));
  return line + " |";
}

}  // namespace fault_matrix
