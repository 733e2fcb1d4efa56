#include "testing/engine/times/time_zone.hpp"

#include <date/tz.h>

#include <stdexcept>

namespace mistral::workflows::testing {

std::optional<time_zone> time_zone::find(const std::string& name) {
  time_zone made;
  // Known without a database.
  if (name == "UTC") return made;
  try {
    made.zone_ = date::locate_zone(name);
    return made;
  } catch (const std::runtime_error&) {
    return std::nullopt;
  }
}

time_zone::stretch time_zone::at(std::chrono::sys_seconds instant) const {
  if (!zone_) return stretch(std::chrono::seconds(0), std::chrono::sys_seconds::max());
  const auto info = static_cast<const date::time_zone*>(zone_)->get_info(instant);
  return stretch(info.offset, info.end);
}

}  // namespace mistral::workflows::testing
