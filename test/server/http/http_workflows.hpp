// The workflows that the tests of the server's front run, and short ways to use them.
// Not tests of the engine: these only have to make events and wait.
#pragma once

#include "server/raw_client.hpp"

namespace server_test {

/// Emits `events` (input, default 3) events in all before it waits for the signal
/// "go", after which one more, its end, follows. Query "state" and update "set"
/// {"value": any}; result: {"value": what was set}. Both inputs are checked.
wft::workflow_definition talker();
/// Fails at once.
wft::workflow_definition failer();
/// Its result is its input.
wft::workflow_definition mirror();

/// Plain HTTP, so that tests of other things need no handshake; with the workflows above.
wft::local_server_options plain_options();
wft::local_server_options tls_options();

/// Executes and returns when `events` events can be streamed; answers the execution.
boost::json::value start_talker(raw_client& client, const std::string& execution_id, int events = 3);

inline const std::string api = "/v1/workflows";
inline const std::string executions = api + "/executions/";

}  // namespace server_test
