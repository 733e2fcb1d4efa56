#include <mistral/workflows/bulk/outcome.hpp>

#include <array>
#include <cstddef>
#include <utility>

namespace mistral::workflows {
namespace {

constexpr std::array<std::string_view, 11> bulk_status_names = {
    "started", "completed", "failed",      "canceled", "terminated", "timed_out",
    "overdue", "refused",   "not_started", "left",     "unknown"};

}  // namespace

std::string_view to_string(bulk_status status) noexcept {
  const auto index = static_cast<std::size_t>(status);
  return index < bulk_status_names.size() ? bulk_status_names[index] : std::string_view("?");
}

std::optional<bulk_status> bulk_status_from(std::string_view text) noexcept {
  for (std::size_t i = 0; i < bulk_status_names.size(); ++i)
    if (bulk_status_names[i] == text) return static_cast<bulk_status>(i);
  return std::nullopt;
}

bool is_failure(bulk_status status) noexcept {
  switch (status) {
    case bulk_status::failed:
    case bulk_status::canceled:
    case bulk_status::terminated:
    case bulk_status::timed_out:
    case bulk_status::overdue:
    case bulk_status::refused:
      return true;
    case bulk_status::started:
    case bulk_status::completed:
    case bulk_status::not_started:
    case bulk_status::left:
    case bulk_status::unknown:
      break;
  }
  return false;
}

bool is_final(bulk_status status) noexcept { return status == bulk_status::completed || is_failure(status); }

bulk_outcome::bulk_outcome() = default;
bulk_outcome::bulk_outcome(std::string job_key, bulk_status what) : key(std::move(job_key)), status(what) {}
bulk_outcome::bulk_outcome(const bulk_outcome&) = default;
bulk_outcome::bulk_outcome(bulk_outcome&&) noexcept = default;
bulk_outcome& bulk_outcome::operator=(const bulk_outcome&) = default;
bulk_outcome& bulk_outcome::operator=(bulk_outcome&&) noexcept = default;
bulk_outcome::~bulk_outcome() = default;

}  // namespace mistral::workflows
