// Reads a request's query and JSON body member by member, and collects what does not fit for one 422.
// Not a schema: each operation says which members it knows; others are ignored, as the API does.
#pragma once

#include "testing/server/message/message.hpp"

#include <mistral/workflows/testing/clock.hpp>

#include <cstdint>
#include <initializer_list>

namespace mistral::workflows::testing {

using allowed_values = std::initializer_list<std::string_view>;

class query_reader {
 public:
  explicit query_reader(const request& from);

  std::optional<std::string> text(std::string_view name);
  /// All values of a repeated parameter.
  std::vector<std::string> texts(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t most);
  std::optional<bool> flag(std::string_view name);
  std::int64_t integer(std::string_view name, std::int64_t otherwise, std::int64_t least, std::int64_t most);
  std::optional<clock::time_point> time(std::string_view name);
  std::optional<std::string> choice(std::string_view name, allowed_values allowed);
  std::vector<std::string> choices(std::string_view name, allowed_values allowed);
  std::optional<std::string> uuid(std::string_view name);
  /// From JSON; nothing for null, too.
  std::optional<boost::json::object> object(std::string_view name);
  /// The parameters that nothing above has been asked for so far; each may come once, as `meaning`.
  std::vector<std::pair<std::string, std::string>> others(std::string_view meaning);

  void refuse(std::string_view name, std::string message, std::string type);
  /// Throws bad_request if anything was refused.
  void check() const;

 private:
  std::vector<std::pair<std::string, std::string>> values_;
  std::vector<std::string> asked_;  ///< names
  std::vector<problem> problems_;
};

/// The sequence in the header `Last-Event-ID` or the parameter
/// `last_event_id`: the id of the last event that a stream's reader has.
std::optional<std::int64_t> last_event_id(const request& asked, query_reader& query);

/// The body as one JSON object; throws bad_request at once where it is none.
class body_reader {
 public:
  explicit body_reader(const request& from);

  /// Nothing where the member is absent.
  const boost::json::value* find(std::string_view name) const;
  std::string text(std::string_view name);
  std::optional<std::string> text_or_null(std::string_view name);
  bool flag(std::string_view name, bool otherwise);
  std::int64_t integer(std::string_view name);
  std::optional<double> number_or_null(std::string_view name);
  std::vector<std::string> texts(std::string_view name, std::size_t least, std::size_t most);
  std::optional<bool> flag_or_null(std::string_view name);
  std::optional<std::vector<std::string>> texts_or_null(std::string_view name);
  std::vector<std::string> uuids(std::string_view name, std::size_t most);
  boost::json::value object_or_null(std::string_view name);
  /// An object whose values are text; empty where absent or null.
  boost::json::object text_map_or_null(std::string_view name);

  void refuse(std::string_view name, std::string message, std::string type);
  void check() const;

 private:
  const boost::json::value* required(std::string_view name);
  boost::json::object members_;
  std::vector<problem> problems_;
};

bool is_uuid(std::string_view text);
/// The parameter of a path as a UUID; throws bad_request.
std::string path_uuid(const request& from, std::size_t index, std::string_view name);

}  // namespace mistral::workflows::testing
