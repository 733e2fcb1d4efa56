// What the reader says when a document does not fit: where, and why.
#include "protocol/json/codec/reader.hpp"

namespace mistral::workflows::protocol {
namespace {

void append_token(std::string& path, std::string_view token) {
  path += '/';
  for (const char c : token) {
    if (c == '~')
      path += "~0";
    else if (c == '/')
      path += "~1";
    else
      path += c;
  }
}

}  // namespace

bool reader::mismatch(std::string_view found) {
  std::string reason = "expected ";
  reason += table_->expected;
  reason += ", found ";
  reason += found;
  return fail(std::move(reason));
}

bool reader::fail_missing(const frame& object, std::string_view name) {
  frames_[static_cast<std::size_t>(&object - frames_.data())].current = nullptr;
  return fail_at(path_of(object, name), "missing");
}

bool reader::fail(std::string reason) { return fail_at(path(), std::move(reason)); }

// In a forgiving object, or in a list or a map of one, what does not fit stays as a new value is.
bool reader::forgive() {
  auto around = frames_.rbegin();
  while (around != frames_.rend() && around->what != frame::kind::object) ++around;
  if (around == frames_.rend() || !around->object->forgiving) return false;
  frame& f = *top_;
  if (f.what != frame::kind::object) {
    if (table_ != nullptr) table_->reset(target_);
  } else if (f.current != nullptr) {
    f.current->value->reset(f.current->address(f.target));
  }
  mode_ = depth_ > f.depth ? mode::skip : mode::typed;
  resume_depth_ = f.depth;
  return true;
}

bool reader::fail_at(std::string where, std::string reason) {
  if (forgive()) return true;
  problem_ = decode_problem(std::move(where), std::move(reason));
  for (std::size_t i = frames_.size(); i-- > 0;) {
    frame& f = frames_[i];
    if (!f.hooks || !f.hooks->guards) continue;
    f.failed = true;
    f.by_name = false;
    while (frames_.size() > i + 1) frames_.pop_back();
    top_ = &frames_.back();
    mode_ = depth_ > f.depth ? mode::skip : mode::typed;
    resume_depth_ = f.depth;
    return true;
  }
  return false;
}

std::string reader::prefix(std::size_t frame_count) const {
  std::string made = base_path_;
  for (std::size_t i = 0; i < frame_count; ++i) {
    const frame& f = frames_[i];
    switch (f.what) {
      case frame::kind::object:
        if (f.current) append_token(made, f.current->name);
        break;
      case frame::kind::array:
        if (f.next > 0) append_token(made, std::to_string(f.next - 1));
        break;
      case frame::kind::map:
        append_token(made, f.key);
        break;
    }
  }
  return made;
}

std::string reader::path() const { return prefix(frames_.size()); }

std::string reader::path_of(const frame& f, std::string_view member_name) const {
  std::string made = prefix(static_cast<std::size_t>(&f - frames_.data()));
  if (!member_name.empty()) append_token(made, member_name);
  return made;
}

}  // namespace mistral::workflows::protocol
