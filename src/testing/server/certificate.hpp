// Certificates made at start: a CA, and a leaf for loopback names that is good or bad on purpose.
// Not a store: nothing is kept, each server has its own CA.
#pragma once

#include <mistral/workflows/testing/local_server.hpp>

#include <string>

namespace mistral::workflows::testing {

struct certificate_set {
  certificate_set() = default;

  std::string ca_pem;     ///< what a client is to trust
  std::string chain_pem;  ///< what the server shows
  std::string key_pem;    ///< of the leaf
};

certificate_set make_certificates(certificate_kind kind);

}  // namespace mistral::workflows::testing
