// Every described type behind an interface that knows no
// types, so that a test over all of them is compiled once.
// Not how values are made: that is in json_samples.hpp, which one file includes.
#pragma once

#include "protocol/json/encode.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mistral::workflows::protocol::samples {

/// How much of a value there is.
enum class fill { required_only, everything, at_random };

/// A member of a described struct, by its JSON name.
struct member_name {
  std::string_view name;
  bool required = false;
};

/// What a described struct is, in a document.
struct object_facts {
  std::vector<member_name> members;
  bool keeps_others = false;  ///< unknown members survive
};

/// Which JSON values a member takes.
struct member_facts {
  bool string = false, number = false, boolean = false, array = false, object = false, null = false;
  bool date_time = false;
  bool forgiven = false;  ///< another value is left out, and no problem
};

class document_visitor {
 public:
  virtual void object(boost::json::object& node, const std::string& path, const object_facts& facts) = 0;
  virtual void member(boost::json::value& node, const std::string& path, const member_facts& facts) = 0;

 protected:
  ~document_visitor() = default;
};

/// A value of some described type.
class sample {
 public:
  virtual ~sample() = default;

  virtual std::string text(nulls empty = nulls::omit) const = 0;
  /// Empty where the document reads as this value; else what it reads as.
  virtual std::string difference(const std::string& document) const = 0;
  /// Whether reading this value in place of `earlier`, of the same type, leaves nothing of that.
  virtual bool replaces(const sample& earlier) const = 0;
  /// Shows every object and member of this value's document.
  virtual void walk(boost::json::value& document, document_visitor& visit) const = 0;
};

struct sample_type {
  std::string name;
  std::unique_ptr<sample> (*make)(std::uint64_t seed, fill how);
  /// Where a document, or an event in it, does not fit; nothing if all does.
  std::optional<std::string> (*blamed)(const std::string& document);
  bool keeps_others = false;
};

/// All described types.
const std::vector<sample_type>& all_types();

/// Any JSON.
boost::json::value any_json(std::uint64_t seed);
boost::json::value parsed(std::string_view text);
std::string pointer_token(std::string_view token);

}  // namespace mistral::workflows::protocol::samples
