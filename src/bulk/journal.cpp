#include <mistral/workflows/bulk/journal.hpp>

#include <utility>

namespace mistral::workflows {
namespace {

errc code_of_problem(journal_problem problem) noexcept {
  return problem == journal_problem::refused || problem == journal_problem::in_use ? errc::invalid_argument
                                                                                   : errc::journal_failed;
}

}  // namespace

std::string_view to_string(journal_stage stage) noexcept {
  switch (stage) {
    case journal_stage::intent:
      return "intent";
    case journal_stage::started:
      return "started";
    case journal_stage::done:
      return "done";
    case journal_stage::acknowledged:
      return "acknowledged";
  }
  return "unknown";
}

journal_error::journal_error(journal_problem problem, const std::string& reason, std::string operation)
    : error(make_error_code(code_of_problem(problem)), operation + ": " + reason,
            error_context(operation, 0, server_action::no)),
      problem_(problem) {}
journal_error::~journal_error() = default;
journal_error::journal_error(const journal_error&) = default;
journal_error& journal_error::operator=(const journal_error&) = default;

bulk_journal::~bulk_journal() = default;

}  // namespace mistral::workflows
