// How each kind of C++ type is read from JSON and written to it: scalars, containers, optionals, variants.
// Not structs: describe.hpp reads and writes those by their description.
#pragma once

#include "protocol/json/date_time.hpp"
#include "protocol/json/reader.hpp"
#include "protocol/json/writer.hpp"

#include <mistral/workflows/model/open_enum.hpp>
#include <mistral/workflows/model/patch_field.hpp>
#include <mistral/workflows/model/timestamp.hpp>

#include <concepts>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace mistral::workflows::protocol {

/// Format of a number that stands in a string on the wire.
struct number_in_text {};

/// Specialised for every type that can stand in the model: functions named as in value_table for each kind of JSON value
/// it takes, `write`, and `expected` for messages. `Format` tells apart types with two forms on the wire.
template <class T, class Format = void>
struct codec;

/// Back to a fresh value, which takes no memory and thus cannot fail.
template <class T>
void renew(T& value) noexcept {
  std::destroy_at(&value);
  std::construct_at(&value);
}

template <class T, class Format>
constexpr value_table make_value_table() {
  using c = codec<T, Format>;
  value_table made{c::expected};
  const auto as = [](void* target) -> T& { return *static_cast<T*>(target); };
  static_assert(std::is_empty_v<decltype(as)>);
  if constexpr (requires(reader& r, T& t) { c::null(r, t); })
    made.null = [](reader& r, void* t) { return c::null(r, *static_cast<T*>(t)); };
  if constexpr (requires(reader& r, T& t) { c::boolean(r, t, true); })
    made.boolean = [](reader& r, void* t, bool v) { return c::boolean(r, *static_cast<T*>(t), v); };
  if constexpr (requires(reader& r, T& t, std::int64_t v, std::string_view s) { c::integer(r, t, v, s); })
    made.integer = [](reader& r, void* t, std::int64_t v, std::string_view s) {
      return c::integer(r, *static_cast<T*>(t), v, s);
    };
  if constexpr (requires(reader& r, T& t, std::uint64_t v, std::string_view s) { c::natural(r, t, v, s); })
    made.natural = [](reader& r, void* t, std::uint64_t v, std::string_view s) {
      return c::natural(r, *static_cast<T*>(t), v, s);
    };
  if constexpr (requires(reader& r, T& t, double v, std::string_view s) { c::real(r, t, v, s); })
    made.real = [](reader& r, void* t, double v, std::string_view s) { return c::real(r, *static_cast<T*>(t), v, s); };
  if constexpr (requires(reader& r, T& t, std::string_view s) { c::string(r, t, s); })
    made.string = [](reader& r, void* t, std::string_view s) { return c::string(r, *static_cast<T*>(t), s); };
  if constexpr (requires(reader& r, T& t) { c::object(r, t); })
    made.object = [](reader& r, void* t) { return c::object(r, *static_cast<T*>(t)); };
  if constexpr (requires(reader& r, T& t) { c::array(r, t); })
    made.array = [](reader& r, void* t) { return c::array(r, *static_cast<T*>(t)); };
  made.reset = [](void* t) { renew(*static_cast<T*>(t)); };
  return made;
}

template <class T, class Format = void>
inline constexpr value_table table_of = make_value_table<T, Format>();

/// Whether a member of this type may be left out of a document, and null when it is empty.
template <class T>
inline constexpr bool nullable = false;
template <class T>
inline constexpr bool nullable<std::optional<T>> = true;
template <class T>
inline constexpr bool nullable<patch_field<T>> = true;

// Scalars

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
  static bool real(reader& r, Integer&, double, std::string_view text) {
    return r.fail(is_integral(text) ? "an integer out of range" : "expected an integer, found a fraction");
  }
  static void write(writer& w, Integer value) { w.integer(value); }
};

template <std::signed_integral Integer>
struct codec<Integer, number_in_text> {
  static constexpr std::string_view expected = "an integer in a string";
  static bool string(reader& r, Integer& out, std::string_view text) {
    Integer value = 0;
    const char* const end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return r.fail("expected an integer in a string");
    return out = value, true;
  }
  static bool integer(reader& r, Integer& out, std::int64_t value, std::string_view text) {
    return codec<Integer>::integer(r, out, value, text);
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
  // A new string takes just the memory it needs; assign() would leave room to grow.
  static bool string(reader&, std::string& out, std::string_view text) { return out = std::string(text), true; }
  static void write(writer& w, const std::string& value) { write_string(w.out, value); }
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
  static void write(writer& w, Enum value) { w.integer(static_cast<underlying>(value)); }
};

// Time

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
    std::int64_t count = 0;
    const bool good = codec<std::int64_t, number_in_text>::string(r, count, text);
    return out = timestamp_ns(std::chrono::nanoseconds(count)), good;
  }
  static bool integer(reader& r, timestamp_ns& out, std::int64_t value, std::string_view text) {
    return codec<timestamp_ns>::integer(r, out, value, text);
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

// Any JSON

template <>
struct codec<boost::json::value> {
  using value = boost::json::value;
  static constexpr std::string_view expected = "a value";
  static bool null(reader&, value& out) { return out = nullptr, true; }
  static bool boolean(reader&, value& out, bool v) { return out = v, true; }
  static bool integer(reader&, value& out, std::int64_t v, std::string_view) { return out = v, true; }
  static bool natural(reader&, value& out, std::uint64_t v, std::string_view) { return out = v, true; }
  static bool real(reader&, value& out, double v, std::string_view text) { return out = any_number(v, text), true; }
  static bool string(reader&, value& out, std::string_view text) {
    return out = boost::json::string_view(text.data(), text.size()), true;
  }
  static bool object(reader& r, value& out) { return r.capture(&out, &take), true; }
  static bool array(reader& r, value& out) { return r.capture(&out, &take), true; }
  static void write(writer& w, const value& v) { write_json(w.out, v); }

 private:
  static bool take(reader&, void* target, value&& made) { return *static_cast<value*>(target) = std::move(made), true; }
};

template <>
struct codec<boost::json::object> {
  static constexpr std::string_view expected = "an object";
  static bool object(reader& r, boost::json::object& out) {
    r.capture(&out, [](reader&, void* target, boost::json::value&& made) {
      return *static_cast<boost::json::object*>(target) = std::move(made.as_object()), true;
    });
    return true;
  }
  static void write(writer& w, const boost::json::object& v) {
    char before = '{';
    for (const auto& pair : v) {
      w.out += before;
      write_string(w.out, pair.key());
      w.out += ':';
      write_json(w.out, pair.value());
      before = ',';
    }
    w.out += before == '{' ? "{}" : "}";
  }
};

template <>
struct codec<boost::json::array> {
  static constexpr std::string_view expected = "an array";
  static bool array(reader& r, boost::json::array& out) {
    r.capture(&out, [](reader&, void* target, boost::json::value&& made) {
      return *static_cast<boost::json::array*>(target) = std::move(made.as_array()), true;
    });
    return true;
  }
  static void write(writer& w, const boost::json::array& v) {
    char before = '[';
    for (const auto& element : v) {
      w.out += before;
      write_json(w.out, element);
      before = ',';
    }
    w.out += before == '[' ? "[]" : "]";
  }
};

// What may be empty

/// Forwards each kind of value that T takes to a T made in `Holder`.
template <class Holder, class T, class Format>
struct codec_in {
  using inner = codec<T, Format>;
  static constexpr std::string_view expected = inner::expected;
  static bool boolean(reader& r, Holder& h, bool v)
    requires requires(T& t) { inner::boolean(r, t, v); }
  {
    return inner::boolean(r, h.emplace(), v);
  }
  static bool integer(reader& r, Holder& h, std::int64_t v, std::string_view s)
    requires requires(T& t) { inner::integer(r, t, v, s); }
  {
    return inner::integer(r, h.emplace(), v, s);
  }
  static bool natural(reader& r, Holder& h, std::uint64_t v, std::string_view s)
    requires requires(T& t) { inner::natural(r, t, v, s); }
  {
    return inner::natural(r, h.emplace(), v, s);
  }
  static bool real(reader& r, Holder& h, double v, std::string_view s)
    requires requires(T& t) { inner::real(r, t, v, s); }
  {
    return inner::real(r, h.emplace(), v, s);
  }
  static bool string(reader& r, Holder& h, std::string_view s)
    requires requires(T& t) { inner::string(r, t, s); }
  {
    if constexpr (std::is_same_v<T, std::string>)
      return h.emplace(s), true;
    else
      return inner::string(r, h.emplace(), s);
  }
  static bool object(reader& r, Holder& h)
    requires requires(T& t) { inner::object(r, t); }
  {
    return inner::object(r, h.emplace());
  }
  static bool array(reader& r, Holder& h)
    requires requires(T& t) { inner::array(r, t); }
  {
    return inner::array(r, h.emplace());
  }
};

template <class T, class Format>
struct codec<std::optional<T>, Format> : codec_in<std::optional<T>, T, Format> {
  static bool null(reader&, std::optional<T>& out) { return out.reset(), true; }
  static void write(writer& w, const std::optional<T>& value) { codec<T, Format>::write(w, *value); }
};

template <class T, class Format>
struct codec<patch_field<T>, Format> : codec_in<patch_field<T>, T, Format> {
  static bool null(reader&, patch_field<T>& out) { return out.set_null(), true; }
  static void write(writer& w, const patch_field<T>& field) { codec<T, Format>::write(w, field.value()); }
};

// Containers

template <class T>
struct codec<std::vector<T>> {
  static constexpr std::string_view expected = "an array";
  static constexpr array_table table{
      &table_of<T>,
      [](void* container, std::size_t, const value_table*&) -> void* {
        return &static_cast<std::vector<T>*>(container)->emplace_back();
      },
      [](void* container, std::size_t count) { static_cast<std::vector<T>*>(container)->reserve(count); }};
  static bool array(reader& r, std::vector<T>& out) {
    out.clear();
    return r.push_array(table, &out), true;
  }
  static void write(writer& w, const std::vector<T>& value) {
    char before = '[';
    for (const T& element : value) {
      w.out += before;
      codec<T>::write(w, element);
      before = ',';
    }
    w.out += before == '[' ? "[]" : "]";
  }
};

template <class T>
struct codec<std::map<std::string, T>> {
  using container = std::map<std::string, T>;
  static constexpr std::string_view expected = "an object";
  static constexpr map_table table{
      &table_of<T>, [](void* target, std::string_view key, std::string_view& stored) -> void* {
        const auto at = static_cast<container*>(target)->insert_or_assign(std::string(key), T());
        stored = at.first->first;
        return &at.first->second;
      }};
  static bool object(reader& r, container& out) {
    out.clear();
    return r.push_map(table, &out), true;
  }
  static void write(writer& w, const container& value) {
    char before = '{';
    for (const auto& [key, element] : value) {
      w.out += before;
      write_string(w.out, key);
      w.out += ':';
      codec<T>::write(w, element);
      before = ',';
    }
    w.out += before == '{' ? "{}" : "}";
  }
};

/// A variant whose alternatives are told apart by the kind of JSON value; the first that takes it wins.
template <class... Ts>
struct codec<std::variant<Ts...>> {
  using variant = std::variant<Ts...>;
  static constexpr std::string_view expected = "one of several kinds of value";

  static bool null(reader& r, variant& v) {
    return pick<0>(
        r, v, "null",
        [](auto& t, auto c, auto& rd)
          requires requires { c.null(rd, t); }
        { return c.null(rd, t); });
  }
  static bool boolean(reader& r, variant& v, bool b) {
    return pick<0>(
        r, v, "a boolean",
        [b](auto& t, auto c, auto& rd)
          requires requires { c.boolean(rd, t, b); }
        { return c.boolean(rd, t, b); });
  }
  static bool integer(reader& r, variant& v, std::int64_t i, std::string_view s) {
    return pick<0>(
        r, v, "a number",
        [i, s](auto& t, auto c, auto& rd)
          requires requires { c.integer(rd, t, i, s); }
        { return c.integer(rd, t, i, s); });
  }
  static bool natural(reader& r, variant& v, std::uint64_t i, std::string_view s) {
    return pick<0>(
        r, v, "a number",
        [i, s](auto& t, auto c, auto& rd)
          requires requires { c.natural(rd, t, i, s); }
        { return c.natural(rd, t, i, s); });
  }
  static bool real(reader& r, variant& v, double d, std::string_view s) {
    // An integer that is too large is not a fraction: no alternative may round it.
    if (is_integral(s)) return r.fail("an integer out of range");
    return pick<0>(r, v, "a number",
                   [d, s](auto& t, auto c, auto& rd)
                     requires(requires { c.real(rd, t, d, s); } && !std::integral<std::remove_reference_t<decltype(t)>>)
                   { return c.real(rd, t, d, s); });
  }
  static bool string(reader& r, variant& v, std::string_view s) {
    return pick<0>(
        r, v, "a string",
        [s](auto& t, auto c, auto& rd)
          requires requires { c.string(rd, t, s); }
        { return c.string(rd, t, s); });
  }
  static bool object(reader& r, variant& v) {
    return pick<0>(
        r, v, "an object",
        [](auto& t, auto c, auto& rd)
          requires requires { c.object(rd, t); }
        { return c.object(rd, t); });
  }
  static bool array(reader& r, variant& v) {
    return pick<0>(
        r, v, "an array",
        [](auto& t, auto c, auto& rd)
          requires requires { c.array(rd, t); }
        { return c.array(rd, t); });
  }
  static void write(writer& w, const variant& v) {
    std::visit([&w]<class T>(const T& value) { codec<T>::write(w, value); }, v);
  }

 private:
  template <std::size_t I, class F>
  static bool pick(reader& r, variant& v, std::string_view found, F take) {
    if constexpr (I == sizeof...(Ts)) {
      return r.fail("not expected here: " + std::string(found));
    } else {
      using alternative = std::variant_alternative_t<I, variant>;
      if constexpr (std::invocable<F, alternative&, codec<alternative>, reader&>)
        return take(v.template emplace<I>(), codec<alternative>(), r);
      else
        return pick<I + 1>(r, v, found, take);
    }
  }
};

}  // namespace mistral::workflows::protocol
