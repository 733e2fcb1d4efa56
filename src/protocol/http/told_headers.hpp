// Which headers of an answer hooks and errors tell of: how
// much may be asked, and what the server calls the request.
// Not what calls go by themselves: Retry-After and Date are read elsewhere.
#pragma once

#include "protocol/http/request.hpp"

#include <mistral/workflows/export.hpp>

#include <string_view>

namespace mistral::workflows::protocol {

/// So many at most.
inline constexpr std::size_t most_told_headers = 32;

/// Whether this is one of them: Retry-After, those of rate limits, and the names of requests.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT bool is_told(std::string_view name);

/// By what the server, or an edge in front of it, knows the request; empty: by nothing.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT std::string_view request_id_in(const header_list& told);

}  // namespace mistral::workflows::protocol
