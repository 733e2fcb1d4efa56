#include "session/doubt/ending.hpp"

#include "session/doubt/look.hpp"

#include <mistral/workflows/model/execution.hpp>

#include <optional>

namespace mistral::workflows::session {
namespace {

class ending_resolver final : public doubt_resolver {
 public:
  explicit ending_resolver(std::string execution_id) : id_(std::move(execution_id)) {}

  bool wants(const attempt_result& last, bool doubtful) const override { return doubtful && says_ended(last); }

  task<verdict> look(attempts& calls, const attempt_result& last) override {
    verdict out;
    if (last.status != 0 && says_ended(last)) {
      out.answer.emplace();
      co_return out;
    }
    const found seen = co_await look_at_execution(calls, id_);
    const std::optional<execution> state = seen.as<execution>();
    if (seen.absent || (state && is_over(*state, seen)))
      out.answer.emplace();
    else
      out.send_again = state.has_value();
    co_return out;
  }

 private:
  static bool says_ended(const attempt_result& last) {
    return last.status == 404 || (last.status == 409 && last.outcome.code == "WF_1102");
  }

  bool is_over(const execution& state, const found& seen) {
    if (is_terminal(state.status)) return true;
    if (first_seen_run_ && state.run_id && *first_seen_run_ != *state.run_id) return true;
    first_seen_run_ = state.run_id;
    return seen.date && state.start_time > latest_instant(*seen.date, seen.asked_after);
  }

  // The first attempt began at this instant of the server's clock, or before it: its Date has whole seconds, and was written after
  // the GET was sent. How long the answer was under way must not count, or a run that began just before the call seems newer.
  static timestamp latest_instant(timestamp date, std::chrono::microseconds asked_after) {
    return date + std::chrono::seconds(1) - asked_after;
  }

  std::string id_;
  std::optional<std::string> first_seen_run_;
};

}  // namespace

std::shared_ptr<doubt_resolver> make_ending_resolver(std::string execution_id) {
  return std::make_shared<ending_resolver>(std::move(execution_id));
}

}  // namespace mistral::workflows::session
