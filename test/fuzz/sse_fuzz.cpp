// The parser and the resume policy together: bytes in any
// chunks, cut anywhere, give the same events, and none twice.
#include "protocol/follow/resume.hpp"
#include "protocol/follow/sse_parser.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace mistral::workflows::protocol;

constexpr std::size_t limit = 4096;

struct seen {
  seen() = default;

  std::string type, data, id;
  bool has_id = false;
  friend bool operator==(const seen&, const seen&) = default;
};

void require(bool holds) {
  if (!holds) std::abort();
}

// Chunk sizes come from `sizes`, in turn; each chunk has memory of its own.
std::vector<seen> parse(std::string_view input, std::string_view sizes, sse_problem& problem) {
  sse_limits limits;
  limits.line = limits.event = limit;
  sse_parser parser(limits);
  std::vector<seen> out;
  for (std::size_t at = 0, turn = 0; at < input.size(); ++turn) {
    const std::size_t size =
        sizes.empty() ? input.size() : 1 + static_cast<unsigned char>(sizes[turn % sizes.size()]) % 64;
    const auto part = input.substr(at, size);
    const std::vector<char> chunk(part.begin(), part.end());
    parser.feed(std::string_view(chunk.data(), chunk.size()));
    while (const auto event = parser.next()) {
      seen one;
      one.type = event->type;
      one.data = event->data;
      one.id = event->id;
      one.has_id = event->has_id;
      out.push_back(one);
    }
    at += part.size();
  }
  problem = parser.problem();
  return out;
}

// Everything is handed over on a first connection, then the server sends all of it
// again: nothing may come twice, up to the first event that no identity tells apart.
void resume(const std::vector<seen>& events) {
  resume_policy policy;
  policy.connected();
  const auto identity = [](const seen& one) {
    event_identity out;
    out.event_id = one.type;
    out.sse_id = one.id;
    out.has_sse_id = one.has_id;
    return out;
  };
  for (const auto& one : events) {
    require(!policy.is_duplicate(identity(one)));
    policy.handed_over(identity(one));
  }
  if (!policy.connected()) return;
  for (const auto& one : events) {
    const bool known = !one.type.empty() || (one.has_id && !one.id.empty());
    const bool duplicate = policy.is_duplicate(identity(one));
    if (events.size() <= resume_policy::memory) require(duplicate == known);
    if (!duplicate) break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const std::string_view all(reinterpret_cast<const char*>(bytes), count);
  const std::size_t sizes = count == 0 ? 0 : static_cast<std::size_t>(bytes[0]) % 16 + 1;
  if (count < sizes) return 0;
  const auto input = all.substr(sizes);
  sse_problem whole_problem = sse_problem::none;
  sse_problem cut_problem = sse_problem::none;
  const auto whole = parse(input, {}, whole_problem);
  const auto cut = parse(input, all.substr(0, sizes), cut_problem);
  require(whole_problem == cut_problem);
  require(whole == cut);
  resume(whole);
  return 0;
}
