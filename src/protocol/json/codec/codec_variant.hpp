// The codec of variants that the kind of a JSON value tells apart.
// Not of those that a member tells apart, such as events: see describe_event.hpp.
#pragma once

#include "protocol/json/codec/codec.hpp"

#include <concepts>
#include <string>
#include <variant>

namespace mistral::workflows::protocol {

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
    return pick<0>(
        r, v, "a number",
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
