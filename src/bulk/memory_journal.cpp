#include "bulk/memory_journal.hpp"

#include "bulk/journal_rules.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace mistral::workflows::bulk_core {

namespace asio = boost::asio;

// Touched under `mutex` alone.
class memory_store {
 public:
  std::mutex mutex;
  std::vector<journal_generation> generations;
  std::map<std::string, std::map<std::uint32_t, journal_record>, std::less<>> jobs;
  std::uint64_t epoch = 0;
  bool in_use = false;
  bool failing = false;

  journal_record* latest(const std::string& key, const journal_generation& in) {
    const auto found = jobs.find(key);
    if (found == jobs.end()) return nullptr;
    const auto after = found->second.upper_bound(in.number);
    if (after == found->second.begin() || std::prev(after)->first < in.base) return nullptr;
    return &std::prev(after)->second;
  }

  std::vector<journal_record> view(const journal_generation& in) {
    std::vector<journal_record> out;
    for (const auto& [key, records] : jobs) {
      if (const journal_record* const record = latest(key, in)) out.push_back(*record);
    }
    std::ranges::sort(out, {}, &journal_record::position);
    return out;
  }

  void open_for_writing(const journal_opening& opening) {
    if (std::exchange(in_use, true))
      throw journal_failure(journal_problem::in_use, "the journal is in use by this process");
    ++epoch;
    if (!opening.resumed) generations.push_back(opening.generation);
  }
};

namespace {

class memory_journal final : public bulk_journal {
 public:
  explicit memory_journal(std::shared_ptr<memory_store> store) : store_(std::move(store)) {}
  ~memory_journal() override {
    const std::lock_guard lock(store_->mutex);
    let_go();
  }

  asio::awaitable<journal_state> open(journal_manifest manifest, journal_begin begin) override {
    return ready("bulk_journal.open", [this, &manifest, begin] { return open_now(manifest, begin); });
  }

  asio::awaitable<journal_record> claim(journal_record wanted) override {
    return ready("bulk_journal.claim", [this, &wanted] { return claim_now(std::move(wanted)); });
  }

  asio::awaitable<void> started(std::string key, std::string run_id, timestamp at, int attempts) override {
    return done_now("bulk_journal.started", [&] {
      check_open();
      apply_started(writable(key), std::move(run_id), at, attempts);
    });
  }

  asio::awaitable<void> done(std::string key, std::string outcome, bool failed, timestamp at) override {
    return done_now("bulk_journal.done", [&] {
      check_open();
      apply_done(writable(key), std::move(outcome), failed, at);
    });
  }

  asio::awaitable<void> acknowledge(std::vector<std::string> keys) override {
    return done_now("bulk_journal.acknowledge", [&] {
      check_open();
      if (report_) return;
      for (const std::string& key : keys) {
        if (journal_record* const record = store_->latest(key, generation_)) apply_acknowledged(*record);
      }
    });
  }

  asio::awaitable<std::vector<journal_record>> records(std::uint64_t after_position, std::size_t limit,
                                                       std::optional<journal_stage> only) override {
    return ready("bulk_journal.records", [&] {
      check_open();
      std::vector<journal_record> out = store_->view(generation_);
      std::erase_if(out, [&](const journal_record& one) {
        return one.position <= after_position || (only && one.stage != *only);
      });
      if (limit == 0) out.clear();
      while (out.size() > limit && out.back().position != out.at(limit - 1).position) out.pop_back();
      return out;
    });
  }

  asio::awaitable<void> finish() override {
    return done_now("bulk_journal.finish", [&] {
      check_open();
      if (!report_) store_->generations[generation_.number].finished = true;
    });
  }

  asio::awaitable<void> close() override {
    return done_now("bulk_journal.close", [&] { let_go(); });
  }

 private:
  std::shared_ptr<memory_store> store_;
  journal_generation generation_;  // this and what follows: under the store's mutex
  std::uint64_t epoch_ = 0;
  bool open_ = false;
  bool report_ = false;

  // Everything happens in the call itself; what is awaited only tells of it.
  template <typename Work>
  asio::awaitable<std::invoke_result_t<Work>> ready(std::string operation, const Work& work) {
    using value = std::invoke_result_t<Work>;
    std::optional<value> result;
    std::optional<journal_failure> failure;
    try {
      const std::lock_guard lock(store_->mutex);
      result = work();
    } catch (const journal_failure& thrown) {
      failure = thrown;
    }
    return told<value>(std::move(result), std::move(failure), std::move(operation));
  }

  template <typename Work>
  asio::awaitable<void> done_now(std::string operation, const Work& work) {
    return without_value(ready(std::move(operation), [&work] {
      work();
      return true;
    }));
  }

  template <typename Value>
  static asio::awaitable<Value> told(std::optional<Value> result, std::optional<journal_failure> failure,
                                     std::string operation) {
    if (failure) throw journal_error(failure->problem, failure->reason, std::move(operation));
    co_return std::move(*result);
  }

  static asio::awaitable<void> without_value(asio::awaitable<bool> told) { co_await std::move(told); }

  journal_state open_now(const journal_manifest& manifest, journal_begin begin) {
    check_working();
    if (open_) throw journal_failure(journal_problem::refused, "the journal is open already");
    std::optional<journal_generation> latest;
    if (!store_->generations.empty()) latest = store_->generations.back();
    const journal_opening opening = opening_of(latest, manifest, begin);
    report_ = begin == journal_begin::report;
    if (!report_) store_->open_for_writing(opening);
    generation_ = opening.generation;
    epoch_ = store_->epoch;
    open_ = true;
    journal_state state;
    state.generation = generation_.number;
    state.epoch = epoch_;
    state.resumed = opening.resumed;
    state.finished = generation_.finished;
    state.manifest = generation_.manifest;
    for (const journal_record& record : store_->view(generation_)) count(state, record.stage, record.failed);
    return state;
  }

  journal_record claim_now(journal_record wanted) {
    check_open();
    check_claim(wanted);
    const journal_record* const latest = store_->latest(wanted.key, generation_);
    if (!claims_anew(latest ? std::optional(*latest) : std::nullopt, generation_.number)) {
      journal_record there = *latest;
      there.existed = true;
      return there;
    }
    if (report_) throw_report_writes();
    wanted.generation = generation_.number;
    wanted.stage = journal_stage::intent;
    wanted.existed = false;
    store_->jobs[wanted.key].insert_or_assign(generation_.number, wanted);
    return wanted;
  }

  journal_record& writable(const std::string& key) {
    if (report_) throw_report_writes();
    journal_record* const record = store_->latest(key, generation_);
    if (!record) throw_no_intent(key);
    return *record;
  }

  void check_working() const {
    if (store_->failing) throw journal_failure(journal_problem::failed, "the store was told to fail");
  }

  void check_open() const {
    if (!open_) throw journal_failure(journal_problem::closed, "the journal is not open");
    check_working();
    if (!report_ && epoch_ != store_->epoch)
      throw journal_failure(journal_problem::taken_over, "taken over by another journal of this process");
  }

  void let_go() noexcept {
    if (open_ && !report_ && epoch_ == store_->epoch) store_->in_use = false;
    open_ = false;
  }
};

}  // namespace

std::shared_ptr<memory_store> make_memory_store() { return std::make_shared<memory_store>(); }

std::shared_ptr<bulk_journal> open_memory_journal(std::shared_ptr<memory_store> store) {
  return std::make_shared<memory_journal>(std::move(store));
}

void set_failing(memory_store& store, bool failing) {
  const std::lock_guard lock(store.mutex);
  store.failing = failing;
}

void lose_lock(memory_store& store) {
  const std::lock_guard lock(store.mutex);
  store.in_use = false;
}

}  // namespace mistral::workflows::bulk_core
