#include "testing/engine/common/shared_text.hpp"

#include <cstring>
#include <new>

namespace mistral::workflows::testing {

shared_text::shared_text(std::string_view text) {
  if (text.empty()) return;
  auto* made = static_cast<block*>(::operator new(sizeof(block) + text.size()));
  made->holders = 1;
  made->size = static_cast<std::uint32_t>(text.size());
  std::memcpy(reinterpret_cast<char*>(made + 1), text.data(), text.size());
  block_ = made;
}

void shared_text::release() {
  if (block_ && --block_->holders == 0) ::operator delete(block_);
}

}  // namespace mistral::workflows::testing
