#include <mistral/workflows/bulk/job.hpp>

#include "bulk/common/json_text.hpp"

namespace mistral::workflows {
namespace asio = boost::asio;

bulk_job::bulk_job() = default;
bulk_job::bulk_job(std::string job_key, boost::json::value job_input)
    : key(std::move(job_key)), input(std::move(job_input)) {}
bulk_job::bulk_job(const bulk_job&) = default;
bulk_job::bulk_job(bulk_job&&) noexcept = default;
bulk_job& bulk_job::operator=(const bulk_job&) = default;
bulk_job& bulk_job::operator=(bulk_job&&) noexcept = default;
bulk_job::~bulk_job() = default;

boost::json::value bulk_input_from_json(std::string_view text, boost::system::error_code& failure,
                                        std::size_t* read) {
  failure.clear();
  return bulk_core::read_json_text(text, failure, bulk_core::beyond_numbers::refuse, read);
}

namespace {

asio::awaitable<std::optional<bulk_job>> call_and_return(std::function<std::optional<bulk_job>()> function) {
  co_return function();
}

}  // namespace

bulk_source::bulk_source() = default;
bulk_source::bulk_source(const bulk_source&) = default;
bulk_source::bulk_source(bulk_source&&) noexcept = default;
bulk_source& bulk_source::operator=(const bulk_source&) = default;
bulk_source& bulk_source::operator=(bulk_source&&) noexcept = default;
bulk_source::~bulk_source() = default;

bulk_source::bulk_source(async_generator<bulk_job> jobs) {
  auto kept = std::make_shared<async_generator<bulk_job>>(std::move(jobs));
  pull_ = [kept] { return kept->next(); };
}

bulk_source& bulk_source::expect(std::uint64_t jobs) {
  expected_ = jobs;
  return *this;
}

void bulk_source::take(std::function<std::optional<bulk_job>()> function) {
  pull_ = [kept = std::move(function)] { return call_and_return(kept); };
}

asio::awaitable<std::optional<bulk_job>> bulk_source::next() {
  if (!pull_) return call_and_return([]() -> std::optional<bulk_job> { return std::nullopt; });
  return pull_();
}

}  // namespace mistral::workflows
