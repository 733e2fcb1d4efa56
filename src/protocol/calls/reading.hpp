// What the end of a request says to its call: one fact of the table.
// Not whose a found thing is: ownership.hpp.
#pragma once

#include "protocol/calls/facts.hpp"
#include "protocol/calls/table.hpp"

#include <mistral/workflows/export.hpp>

#include <cstdint>

namespace mistral::workflows::protocol {

/// Of the operation's own request. `key_renewed`: once a call is enough.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT send_fact read_send(const call_identity& who, const request_end& end,
                                                      bool key_renewed);

enum class look_answer : std::uint8_t {
  absent,        ///< proven: 404, JSON, and the API's code; any other 404 proves nothing
  there,         ///< a 2xx that shows the thing asked for
  passing,       ///< nothing that proves anything; another look may
  lasting,       ///< nothing that proves anything, and another would be no better
  unauthorized,  ///< 401, and another key can be had
};

/// Of a look. `shown`: its body could be read, and shows a thing.
MISTRAL_WORKFLOWS_INTERNAL_EXPORT look_answer read_look(const call_identity& who, const request_end& end,
                                                        bool shown, bool key_renewed);

}  // namespace mistral::workflows::protocol
