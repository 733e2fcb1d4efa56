// A CA, and a leaf for loopback names that is good or bad
// on purpose; made at start, or kept in a state folder.
// Not a store of others' certificates: each state folder, and each server without one, has its own CA.
#pragma once

#include <mistral/workflows/testing/local_server.hpp>

#include <filesystem>
#include <string>

namespace mistral::workflows::testing {

struct certificate_set {
  certificate_set() = default;

  std::string ca_pem;     ///< what a client is to trust
  std::string chain_pem;  ///< what the server shows
  std::string key_pem;    ///< of the leaf
};

certificate_set make_certificates(certificate_kind kind);

/// The good ones that `folder` holds; where there are none, or
/// not for another day, new ones that it holds from now on.
/// Errors: boost::system::system_error
certificate_set keep_certificates(const std::filesystem::path& folder);

}  // namespace mistral::workflows::testing
