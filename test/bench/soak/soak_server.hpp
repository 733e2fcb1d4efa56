// The server's process of soak_streams: a local server that
// misbehaves, and that takes commands on its standard input.
// Not what starts and kills it: that is soak_process.hpp.
#pragma once

#include "soak_settings.hpp"

namespace soak {

/// Prints "ready PORT" and obeys, a line each:
///  - "go": the executions that wait for it go on
///  - "quiet": no new faults
///  - "counts": answers with a line of JSON: `events` there are, and how often each kind of fault struck
/// Ends at the end of its input.
int serve(const settings& wanted);

}  // namespace soak
