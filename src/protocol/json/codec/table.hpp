// The tables that tell the reader where in a C++ object each
// JSON value goes: plain data and plain function pointers.
// Not made by hand: describe.hpp makes them from a struct's description.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mistral::workflows::protocol {

class reader;
struct frame;

/// How a value of one C++ type takes each kind of JSON value. A null pointer: it does not take that kind.
/// Each returns false to end the document, after `reader::fail`.
struct value_table {
  std::string_view expected;  ///< for messages: "a string"
  bool (*null)(reader&, void* target) = nullptr;
  bool (*boolean)(reader&, void* target, bool) = nullptr;
  bool (*integer)(reader&, void* target, std::int64_t, std::string_view text) = nullptr;
  bool (*natural)(reader&, void* target, std::uint64_t, std::string_view text) = nullptr;  ///< beyond int64
  bool (*real)(reader&, void* target, double approximation, std::string_view text) = nullptr;
  bool (*string)(reader&, void* target, std::string_view) = nullptr;
  bool (*object)(reader&, void* target) = nullptr;
  bool (*array)(reader&, void* target) = nullptr;
  void (*reset)(void* target) = nullptr;  ///< back to a fresh value, for a member that comes twice
};

/// One member of a struct.
struct member {
  std::string_view name;  ///< in JSON
  const value_table* value = nullptr;
  void* (*address)(void* object) = nullptr;
  void (*restore)(void* object) =
      nullptr;  ///< takes the default, where null stands for it; else a null pointer
  bool required = false;
  std::uint64_t bit = 0;  ///< its own among those of the struct: the first member has the lowest
};

/// What a type does beyond filling members one by one (unions, events).
struct object_hooks {
  bool guards = false;                        ///< a problem inside ends this object, not the document
  bool (*finish)(reader&, frame&) = nullptr;  ///< instead of the check for missing members
  const member* chosen = nullptr;             ///< whose value goes where `choose` points the reader
  void (*choose)(reader&, frame&) = nullptr;
  void (*unknown)(reader&, frame&) = nullptr;  ///< told of keys that no member has
};

struct struct_table {
  std::span<const member> members;  ///< at most 64; a nameless one follows them
  std::uint64_t required = 0;       ///< one bit a member
  const object_hooks* hooks = nullptr;
  boost::json::object* (*others)(void* object) =
      nullptr;             ///< where unknown members are kept, or a null pointer
  bool forgiving = false;  ///< a value that does not fit is left out, and no member has to be there
};

struct array_table {
  const value_table* element = nullptr;
  /// Makes room for the element at `index`; may choose another table for it.
  void* (*append)(void* container, std::size_t index, const value_table*& element) = nullptr;
  void (*reserve)(void* container, std::size_t count) = nullptr;  ///< a null pointer: of fixed length
  std::size_t at_least = 0, at_most = SIZE_MAX;
};

struct map_table {
  const value_table* element = nullptr;
  void* (*insert)(void* container, std::string_view key, std::string_view& stored_key) = nullptr;
};

}  // namespace mistral::workflows::protocol
