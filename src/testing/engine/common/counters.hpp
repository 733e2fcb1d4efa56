// What the server did: how often each operation was carried out, in all and for each execution id.
// Not what it was asked: a request that was refused or never arrived whole is not counted here.
#pragma once

#include "testing/engine/common/shared_text.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

/// Operations are named as the client's calls: "workflows.execute", "executions.signal", "executions.query",
/// "executions.update", "executions.cancel", "executions.terminate", "executions.reset" (a batch counts each id under
/// the single operation). "started" counts starts of an id however they came about: execute, a child, a schedule, a new
/// id by continue-as-new.
class counters {
 public:
  void add(std::string_view operation, const shared_text& execution_id) {
    auto number = number_of(operation);
    if (number == names_.size()) {
      names_.emplace_back(operation);
      in_all_.push_back(0);
    }
    ++in_all_[number];
    auto& counts = by_execution_[execution_id];
    auto entry = std::find_if(counts.begin(), counts.end(), [&](const auto& one) { return one.first == number; });
    if (entry == counts.end()) entry = counts.insert(counts.end(), std::pair(static_cast<std::uint32_t>(number), 0u));
    ++entry->second;
  }

  std::int64_t of(std::string_view operation) const {
    auto number = number_of(operation);
    return number == names_.size() ? 0 : in_all_[number];
  }
  std::int64_t of(std::string_view operation, std::string_view execution_id) const {
    auto entry = by_execution_.find(execution_id);
    return entry == by_execution_.end() ? 0 : find(entry->second, number_of(operation));
  }

  using by_name = std::map<std::string, std::int64_t, std::less<>>;
  by_name in_all() const {
    by_name made;
    for (std::size_t number = 0; number < names_.size(); ++number) made.emplace(names_[number], in_all_[number]);
    return made;
  }
  /// For each execution id that it was done for.
  by_name by_execution(std::string_view operation) const {
    by_name made;
    auto number = number_of(operation);
    for (const auto& [id, counts] : by_execution_)
      if (auto count = find(counts, number); count > 0) made.emplace(id.str(), count);
    return made;
  }

 private:
  // The operation's number, and how often: few a execution, and many executions.
  using few_counts = boost::container::small_vector<std::pair<std::uint32_t, std::uint32_t>, 2>;

  std::size_t number_of(std::string_view operation) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), operation) - names_.begin());
  }
  static std::int64_t find(const few_counts& counts, std::size_t number) {
    for (const auto& [operation, count] : counts)
      if (operation == number) return count;
    return 0;
  }

  std::vector<std::string> names_;
  std::vector<std::int64_t> in_all_;
  std::unordered_map<shared_text, few_counts, shared_text::hash, shared_text::equal> by_execution_;
};

}  // namespace mistral::workflows::testing
