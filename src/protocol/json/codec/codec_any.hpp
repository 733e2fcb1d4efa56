// The codecs of members that are any JSON, or any object or array: the only ones that become a DOM.
// Not a way to read structs: see describe.hpp.
#pragma once

#include "protocol/json/codec/codec.hpp"

#include <boost/json/value.hpp>

namespace mistral::workflows::protocol {

/// Moves `made` to `out`, which uses the same memory resource, the default one: assignment would have to ask.
template <class T>
void put(T& out, T& made) noexcept {
  std::destroy_at(&out);
  std::construct_at(&out, boost::json::pilfer(made));
}

template <>
struct codec<boost::json::value> {
  using value = boost::json::value;
  static constexpr std::string_view expected = "a value";
  static bool null(reader&, value& out) { return out = nullptr, true; }
  static bool boolean(reader&, value& out, bool v) { return out = v, true; }
  static bool integer(reader&, value& out, std::int64_t v, std::string_view) { return out = v, true; }
  static bool natural(reader&, value& out, std::uint64_t v, std::string_view) { return out = v, true; }
  static bool real(reader&, value& out, double v, std::string_view text) {
    return out = any_number(v, text), true;
  }
  static bool string(reader&, value& out, std::string_view text) {
    return out = boost::json::string_view(text.data(), text.size()), true;
  }
  static bool object(reader& r, value& out) { return r.capture(&out, &take), true; }
  static bool array(reader& r, value& out) { return r.capture(&out, &take), true; }
  static void write(writer& w, const value& v) { write_json(w.out, v); }

 private:
  static bool take(reader&, void* target, value&& made) {
    return put(*static_cast<value*>(target), made), true;
  }
};

template <>
struct codec<boost::json::object> {
  static constexpr std::string_view expected = "an object";
  static bool object(reader& r, boost::json::object& out) {
    r.capture(&out, [](reader&, void* target, boost::json::value&& made) {
      return put(*static_cast<boost::json::object*>(target), made.as_object()), true;
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
      return put(*static_cast<boost::json::array*>(target), made.as_array()), true;
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

}  // namespace mistral::workflows::protocol
