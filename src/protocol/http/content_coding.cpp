#include "protocol/http/content_coding.hpp"

#include "protocol/http/request.hpp"

#include <algorithm>

namespace mistral::workflows::protocol {

std::string_view first_coding(std::string_view header) {
  constexpr std::string_view blank = " \t";
  while (!header.empty()) {
    std::string_view one = header.substr(0, header.find(','));
    header.remove_prefix(std::min(one.size() + 1, header.size()));
    one.remove_prefix(std::min(one.find_first_not_of(blank), one.size()));
    one = one.substr(0, one.find_last_not_of(blank) + 1);
    if (!one.empty() && !same_header(one, "identity")) return one;
  }
  return {};
}

}  // namespace mistral::workflows::protocol
