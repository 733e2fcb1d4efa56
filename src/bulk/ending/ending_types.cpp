#include <mistral/workflows/bulk/ending.hpp>

#include <chrono>
#include <utility>

namespace mistral::workflows {

ending_target::ending_target() = default;
ending_target::ending_target(std::string execution, std::string run)
    : execution_id(std::move(execution)), run_id(std::move(run)) {}
ending_target::ending_target(const ending_target&) = default;
ending_target::ending_target(ending_target&&) noexcept = default;
ending_target& ending_target::operator=(const ending_target&) = default;
ending_target& ending_target::operator=(ending_target&&) noexcept = default;
ending_target::~ending_target() = default;

ending_set::ending_set() = default;
ending_set::ending_set(std::vector<std::string> execution_ids)
    : as_of(std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now())) {
  targets.reserve(execution_ids.size());
  for (std::string& id : execution_ids) targets.emplace_back(std::move(id));
}
ending_set::ending_set(const ending_set&) = default;
ending_set::ending_set(ending_set&&) noexcept = default;
ending_set& ending_set::operator=(const ending_set&) = default;
ending_set& ending_set::operator=(ending_set&&) noexcept = default;
ending_set::~ending_set() = default;

ending_outcome::ending_outcome() = default;
ending_outcome::ending_outcome(ending_target meant, ending_status what)
    : target(std::move(meant)), status(what) {}
ending_outcome::ending_outcome(const ending_outcome&) = default;
ending_outcome::ending_outcome(ending_outcome&&) noexcept = default;
ending_outcome& ending_outcome::operator=(const ending_outcome&) = default;
ending_outcome& ending_outcome::operator=(ending_outcome&&) noexcept = default;
ending_outcome::~ending_outcome() = default;

ending_options::ending_options() = default;

std::string_view to_string(ending_status status) noexcept {
  switch (status) {
    case ending_status::accepted:
      return "accepted";
    case ending_status::ended:
      return "ended";
    case ending_status::another_run:
      return "another_run";
    case ending_status::missing:
      return "missing";
    case ending_status::failed:
      return "failed";
    case ending_status::unknown:
      return "unknown";
  }
  return "?";
}

}  // namespace mistral::workflows
