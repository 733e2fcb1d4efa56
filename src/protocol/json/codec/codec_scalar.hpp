// The codecs of booleans, numbers, strings and enums.
// Not of times, which are strings or numbers too: see codec_time.hpp.
#pragma once

#include "protocol/json/codec/codec.hpp"

#include <mistral/workflows/model/open_enum.hpp>

#include <boost/config.hpp>

#include <charconv>
#include <concepts>
#include <string>
#include <utility>
#include <variant>

namespace mistral::workflows::protocol {

/// Format of a number that stands in a string on the wire.
struct number_in_text {};

template <>
struct codec<bool> {
  static constexpr std::string_view expected = "a boolean";
  static bool boolean(reader&, bool& out, bool value) { return out = value, true; }
  static void write(writer& w, bool value) { w.out += value ? "true" : "false"; }
};

template <std::signed_integral Integer>
struct codec<Integer> {
  static constexpr std::string_view expected = "an integer";
  static bool integer(reader& r, Integer& out, std::int64_t value, std::string_view) {
    if (!std::in_range<Integer>(value)) return r.fail("an integer out of range");
    return out = static_cast<Integer>(value), true;
  }
  static bool natural(reader& r, Integer&, std::uint64_t, std::string_view) {
    return r.fail("an integer out of range");
  }
  static bool real(reader& r, Integer& out, double, std::string_view text) {
    if (const auto value = whole_number(text)) return integer(r, out, *value, text);
    return r.fail(is_integral(text) ? "an integer out of range" : "expected an integer, found a fraction");
  }
  static void write(writer& w, Integer value) { w.integer(value); }
};

template <std::signed_integral Integer>
struct codec<Integer, number_in_text> {
  static constexpr std::string_view expected = "an integer in a string";
  static bool string(reader& r, Integer& out, std::string_view text) {
    const auto value = read(text);
    return value ? (out = *value, true) : r.fail("expected an integer in a string");
  }
  static std::optional<Integer> read(std::string_view text) {
    Integer value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
  }
  static bool integer(reader& r, Integer& out, std::int64_t value, std::string_view text) {
    return codec<Integer>::integer(r, out, value, text);
  }
  static bool real(reader& r, Integer& out, double value, std::string_view text) {
    return codec<Integer>::real(r, out, value, text);
  }
  static void write(writer& w, Integer value) {
    w.out += '"';
    w.integer(value);
    w.out += '"';
  }
};

template <>
struct codec<double> {
  static constexpr std::string_view expected = "a number";
  static bool real(reader& r, double& out, double approximation, std::string_view text) {
    const auto value = to_double(approximation, text);
    if (!value) return r.fail("a number out of range");
    return out = *value, true;
  }
  static bool integer(reader& r, double& out, std::int64_t value, std::string_view text) {
    return real(r, out, static_cast<double>(value), text);
  }
  static bool natural(reader& r, double& out, std::uint64_t value, std::string_view text) {
    return real(r, out, static_cast<double>(value), text);
  }
  static void write(writer& w, double value) { write_double(w.out, value); }
};

template <>
struct codec<std::string> {
  static constexpr std::string_view expected = "a string";
  // A new string takes just the memory it needs; assign() would
  // leave room to grow, and costs more even for short ones.
  static bool string(reader&, std::string& out, std::string_view text) {
    constexpr std::size_t within_itself = 15;
    if (text.size() > within_itself || out.capacity() > within_itself)
      replace(out, text);
    else
      std::construct_at(&out, text);  // has no memory to give back, takes none
    return true;
  }
  static void write(writer& w, const std::string& value) { write_string(w.out, value); }

 private:
  BOOST_NOINLINE static void replace(std::string& out, std::string_view text) { out = std::string(text); }
};

template <>
struct codec<std::monostate> {
  static constexpr std::string_view expected = "null";
  static bool null(reader&, std::monostate&) { return true; }
  static void write(writer& w, std::monostate) { w.out += "null"; }
};

template <class Enum>
struct codec<open_enum<Enum>> {
  static constexpr std::string_view expected = "a string";
  static bool string(reader&, open_enum<Enum>& out, std::string_view text) { return out.assign(text), true; }
  static void write(writer& w, const open_enum<Enum>& value) { write_string(w.out, value.text()); }
};

/// An enum that is a number on the wire; any value of its underlying type is kept.
template <class Enum>
  requires std::is_enum_v<Enum>
struct codec<Enum> {
  using underlying = std::underlying_type_t<Enum>;
  static constexpr std::string_view expected = "an integer";
  static bool integer(reader& r, Enum& out, std::int64_t value, std::string_view text) {
    underlying number = 0;
    if (!std::in_range<underlying>(value)) return codec<underlying>::integer(r, number, value, text);
    return out = static_cast<Enum>(value), true;
  }
  static bool real(reader& r, Enum& out, double value, std::string_view text) {
    if (const auto whole = whole_number(text)) return integer(r, out, *whole, text);
    underlying number = 0;
    return codec<underlying>::real(r, number, value, text);
  }
  static void write(writer& w, Enum value) { w.integer(static_cast<underlying>(value)); }
};

}  // namespace mistral::workflows::protocol
