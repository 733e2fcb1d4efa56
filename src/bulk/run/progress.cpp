#include <mistral/workflows/bulk/progress.hpp>

namespace mistral::workflows {

bulk_progress::bulk_progress() = default;
bulk_progress::bulk_progress(const bulk_progress&) = default;
bulk_progress::bulk_progress(bulk_progress&&) noexcept = default;
bulk_progress& bulk_progress::operator=(const bulk_progress&) = default;
bulk_progress& bulk_progress::operator=(bulk_progress&&) noexcept = default;
bulk_progress::~bulk_progress() = default;

std::uint64_t bulk_progress::failures() const noexcept {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < by_status.size(); ++i)
    if (is_failure(static_cast<bulk_status>(i))) sum += by_status[i];
  return sum;
}

std::string_view to_string(bulk_phase phase) noexcept {
  switch (phase) {
    case bulk_phase::preparing:
      return "preparing";
    case bulk_phase::running:
      return "running";
    case bulk_phase::paused:
      return "paused";
    case bulk_phase::stopping:
      return "stopping";
    case bulk_phase::over:
      return "over";
  }
  return "?";
}

}  // namespace mistral::workflows
