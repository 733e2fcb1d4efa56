// Cancel and terminate after a lost answer: has the run that was meant ended?
// Not the first attempt of them, which needs no look.
#pragma once

#include "session/call/call.hpp"

#include <memory>
#include <string>

namespace mistral::workflows::session {

/// A look says "done" when the execution is gone, has ended, or has a newer run than the one that the first attempt was aimed
/// at: an execution has one active run, so a newer one means that the other has ended. It is never touched.
std::shared_ptr<doubt_resolver> make_ending_resolver(std::string execution_id);

}  // namespace mistral::workflows::session
