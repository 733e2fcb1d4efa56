// What a recorded request must be, by the description alone.
// Not how it came to be sent: it knows no client.
#pragma once

#include "openapi/description.hpp"
#include "openapi/recorder.hpp"

#include <set>
#include <string>
#include <vector>

namespace openapi {

/// Watches the requests of one operation.
class request_check {
 public:
  explicit request_check(const operation& of) : of_(of) {}

  /// The path that each must have had, with the values of sample.hpp.
  std::string path() const;

  /// `all`: it was made with optional parameters; else nothing may be in it that is not required.
  void one(const recorded& request, bool all);
  /// After the last: what no request had.
  void missing();

  const std::vector<std::string>& problems() const noexcept { return problems_; }
  void problem(std::string text) { problems_.push_back(std::move(text)); }

 private:
  void headers(const recorded& request, bool all);
  void query(const recorded& request, bool all);
  void body(const recorded& request, bool all);
  void value(const json::value& schema, const std::string& name, const std::string& text, int index);
  void member_values(const json::value& schema, const json::value& node, const std::string& name,
                     const std::string& path, int index);
  void seen(const std::string& what, const json::value& value) { seen_[what].push_back(value); }
  void all_seen(const std::string& what, const json::value& schema);
  void all_members(const json::value& schema, const std::string& path);
  const parameter* find_parameter(const std::string& in, const std::string& name) const;

  const operation& of_;
  std::map<std::string, std::vector<json::value>> seen_;  ///< "query status", "body /schedule/policy"
  std::vector<std::string> problems_;
};

}  // namespace openapi
