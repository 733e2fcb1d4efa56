#include "protocol/calls/batch.hpp"

#include <algorithm>
#include <unordered_set>

namespace mistral::workflows::protocol {

std::string lower_case(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::vector<std::string> without_duplicates(std::vector<std::string> ids, bool fold) {
  std::unordered_set<std::string> seen;
  std::erase_if(ids, [&](const std::string& id) { return !seen.insert(fold ? lower_case(id) : id).second; });
  return ids;
}

}  // namespace mistral::workflows::protocol
