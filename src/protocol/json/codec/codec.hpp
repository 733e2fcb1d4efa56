// How a C++ type is read from JSON and written to it: the template that each
// kind of type specialises, and the table that the reader gets of it. Not the
// kinds: those are in the codec_*.hpp files beside it, structs in describe.hpp.
#pragma once

#include "protocol/json/codec/reader.hpp"
#include "protocol/json/codec/writer.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>

namespace mistral::workflows::protocol {

/// Specialised for every type that can stand in the model: functions named as
/// in value_table for each kind of JSON value it takes, `write`, and `expected`
/// for messages. `Format` tells apart types with two forms on the wire.
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
    made.real = [](reader& r, void* t, double v, std::string_view s) {
      return c::real(r, *static_cast<T*>(t), v, s);
    };
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

}  // namespace mistral::workflows::protocol
