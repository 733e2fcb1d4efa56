// What the server did: how often each operation was carried out, in all and for each execution id.
// Not what it was asked: a request that was refused or never arrived whole is not counted here.
#pragma once

#include "testing/engine/common/shared_text.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace mistral::workflows::testing {

/// Operations are named as the client's calls: "workflows.execute", "executions.signal", "executions.query",
/// "executions.update", "executions.cancel", "executions.terminate", "executions.reset"
/// (a batch counts each id under the single operation). "started" counts starts of an id
/// however they came about: execute, a child, a schedule, a new id by continue-as-new.
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
    if (number < counts.size())
      ++counts[number];
    else
      ++others_[execution_id][number];
  }

  std::int64_t of(std::string_view operation) const {
    auto number = number_of(operation);
    return number == names_.size() ? 0 : in_all_[number];
  }
  std::int64_t of(std::string_view operation, std::string_view execution_id) const {
    auto number = number_of(operation);
    if (number >= few) return find_other(execution_id, number);
    auto entry = by_execution_.find(execution_id);
    return entry == by_execution_.end() ? 0 : entry->second[number];
  }

  using by_name = std::map<std::string, std::int64_t, std::less<>>;
  by_name in_all() const {
    by_name made;
    for (std::size_t number = 0; number < names_.size(); ++number)
      made.emplace(names_[number], in_all_[number]);
    return made;
  }
  /// For each execution id that it was done for.
  by_name by_execution(std::string_view operation) const {
    by_name made;
    auto number = number_of(operation);
    for (const auto& [id, counts] : by_execution_) {
      const std::int64_t count = number < few ? counts[number] : find_other(id, number);
      if (count > 0) made.emplace(id.str(), count);
    }
    return made;
  }

 private:
  // Most executions have been started, by an execute, and no more:
  // the first operations there are take no room of their own.
  static constexpr std::size_t few = 2;

  std::size_t number_of(std::string_view operation) const {
    return static_cast<std::size_t>(std::find(names_.begin(), names_.end(), operation) - names_.begin());
  }
  std::int64_t find_other(std::string_view execution_id, std::size_t number) const {
    auto entry = others_.find(execution_id);
    if (entry == others_.end()) return 0;
    auto count = entry->second.find(number);
    return count == entry->second.end() ? 0 : count->second;
  }

  template <class Value>
  using by_id = std::unordered_map<shared_text, Value, shared_text::hash, shared_text::equal>;

  std::vector<std::string> names_;
  std::vector<std::int64_t> in_all_;
  by_id<std::array<std::uint32_t, few>> by_execution_;
  by_id<std::map<std::size_t, std::int64_t>> others_;
};

}  // namespace mistral::workflows::testing
