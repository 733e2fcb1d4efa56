// Where options come in: what cannot work is refused by name, and
// what is left is bounded so that no arithmetic with it overflows.
// Not what an option means: that is where it is used.
#pragma once

#include "base/longest_time.hpp"
#include "protocol/http/request.hpp"

#include <mistral/workflows/call_options.hpp>
#include <mistral/workflows/client_options.hpp>
#include <mistral/workflows/export.hpp>
#include <mistral/workflows/stream_options.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows::session {

using workflows::bounded;
using workflows::longest_time;

/// Numbers of bytes that every machine can count.
inline constexpr std::size_t largest_body = std::size_t{1} << (sizeof(std::size_t) * 8 - 2);
inline constexpr std::size_t largest_header = std::size_t{1} << 30;
/// The parser goes down into a document by recursion.
inline constexpr std::size_t deepest_json = 1'000;

/// What a client works with.
struct checked_client_options : client_options {
  checked_client_options() = default;
  explicit checked_client_options(client_options options) : client_options(std::move(options)) {}

  std::string key_variable;  ///< the environment variable that the API key came from; empty: none
};

/// Each throws invalid_argument that names the member, for what cannot
/// work. Those of a client also take what the environment says.
checked_client_options checked(client_options options);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT call_options checked(call_options options);
MISTRAL_WORKFLOWS_INTERNAL_EXPORT stream_options checked(stream_options options);
/// `field`: what the options are a member of.
retry_options checked(retry_options retry, const std::string& field);

/// Whether options and hooks may set this header: a name and a
/// value that HTTP allows, and not one that the client sets.
bool may_set_header(std::string_view name, std::string_view value);

/// Throws invalid_argument naming `field` for names and values
/// that no header may have, and for those the client sets.
void check_headers(const protocol::header_list& headers, const std::string& field);

}  // namespace mistral::workflows::session
