#include "protocol/calls/page_walk.hpp"

#include <utility>

namespace mistral::workflows::protocol {

page_walk::page_walk(std::optional<std::string> first) : cursor_(std::move(first)), mark_(cursor_) {}

void page_walk::advance(std::optional<std::string> next) {
  if (!next || next->empty()) {
    over_ = true;
    return;
  }
  circular_ = next == cursor_ || next == mark_;
  cursor_ = std::move(next);
  if (++since_mark_ < until_next_mark_) return;
  mark_ = cursor_;
  since_mark_ = 0;
  until_next_mark_ *= 2;
}

}  // namespace mistral::workflows::protocol
