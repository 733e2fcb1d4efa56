// The codecs of instants and durations, each with its form on the wire.
// Not the reading of that form: see date_time.hpp.
#pragma once

#include "protocol/json/codec/codec_scalar.hpp"
#include "protocol/json/date_time.hpp"

#include <mistral/workflows/model/timestamp.hpp>

namespace mistral::workflows::protocol {

template <>
struct codec<timestamp> {
  static constexpr std::string_view expected = "a date-time";
  static bool string(reader& r, timestamp& out, std::string_view text) {
    const auto value = parse_timestamp(text);
    if (!value) return r.fail("expected a date-time");
    return out = *value, true;
  }
  static void write(writer& w, timestamp value) {
    w.out += '"';
    w.out += format_timestamp(value);
    w.out += '"';
  }
};

template <>
struct codec<timestamp_ns> {
  static constexpr std::string_view expected = "nanoseconds or a date-time";
  static bool integer(reader&, timestamp_ns& out, std::int64_t value, std::string_view) {
    return out = timestamp_ns(std::chrono::nanoseconds(value)), true;
  }
  static bool real(reader& r, timestamp_ns& out, double, std::string_view text) {
    if (const auto value = whole_number(text)) return integer(r, out, *value, text);
    return r.fail("expected nanoseconds or a date-time");
  }
  static bool string(reader& r, timestamp_ns& out, std::string_view text) {
    const auto value = parse_timestamp_ns(text);
    if (!value) return r.fail("expected nanoseconds or a date-time");
    return out = *value, true;
  }
  static void write(writer& w, timestamp_ns value) { w.integer(value.time_since_epoch().count()); }
};

template <>
struct codec<timestamp_ns, number_in_text> {
  static constexpr std::string_view expected = "nanoseconds in a string";
  static bool string(reader& r, timestamp_ns& out, std::string_view text) {
    const auto count = codec<std::int64_t, number_in_text>::read(text);
    if (!count) return r.fail("expected nanoseconds in a string");
    return out = timestamp_ns(std::chrono::nanoseconds(*count)), true;
  }
  static bool integer(reader& r, timestamp_ns& out, std::int64_t value, std::string_view text) {
    return codec<timestamp_ns>::integer(r, out, value, text);
  }
  static bool real(reader& r, timestamp_ns& out, double value, std::string_view text) {
    return codec<timestamp_ns>::real(r, out, value, text);
  }
  static void write(writer& w, timestamp_ns value) {
    codec<std::int64_t, number_in_text>::write(w, value.time_since_epoch().count());
  }
};

template <>
struct codec<timestamp_ms> {
  static constexpr std::string_view expected = "milliseconds";
  static bool integer(reader&, timestamp_ms& out, std::int64_t value, std::string_view) {
    return out = timestamp_ms(std::chrono::milliseconds(value)), true;
  }
  static bool real(reader& r, timestamp_ms& out, double, std::string_view text) {
    if (const auto value = whole_number(text)) return integer(r, out, *value, text);
    return r.fail("expected milliseconds");
  }
  static void write(writer& w, timestamp_ms value) { w.integer(value.time_since_epoch().count()); }
};

template <>
struct codec<duration> {
  static constexpr std::string_view expected = "an ISO 8601 duration";
  static bool string(reader& r, duration& out, std::string_view text) {
    const auto value = parse_duration(text);
    if (!value) return r.fail("expected an ISO 8601 duration");
    return out = *value, true;
  }
  static void write(writer& w, duration value) {
    w.out += '"';
    w.out += format_duration(value);
    w.out += '"';
  }
};

}  // namespace mistral::workflows::protocol
