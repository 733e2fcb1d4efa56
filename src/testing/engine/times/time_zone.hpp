// What wall clocks show where: UTC, or a zone of the system's time zone database.
// Not a calendar: it moves instants and nothing else. (GCC
// 12's library has no time zones; a date library fills in.)
#pragma once

#include <mistral/workflows/export.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace mistral::workflows::testing {

class MISTRAL_WORKFLOWS_INTERNAL_EXPORT time_zone {
 public:
  /// UTC.
  time_zone() = default;
  /// A zone of the database by its IANA name or a link's; none if it has no such zone.
  static std::optional<time_zone> find(const std::string& name);

  /// How far wall clocks are ahead of UTC, and until when: they jump at `end`.
  struct stretch {
    stretch(std::chrono::seconds ahead, std::chrono::sys_seconds until) : offset(ahead), end(until) {}
    std::chrono::seconds offset;
    std::chrono::sys_seconds end;
  };
  stretch at(std::chrono::sys_seconds instant) const;

 private:
  const void* zone_ = nullptr;  ///< of the database, which lives as long as the program; null: UTC
};

}  // namespace mistral::workflows::testing
