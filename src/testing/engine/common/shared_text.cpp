#include "testing/engine/common/shared_text.hpp"

#include <cstring>
#include <new>

namespace mistral::workflows::testing {

shared_text::shared_text(std::string_view text) : block_(text.empty() ? nullptr : make_block(text)) {}

shared_text::block* shared_text::make_block(std::string_view text) {
  auto* made = static_cast<block*>(::operator new(sizeof(block) + text.size()));
  made->holders = 1;
  made->size = static_cast<std::uint32_t>(text.size());
  if (!text.empty()) std::memcpy(reinterpret_cast<char*>(made + 1), text.data(), text.size());
  return made;
}

optional_shared_text::optional_shared_text(const shared_text& text) : text_(text) {
  if (!text_.block_) text_.block_ = shared_text::make_block({});
}

void shared_text::release() {
  if (block_ && --block_->holders == 0) ::operator delete(block_);
}

}  // namespace mistral::workflows::testing
