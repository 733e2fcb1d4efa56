// The server's process of soak_calls: a local server that misbehaves
// at random, and that takes commands on its standard input.
// Not what starts and kills it: that is soak_process.hpp.
#pragma once

#include "soak_settings.hpp"

namespace soak {

/// Prints "ready PORT" and obeys, a line each:
///  - "burst": until "calm", every request is answered 429 with Retry-After: 1, after a delay of 400 ms
///  - "break": the next 4 connections are broken in their handshake
///  - "quiet": no new faults
///  - "counts": answers with a line of JSON: how often each kind of
///    fault struck in this life, and how many connections are open
///  - "done": answers with a line of JSON: "started" and "ended" (by a cancel
///    or terminate), how often by execution id, since the state folder is there
/// Ends at the end of its input.
int serve_calls(const settings& wanted);

}  // namespace soak
