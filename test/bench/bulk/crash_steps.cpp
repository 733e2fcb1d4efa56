#include "crash_steps.hpp"

#include "bulk_program.hpp"

#include <mistral/workflows/bulk/journal.hpp>
#include <mistral/workflows/hooks.hpp>

#include <boost/asio/awaitable.hpp>

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

namespace bulk_bench {

namespace asio = boost::asio;
namespace wf = mistral::workflows;

namespace {

void say(int descriptor, char what) {
  while (::write(descriptor, &what, 1) < 0) {
  }
}

class step_counter {
 public:
  step_counter(int report, long at) : report_(report), at_(at) {}

  void step(crash_step kind) {
    if (++count_ != at_) return;
    say(report_, static_cast<char>('0' + static_cast<int>(kind)));
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }
  void repeated() const { say(report_, 'r'); }

 private:
  const int report_;
  const long at_;
  std::atomic<long> count_{0};
};

/// A journal, and a step before and after each thing that it does for good.
class counted_journal final : public wf::bulk_journal {
 public:
  counted_journal(std::shared_ptr<wf::bulk_journal> inner, std::shared_ptr<step_counter> steps)
      : inner_(std::move(inner)), steps_(std::move(steps)) {}

  asio::awaitable<wf::journal_state> open(wf::journal_manifest manifest, wf::journal_begin begin) override {
    return open_known(inner_, known_, std::move(manifest), begin);
  }
  asio::awaitable<wf::journal_record> claim(wf::journal_record wanted) override {
    return claim_counted(inner_, steps_, known_, std::move(wanted));
  }
  asio::awaitable<void> started(std::string key, std::string run_id, wf::timestamp at,
                                int attempts) override {
    return counted(inner_->started(std::move(key), std::move(run_id), at, attempts), steps_, std::nullopt,
                   crash_step::answer_after);
  }
  asio::awaitable<void> done(std::string key, std::string outcome, bool failed, wf::timestamp at) override {
    return counted(inner_->done(std::move(key), std::move(outcome), failed, at), steps_,
                   crash_step::outcome_before, crash_step::outcome_after);
  }
  asio::awaitable<void> acknowledge(std::vector<std::string> keys) override {
    return counted(inner_->acknowledge(std::move(keys)), steps_, crash_step::acknowledgement_before,
                   crash_step::acknowledgement_after);
  }
  asio::awaitable<std::vector<wf::journal_record>> records(std::uint64_t after_position, std::size_t limit,
                                                           std::optional<wf::journal_stage> only) override {
    return inner_->records(after_position, limit, only);
  }
  asio::awaitable<void> finish() override { return inner_->finish(); }
  asio::awaitable<void> close() override { return inner_->close(); }

 private:
  using shared_steps = std::shared_ptr<step_counter>;

  using shared_keys = std::shared_ptr<std::unordered_set<std::string>>;

  static asio::awaitable<wf::journal_state> open_known(std::shared_ptr<wf::bulk_journal> inner,
                                                       shared_keys known, wf::journal_manifest manifest,
                                                       wf::journal_begin begin) {
    wf::journal_state state = co_await inner->open(std::move(manifest), begin);
    const std::vector<wf::journal_record> there = co_await inner->records(0, 1'000'000, std::nullopt);
    for (const wf::journal_record& one : there) known->insert(one.key);
    co_return state;
  }
  /// To find a job that is there is no step: a resumed batch does it with each of them.
  static asio::awaitable<wf::journal_record> claim_counted(std::shared_ptr<wf::bulk_journal> inner,
                                                           shared_steps steps, shared_keys known,
                                                           wf::journal_record wanted) {
    const bool is_new = !known->contains(wanted.key);
    if (is_new) steps->step(crash_step::intent_before);
    wf::journal_record found = co_await inner->claim(std::move(wanted));
    if (is_new) steps->step(crash_step::intent_after);
    co_return found;
  }
  static asio::awaitable<void> counted(asio::awaitable<void> work, shared_steps steps,
                                       std::optional<crash_step> before, crash_step after) {
    if (before) steps->step(*before);
    co_await std::move(work);
    steps->step(after);
  }

  std::shared_ptr<wf::bulk_journal> inner_;
  shared_steps steps_;
  shared_keys known_ =
      std::make_shared<std::unordered_set<std::string>>();  // in the journal as it was opened
};

bool is_start(const wf::attempt_info& request) { return request.operation == "workflows.execute"; }

}  // namespace

int control(int report, long at, int count, char** arguments) {
  const auto steps = std::make_shared<step_counter>(report, at);
  bulk_run::seams parts;
  parts.journal = [steps](std::shared_ptr<wf::bulk_journal> inner) {
    return std::make_shared<counted_journal>(std::move(inner), steps);
  };
  parts.client = [steps](wf::client_options& options) {
    options.hooks.headers = [steps](const wf::attempt_info& request) {
      if (is_start(request)) steps->step(crash_step::post_before);
      return wf::call_hooks::header_list();
    };
    options.hooks.attempt = [steps](const wf::attempt_report& request) {
      if (is_start(request)) steps->step(crash_step::answer_before);
    };
  };
  parts.outcome = [steps](const wf::bulk_outcome& outcome) {
    if (outcome.repeated) steps->repeated();
  };
  return bulk_run::run(count, arguments, parts);
}

}  // namespace bulk_bench
