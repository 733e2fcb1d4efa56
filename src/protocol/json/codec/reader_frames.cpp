// The objects and arrays that a reader is within: how one is entered, what its keys stand for, what it lacks.
#include "protocol/json/codec/reader_events.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace mistral::workflows::protocol {
namespace json = boost::json;

// The elements of a page are much alike, and little follows them: once the
// first is there, its length tells how many there will be. What comes within
// elements is not counted so, nor are lists beyond the usual length of a page.
void reader::make_room(const frame& array) {
  if (frames_.size() > 2 || !array.begin || !last_key_in_text() || last_key_ <= array.begin) return;
  const auto length = static_cast<std::size_t>(last_key_ - array.begin);
  const auto rest = static_cast<std::size_t>(text_.data() + text_.size() - last_key_);
  constexpr std::size_t most = 256;
  array.array->reserve(array.target, std::min(most, 1 + rest / length));
}

void reader::push_object(const struct_table& table, void* target, const object_hooks* hooks, void* owner) {
  top_ = &frames_.emplace_back(table, target, depth_, hooks, owner);
}

void reader::push_array(const array_table& table, void* target) {
  top_ = &frames_.emplace_back(table, target, depth_);
  if (last_key_in_text()) top_->begin = last_key_;
}

void reader::push_map(const map_table& table, void* target) {
  top_ = &frames_.emplace_back(table, target, depth_);
}

// Not before there is something to push: many objects are empty.
void reader::open_any() {
  if (!any_) any_.emplace(json::storage_ptr(), any_buffer_, sizeof any_buffer_);
  any_->reset();
  any_open_ = true;
}

void reader::capture(void* target, any_done done) {
  any_open_ = false;
  any_target_ = target;
  any_done_ = done;
  mode_ = mode::any;
  resume_depth_ = depth_ - 1;
}

bool reader::become(const struct_table& table, void* target, std::string_view name, std::string_view text) {
  top_->object = &table;
  top_->target = target;
  top_->expected = table.members.data();
  top_->seen = 0;
  return key(name) && string(text);
}

bool reader::check_required(const frame& object) {
  const std::uint64_t missing = object.object->required & ~object.seen;
  if (missing == 0) return true;
  return fail_missing(object,
                      object.object->members[static_cast<std::size_t>(std::countr_zero(missing))].name);
}

bool reader::other_key(std::string_view text) {
  if (mode_ == mode::skip) return true;
  if (mode_ == mode::any) {
    if (!any_open_) open_any();
    any_->push_key({text.data(), text.size()});
    return true;
  }
  frame& f = *top_;
  if (f.what == frame::kind::map) {
    aim(f.map->element, f.map->insert(f.target, text, f.key));
    return true;
  }
  last_key_ = text.data();
  if (!f.started) note_begin(f);
  if (f.failed) {
    aim(nullptr, nullptr);
    return true;
  }
  f.by_name = true;
  return member_key(f, text);
}

// Some members are left out, or come in another order.
bool reader::member_key(frame& f, std::string_view text) {
  const auto named = [text](const member& m) {
    return same_long_name(m.name, text) || (text.size() < 4 && m.name == text);
  };
  for (const member* m = f.expected; m->value; ++m)
    if (named(*m)) return member_key(f, *m);
  for (const member* m = f.object->members.data(); m != f.expected; ++m)
    if (named(*m)) return member_key(f, *m);
  return unknown_key(f, text);
}

bool reader::unknown_key(frame& f, std::string_view text) {
  f.current = nullptr;
  aim(nullptr, nullptr);
  if (f.hooks && f.hooks->unknown)
    f.hooks->unknown(*this, f);
  else if (f.object->others)
    aim(&any_value_table(), &(*f.object->others(f.target))[json::string_view(text.data(), text.size())]);
  return true;
}

}  // namespace mistral::workflows::protocol
