// A recorded stream of 60 events of one execution, all 17 types
// and an unknown one among them, as it comes on the wire.
// Not a server: see scripted_host.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace recorded {

inline const std::string execution = "exec-1";
inline const std::string run = "0198a1c2-0000-7000-8000-000000000001";

/// One event's frame, `id`, `event` and `data` and the blank line. Attributes as JSON text.
std::string frame(std::int64_t sequence, const std::string& type, const std::string& attributes,
                  const std::string& execution_id = execution, const std::string& run_id = run);

/// An event of a task of the workflow's own.
std::string progress(std::int64_t sequence, const std::string& run_id = run);
std::string started(std::int64_t sequence, const std::string& run_id = run);
std::string completed(std::int64_t sequence, const std::string& run_id = run);
std::string failed(std::int64_t sequence, const std::string& run_id = run);

/// The 60, numbered from 1 to 60, ending with COMPLETED; comments stand between some.
const std::vector<std::string>& frames();

}  // namespace recorded
