// What the reader does at each member and each string, of which most documents consist: inline, where the parser calls it.
// Not the rarer events: those are in reader.cpp.
#pragma once

#include "protocol/json/reader.hpp"

#include <cstdint>
#include <cstring>
#include <span>

namespace mistral::workflows::protocol {

// Names are short: a call of memcmp costs more than comparing them here.
inline bool same_name(std::string_view a, std::string_view b) {
  const auto equal_at = [&]<class Word>(std::size_t i, Word) {
    Word x, y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    return x == y;
  };
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  if (n < 4) return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
  if (n < 8) return equal_at(0, std::uint32_t()) && equal_at(n - 4, std::uint32_t());
  for (std::size_t i = 0; i + 8 < n; i += 8)
    if (!equal_at(i, std::uint64_t())) return false;
  return equal_at(n - 8, std::uint64_t());
}

// Servers send members in an order that is mostly ours, with some left out.
inline std::size_t find_member(std::span<const member> members, std::string_view name, std::size_t expected) {
  for (std::size_t i = expected; i < members.size(); ++i)
    if (same_name(members[i].name, name)) return i;
  for (std::size_t i = 0; i < expected; ++i)
    if (same_name(members[i].name, name)) return i;
  return members.size();
}

inline void reader::begin_element() {
  if (top_ && top_->what == frame::kind::array) {
    const array_table& array = *top_->array;
    table_ = array.element;
    const std::size_t index = top_->next++;
    if (index == 1 && array.reserve) make_room(*top_);
    if (index < array.at_most)
      target_ = array.append(top_->target, index, table_);
    else
      table_ = nullptr;
  }
}

inline bool reader::string(std::string_view text) {
  if (mode_ == mode::typed) {
    begin_element();
    if (!table_) return true;
    if (!table_->string) return mismatch("a string");
    return table_->string(*this, target_, text);
  }
  if (mode_ == mode::any) any_->push_string({text.data(), text.size()});
  return true;
}

inline bool reader::key(std::string_view text, const char* in_text) {
  if (mode_ == mode::skip) return true;
  if (mode_ == mode::any) {
    any_->push_key({text.data(), text.size()});
    return true;
  }
  frame& f = *top_;
  if (f.what == frame::kind::map) {
    target_ = f.map->insert(f.target, text, f.key);
    table_ = f.map->element;
    return true;
  }
  last_key_ = in_text;
  if (f.hooks && !f.started) note_begin(f, in_text);
  if (f.failed) {
    aim(nullptr, nullptr);
    return true;
  }
  const auto members = f.object->members;
  const std::size_t i = find_member(members, text, f.next);
  if (i == members.size()) return unknown_key(f, text);
  const member& m = members[i];
  f.next = i + 1;
  f.current = &m;
  table_ = m.value;
  target_ = m.address(f.target);
  const std::uint64_t bit = std::uint64_t(1) << i;
  if (f.seen & bit) table_->reset(target_);
  f.seen |= bit;
  if (f.hooks && f.hooks->choose) f.hooks->choose(*this, f, &m);
  return true;
}

}  // namespace mistral::workflows::protocol
