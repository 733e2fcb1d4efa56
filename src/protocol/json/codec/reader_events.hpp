// What the reader does at each member and each string, of which
// most documents consist: inline, where the parser calls it.
// Not the rarer events: those are in reader.cpp.
#pragma once

#include "protocol/json/codec/codec_scalar.hpp"
#include "protocol/json/codec/reader.hpp"

#include <boost/config.hpp>

#include <cstdint>
#include <cstring>

namespace mistral::workflows::protocol {

/// Whether names of four letters or more are the same: compared in words, as a call of memcmp costs more.
inline bool same_long_name(std::string_view a, std::string_view b) {
  const auto equal_at = [&]<class Word>(std::size_t i, Word) {
    Word x, y;
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    return x == y;
  };
  const std::size_t n = a.size();
  if (n != b.size()) return false;
  if (n < 8) return n >= 4 && equal_at(0, std::uint32_t()) && equal_at(n - 4, std::uint32_t());
  if (!equal_at(0, std::uint64_t()) || !equal_at(n - 8, std::uint64_t())) return false;
  if (n > 16)
    for (std::size_t i = 8; i < n - 8; i += 8)
      if (!equal_at(i, std::uint64_t())) return false;
  return true;
}

BOOST_FORCEINLINE bool reader::string(std::string_view text) {
  if (mode_ != mode::typed) return other_string(text);
  begin_element();
  // What most strings are for, without a call through the table.
  if (table_ == &table_of<std::string>)
    return codec<std::string>::string(*this, *static_cast<std::string*>(target_), text);
  if (!table_) return true;
  if (!table_->string) return mismatch("a string");
  return table_->string(*this, target_, text);
}

// Servers send members in an order that is mostly ours: what to look at first is the member after the last.
BOOST_FORCEINLINE bool reader::key(std::string_view text) {
  if (mode_ != mode::typed || !top_->by_name) return other_key(text);
  frame& f = *top_;
  last_key_ = text.data();
  return same_long_name(f.expected->name, text) ? member_key(f, *f.expected) : member_key(f, text);
}

BOOST_FORCEINLINE bool reader::member_key(frame& f, const member& m) {
  f.expected = &m + 1;
  f.current = &m;
  table_ = m.value;
  target_ = m.address(f.target);
  if (f.seen & m.bit) table_->reset(target_);
  f.seen |= m.bit;
  if (f.hooks && f.hooks->chosen == &m) f.hooks->choose(*this, f);
  return true;
}

}  // namespace mistral::workflows::protocol
