// A length of time as a number of seconds.
// Not for times of the API: those are whole numbers.
#pragma once

#include <chrono>

namespace mistral::workflows::bulk_core {

inline double in_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace mistral::workflows::bulk_core
