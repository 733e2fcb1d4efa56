// Special members of what the hub hands out and is told.
#include <mistral/workflows/bulk/completions.hpp>

namespace mistral::workflows {

completion::completion() = default;
completion::completion(const completion&) = default;
completion::completion(completion&&) noexcept = default;
completion& completion::operator=(const completion&) = default;
completion& completion::operator=(completion&&) noexcept = default;
completion::~completion() = default;

completions_options::completions_options() = default;
completions_options::completions_options(const completions_options&) = default;
completions_options::completions_options(completions_options&&) noexcept = default;
completions_options& completions_options::operator=(const completions_options&) = default;
completions_options& completions_options::operator=(completions_options&&) noexcept = default;
completions_options::~completions_options() = default;

}  // namespace mistral::workflows
