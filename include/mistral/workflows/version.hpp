// The library's version.
// Not the version of the API: that has none.
#pragma once

#include <string_view>

/// What Mistral publishes for C++.
namespace mistral {}

/// The client: handles, requests, results and errors.
namespace mistral::workflows {

/// Semantic version of the library; also in the default user agent.
inline constexpr std::string_view version = "0.1.0";

}  // namespace mistral::workflows
