// A request's body as a type of the model, where it has one; what does not fit is one 422 that says where.
// Not for bodies of few members: those are read one by one (reader.hpp).
#pragma once

#include "protocol/json/decode.hpp"
#include "testing/server/message/message.hpp"
#include "testing/server/message/reader.hpp"

namespace mistral::workflows::testing {

[[noreturn]] void refuse_body(const protocol::decode_problem& found);
/// Throws bad_request that says so of a member of the body: "/schedule/policy".
[[noreturn]] void refuse_member(std::string_view pointer, std::string message, std::string type);
/// No body, or one that says null.
bool is_without_body(const request& from);

/// Throws bad_request.
template <class T>
T read_model(const request& from) {
  const body_reader is_json(from);
  T made;
  if (const auto problem = protocol::decode(from.seen.body, made)) refuse_body(*problem);
  return made;
}

/// The same where the body may be left out.
template <class T>
T read_model_if_any(const request& from) {
  return is_without_body(from) ? T() : read_model<T>(from);
}

}  // namespace mistral::workflows::testing
