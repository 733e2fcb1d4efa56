// Which metadata an event must have to be in a stream, in the two forms in which a request says so.
// Not the reading of the request: see event_operations.cpp.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <utility>
#include <vector>

namespace mistral::workflows::testing {

class metadata_filter {
 public:
  metadata_filter() = default;
  /// `values`: from one JSON value; `texts`: from a parameter
  /// for each member, which has lost the type of its value.
  metadata_filter(boost::json::object values, std::vector<std::pair<std::string, std::string>> texts)
      : values_(std::move(values)), texts_(std::move(texts)) {}

  /// Whether nothing is asked for.
  bool empty() const noexcept { return values_.empty() && texts_.empty(); }
  /// Whether there are all members asked for, with the values asked for.
  bool fits(const boost::json::object& metadata) const;

 private:
  boost::json::object values_;
  std::vector<std::pair<std::string, std::string>> texts_;
};

}  // namespace mistral::workflows::testing
