// The codecs of types that hold other types: optionals, patch fields, lists and maps.
// Not of variants: see codec_variant.hpp.
#pragma once

#include "protocol/json/codec/codec.hpp"

#include <mistral/workflows/model/patch_field.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mistral::workflows::protocol {

/// Whether a member of this type may be left out of a document, and null when it is empty.
template <class T>
inline constexpr bool nullable = false;
template <class T>
inline constexpr bool nullable<std::optional<T>> = true;
template <class T>
inline constexpr bool nullable<patch_field<T>> = true;

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

}  // namespace mistral::workflows::protocol
