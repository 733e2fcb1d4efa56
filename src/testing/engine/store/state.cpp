#include "testing/engine/store/state.hpp"

#include "testing/engine/store/event_text.hpp"

#include <array>
#include <stdexcept>
#include <utility>

namespace mistral::workflows::testing {
namespace {

constexpr std::array<std::pair<run_status, std::string_view>, 8> status_names{{
    {run_status::running, "RUNNING"},
    {run_status::completed, "COMPLETED"},
    {run_status::failed, "FAILED"},
    {run_status::canceled, "CANCELED"},
    {run_status::terminated, "TERMINATED"},
    {run_status::continued_as_new, "CONTINUED_AS_NEW"},
    {run_status::timed_out, "TIMED_OUT"},
    {run_status::retrying_after_error, "RETRYING_AFTER_ERROR"},
}};

}  // namespace

std::string_view to_text(run_status status) {
  for (const auto& [value, name] : status_names)
    if (value == status) return name;
  return "";
}

run_status run_status_from(std::string_view text) {
  for (const auto& [value, name] : status_names)
    if (name == text) return value;
  throw std::runtime_error("an unknown status: " + std::string(text));
}

run_state::run_state() : result("null"), work_(std::make_unique<run_work>()) {}
run_state::~run_state() = default;

run_work& run_state::work() {
  if (!work_) {
    work_ = std::make_unique<run_work>(unpack_work(*this, packed_));
    packed_ = shared_text();
  }
  return *work_;
}

std::shared_ptr<const run_work> run_state::look() const {
  if (work_) return {std::shared_ptr<void>(), work_.get()};  // owns nothing
  return std::make_shared<const run_work>(unpack_work(*this, packed_));
}

void run_state::pack() {
  if (!work_) return;
  packed_ = pack_work(*this, *work_);
  work_.reset();
}

const std::vector<std::int64_t>& execution_state::logs() const {
  static const std::vector<std::int64_t> none;
  return logs_ ? *logs_ : none;
}

void execution_state::add_log(std::int64_t sequence) {
  if (!logs_) logs_ = std::make_unique<std::vector<std::int64_t>>();
  logs_->push_back(sequence);
}

bool is_over(run_status status) {
  return status != run_status::running && status != run_status::retrying_after_error;
}

}  // namespace mistral::workflows::testing
