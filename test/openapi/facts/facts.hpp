// The file facts.json: the facts of the API's description, a line for each operation and schema.
// Not the description, and not what the file says: see description.hpp.
#pragma once

#include <boost/json/object.hpp>

#include <string>
#include <vector>

namespace openapi {

/// As it stands in the sources.
std::string facts_text();

/// As reduce() gives it, the way the file is written.
std::string to_text(const boost::json::object& facts);

/// The names of operations and schemas that are not the same in both, with what each says.
std::vector<std::string> differences(const boost::json::object& file, const boost::json::object& description);

/// Throws where it cannot be read.
std::string read_file(const std::string& path);

}  // namespace openapi
