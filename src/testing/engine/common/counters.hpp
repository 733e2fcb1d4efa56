// What the server did: how often each operation was carried out, in all and for each execution id.
// Not what it was asked: a request that was refused or never arrived whole is not counted here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace mistral::workflows::testing {

/// Operations are named as the client's calls: "workflows.execute", "executions.signal", "executions.query",
/// "executions.update", "executions.cancel", "executions.terminate", "executions.reset" (a batch counts each id under
/// the single operation). "started" counts starts of an id however they came about: execute, a child, a schedule, a new
/// id by continue-as-new.
class counters {
 public:
  void add(std::string_view operation, std::string_view execution_id) {
    ++in_all_[std::string(operation)];
    ++by_execution_[std::string(execution_id)][std::string(operation)];
  }

  std::int64_t of(std::string_view operation) const { return find(in_all_, operation); }
  std::int64_t of(std::string_view operation, std::string_view execution_id) const {
    auto entry = by_execution_.find(execution_id);
    return entry == by_execution_.end() ? 0 : find(entry->second, operation);
  }

  using by_operation = std::map<std::string, std::int64_t, std::less<>>;
  const by_operation& in_all() const { return in_all_; }
  const std::map<std::string, by_operation, std::less<>>& by_execution() const { return by_execution_; }

 private:
  static std::int64_t find(const by_operation& counts, std::string_view operation) {
    auto entry = counts.find(operation);
    return entry == counts.end() ? 0 : entry->second;
  }

  by_operation in_all_;
  std::map<std::string, by_operation, std::less<>> by_execution_;
};

}  // namespace mistral::workflows::testing
