// A JSON value into a type of the user's: scalars, containers, and structs with a Boost.Describe description.
// Not the decoder of the API's own types, which reads bytes: see src/protocol/json.
#pragma once

#include <mistral/workflows/export.hpp>
#include <mistral/workflows/model/open_enum.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/describe/enumerators.hpp>
#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <boost/mp11/algorithm.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace mistral::workflows {

/// Where in a document a value stands. Lives on the stack of the reading; refers to the place around it.
class MISTRAL_WORKFLOWS_EXPORT json_place {
 public:
  /// The document itself; `operation` is how errors name the call that it came from. Both must outlive the
  /// place.
  json_place(const boost::json::value& document, std::string_view operation) noexcept
      : document_(&document), operation_(operation) {}

  /// The member `key` of the object at this place.
  json_place member(std::string_view key) const noexcept { return json_place(this, key, 0); }
  /// The element `index` (0-based) of the array at this place.
  json_place element(std::size_t index) const noexcept { return json_place(this, std::string_view(), index); }

  /// A JSON pointer: "/items/3/price".
  std::string path() const;

  /// Throws decode_error for the value at this place.
  [[noreturn]] void refuse(const std::string& reason) const;
  /// The same: "expected `expected`, found ..."
  [[noreturn]] void mismatch(std::string_view expected, const boost::json::value& found) const;

 private:
  json_place(const json_place* around, std::string_view key, std::size_t index) noexcept
      : around_(around), key_(key), index_(index) {}

  const json_place* around_ = nullptr;
  std::string_view key_;  // null data: an element
  std::size_t index_ = 0;
  const boost::json::value* document_ = nullptr;
  std::string_view operation_;
};

/// Reads `from` into `out`; what cannot be read ends as decode_error at `place`. For types of your own,
/// `from_json` is the function to call.
template <class T>
void read_json(const boost::json::value& from, T& out, const json_place& place);

/// The value as a T:
///  - bool, integers (in range; a number with a fraction is none), floating point, std::string, open_enum,
///    boost::json types;
///  - std::optional: null or missing is empty;
///  - sequences with push_back, and maps with std::string as key;
///  - structs with BOOST_DESCRIBE_STRUCT: members by name; one that is missing is an error unless it is a
///    std::optional or a boost::json::value; JSON members that the struct does not have are passed over;
///  - enums with BOOST_DESCRIBE_ENUM: by name;
///  - everything else that boost::json::value_to takes.
/// T, its members and elements need a default constructor.
/// Errors: decode_error - `path()` points at the value that does not fit
template <class T>
T from_json(const boost::json::value& value, std::string_view operation = "from_json") {
  T out{};
  read_json(value, out, json_place(value, operation));
  return out;
}

/// The `result` of an answer, or the value itself, as a T. The awaitable may be all that is left of the
/// call's handle.
template <class T, class Answer>
boost::asio::awaitable<T> read_as(boost::asio::awaitable<Answer> pending, std::string operation) {
  const Answer answer = co_await std::move(pending);
  if constexpr (std::is_same_v<Answer, boost::json::value>)
    co_return from_json<T>(answer, operation);
  else
    co_return from_json<T>(answer.result, operation);
}

// What follows is how it is done.

/// An integer from `least` to `most`; else decode_error.
MISTRAL_WORKFLOWS_EXPORT std::int64_t read_signed(const boost::json::value& from, std::int64_t least,
                                                  std::int64_t most, const json_place& place);
/// An integer from 0 to `most`; else decode_error.
MISTRAL_WORKFLOWS_EXPORT std::uint64_t read_unsigned(const boost::json::value& from, std::uint64_t most,
                                                     const json_place& place);
/// A number, correctly rounded; else decode_error.
MISTRAL_WORKFLOWS_EXPORT double read_double(const boost::json::value& from, const json_place& place);
/// A text; else decode_error.
MISTRAL_WORKFLOWS_EXPORT std::string_view read_text(const boost::json::value& from, const json_place& place);

/// Whether a member of this type may be left out.
template <class T>
inline constexpr bool may_be_missing = std::same_as<T, boost::json::value>;
template <class T>
inline constexpr bool may_be_missing<std::optional<T>> = true;

/// Whether T is a std::optional.
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

/// Whether T is an open_enum.
template <class T>
inline constexpr bool is_open_enum = false;
/// Whether T is an open_enum.
template <class T>
inline constexpr bool is_open_enum<open_enum<T>> = true;

template <class T>
concept json_sequence = requires(T& t, typename T::value_type v) { t.push_back(std::move(v)); };
template <class T>
concept json_map = std::same_as<typename T::key_type, std::string> && requires { typename T::mapped_type; };

/// Reads a struct that BOOST_DESCRIBE_STRUCT describes, member by member.
template <class T>
void read_described(const boost::json::value& from, T& out, const json_place& place) {
  if (!from.is_object()) place.mismatch("an object", from);
  const boost::json::object& object = from.get_object();
  using members =
      boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;
  boost::mp11::mp_for_each<members>([&](auto d) {
    auto& member = out.*d.pointer;
    const std::string_view name(d.name);
    const json_place there = place.member(name);
    if (const boost::json::value* value =
            object.if_contains(boost::json::string_view(name.data(), name.size())))
      read_json(*value, member, there);
    else if constexpr (!may_be_missing<std::remove_cvref_t<decltype(member)>>)
      there.refuse("is missing");
  });
}

/// Reads an enumerator by its name.
template <class T>
void read_enumerator(const boost::json::value& from, T& out, const json_place& place) {
  const std::string_view text = read_text(from, place);
  bool known = false;
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<T>>([&](auto d) {
    if (text != d.name) return;
    out = d.value;
    known = true;
  });
  if (!known) place.refuse("\"" + std::string(text.substr(0, 64)) + "\" is no value of the enumeration");
}

/// Reads an array, element by element.
template <class T>
void read_sequence(const boost::json::value& from, T& out, const json_place& place) {
  if (!from.is_array()) place.mismatch("an array", from);
  out = T();
  for (const boost::json::value& value : from.get_array()) {
    typename T::value_type element{};
    read_json(value, element, place.element(out.size()));
    out.push_back(std::move(element));
  }
}

/// Reads an object with any keys.
template <class T>
void read_map(const boost::json::value& from, T& out, const json_place& place) {
  if (!from.is_object()) place.mismatch("an object", from);
  out = T();
  for (const auto& pair : from.get_object()) {
    const std::string_view key(pair.key().data(), pair.key().size());
    typename T::mapped_type element{};
    read_json(pair.value(), element, place.member(key));
    out.insert_or_assign(std::string(key), std::move(element));
  }
}

template <class T>
void read_json(const boost::json::value& from, T& out, const json_place& place) {
  if constexpr (std::same_as<T, boost::json::value>) {
    out = from;
  } else if constexpr (is_optional<T>) {
    if (from.is_null())
      out.reset();
    else
      read_json(from, out.emplace(), place);
  } else if constexpr (std::same_as<T, bool>) {
    if (!from.is_bool()) place.mismatch("a boolean", from);
    out = from.get_bool();
  } else if constexpr (std::signed_integral<T>) {
    out = static_cast<T>(
        read_signed(from, std::numeric_limits<T>::min(), std::numeric_limits<T>::max(), place));
  } else if constexpr (std::unsigned_integral<T>) {
    out = static_cast<T>(read_unsigned(from, std::numeric_limits<T>::max(), place));
  } else if constexpr (std::floating_point<T>) {
    out = static_cast<T>(read_double(from, place));
  } else if constexpr (std::same_as<T, std::string>) {
    out.assign(read_text(from, place));
  } else if constexpr (is_open_enum<T>) {
    out.assign(read_text(from, place));
  } else if constexpr (boost::describe::has_describe_enumerators<T>::value) {
    read_enumerator(from, out, place);
  } else if constexpr (std::is_class_v<T> && boost::describe::has_describe_members<T>::value) {
    read_described(from, out, place);
  } else if constexpr (json_map<T>) {
    read_map(from, out, place);
  } else if constexpr (json_sequence<T> && !std::same_as<T, boost::json::array> &&
                       !std::same_as<T, boost::json::string>) {
    read_sequence(from, out, place);
  } else {
    auto made = boost::json::try_value_to<T>(from);
    if (!made) place.refuse(made.error().message());
    out = *std::move(made);
  }
}

}  // namespace mistral::workflows
