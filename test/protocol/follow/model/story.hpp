// The words in which a sequence of the model is told.
#pragma once

#include "protocol/follow/model/world.hpp"

#include <ostream>

namespace follow_model {

const char* text(terminal_kind kind);
const char* text(protocol::wishes::verdict said);
const char* text(protocol::loss why);
void tell_world(std::ostream& out, const protocol::watch_rules& rules, const world& server);

}  // namespace follow_model
