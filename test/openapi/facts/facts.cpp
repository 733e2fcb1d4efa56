#include "openapi/facts/facts.hpp"

#include <boost/json/serialize.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>

namespace openapi {

namespace json = boost::json;

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path);
  return std::string(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::string facts_text() { return read_file(OPENAPI_FACTS); }

std::string to_text(const json::object& facts) {
  std::string out;
  for (const auto& part : facts) {
    out += (out.empty() ? "{" : "},\n") + json::serialize(json::string(part.key())) + ": {";
    const char* separator = "\n";
    for (const auto& each : part.value().as_object()) {
      out += separator + json::serialize(json::string(each.key())) + ": " + json::serialize(each.value());
      separator = ",\n";
    }
    out += "\n";
  }
  return out + "}}\n";
}

std::vector<std::string> differences(const json::object& file, const json::object& description) {
  std::vector<std::string> out;
  for (const char* part : {"operations", "schemas"}) {
    const json::object &ours = file.at(part).as_object(), &theirs = description.at(part).as_object();
    std::set<std::string> names;
    for (const auto& each : ours) names.emplace(each.key());
    for (const auto& each : theirs) names.emplace(each.key());
    for (const std::string& name : names) {
      const json::value *here = ours.if_contains(name), *there = theirs.if_contains(name);
      if (here && there && *here == *there) continue;
      out.push_back(name + ": the file says " + (here ? json::serialize(*here) : "nothing") +
                    ", the description " + (there ? json::serialize(*there) : "nothing"));
    }
  }
  return out;
}

}  // namespace openapi
