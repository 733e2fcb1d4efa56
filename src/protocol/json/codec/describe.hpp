// The description of a struct and what follows from it: the reader's tables and the writing of members.
// A struct is described once, with BOOST_DESCRIBE_STRUCT and, where JSON differs from C++, `notes`.
#pragma once

#include "protocol/json/codec/codec_any.hpp"
#include "protocol/json/codec/codec_container.hpp"
#include "protocol/json/codec/codec_scalar.hpp"
#include "protocol/json/codec/codec_time.hpp"
#include "protocol/json/codec/codec_variant.hpp"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <array>
#include <string_view>
#include <type_traits>

namespace mistral::workflows::protocol {

/// What the type of a member does not say about its JSON.
struct note {
  std::string_view member;
  std::string_view json_name = std::string_view();
  bool defaulted = false;   ///< may be left out, and null stands for the default
  bool never_null = false;  ///< left out when empty, whatever the mode
  bool in_text = false;     ///< a number that stands in a string
  bool demanded = false;    ///< optional in C++, and yet never missing
};

constexpr note renamed(std::string_view member, std::string_view json_name) {
  return {.member = member, .json_name = json_name};
}
constexpr note defaulted(std::string_view member) { return {.member = member, .defaulted = true}; }
constexpr note never_null(std::string_view member) { return {.member = member, .never_null = true}; }
/// Both of the above: left out when empty.
constexpr note left_out(std::string_view member) {
  return {.member = member, .defaulted = true, .never_null = true};
}
constexpr note in_text(std::string_view member) { return {.member = member, .in_text = true}; }
constexpr note in_text_or_left_out(std::string_view member) {
  return {.member = member, .never_null = true, .in_text = true};
}
constexpr note demanded(std::string_view member) { return {.member = member, .demanded = true}; }

/// The notes on T's members; a member has one at most.
template <class T>
inline constexpr std::array<note, 0> notes{};

/// Whether T's members are camelCase in JSON.
template <class T>
inline constexpr bool camel_case = false;

/// The member of T that keeps the JSON members which T does not know, for types that a caller may send back.
template <class T>
inline constexpr std::nullptr_t keeps_others = nullptr;

/// Whether what does not fit in T is left out, as is what
/// is missing: one odd leaf does not cost the document.
template <class T>
inline constexpr bool forgives = false;

/// T's functions beyond its members, or a null pointer.
template <class T>
inline constexpr const object_hooks* hooks_of = nullptr;

template <class T>
using described_members =
    boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

/// A struct with a description.
template <class T>
concept described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

/// One member of T, as its description and notes have it.
template <class T, class D>
struct described_member {
  using type = std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>;

  static constexpr note own_note = [] {
    for (const note& n : notes<T>)
      if (n.member == D::name) return n;
    return note{.member = D::name};
  }();
  using format = std::conditional_t<own_note.in_text, number_in_text, void>;
  using value_codec = codec<type, format>;

  static constexpr std::string_view cpp_name = D::name;
  /// The key as it stands in a document: quoted, with its colon.
  static constexpr auto key_text = [] {
    constexpr std::string_view base = own_note.json_name.empty() ? cpp_name : own_note.json_name;
    std::array<char, base.size() + 4> made{};
    std::size_t n = 0;
    made[n++] = '"';
    for (std::size_t i = 0; i < base.size(); ++i) {
      if (camel_case<T> && own_note.json_name.empty() && base[i] == '_' && i + 1 < base.size())
        made[n++] = static_cast<char>(base[++i] - 'a' + 'A');
      else
        made[n++] = base[i];
    }
    made[n++] = '"';
    made[n++] = ':';
    return made;
  }();
  static constexpr std::string_view key = std::string_view(key_text.data());
  static constexpr std::string_view name = key.substr(1, key.size() - 3);
  static constexpr bool may_be_empty = nullable<type>;
  static constexpr bool required = own_note.demanded || (!may_be_empty && !own_note.defaulted);

  static const type& get(const T& object) { return object.*D::pointer; }

  /// Whether there is nothing to write but null.
  static bool empty(const type& value) {
    if constexpr (requires { value.absent(); })
      return !value.has_value();
    else if constexpr (may_be_empty)
      return !value.has_value();
    else if constexpr (std::is_same_v<type, boost::json::value>)
      return value.is_null();
    else
      return false;
  }
  /// Whether an empty value is left out.
  static bool skipped(const type& value, bool write_nulls) {
    if constexpr (requires { value.absent(); })
      return value.absent();
    else
      return !required && (!write_nulls || own_note.never_null);
  }

  static constexpr member entry() {
    member made{name, &table_of<type, format>,
                [](void* o) -> void* { return &(static_cast<T*>(o)->*D::pointer); }};
    if constexpr (!may_be_empty && own_note.defaulted)
      made.restore = [](void* o) { static_cast<T*>(o)->*D::pointer = T().*D::pointer; };
    made.required = required && !forgives<T>;
    return made;
  }
};

template <class T, class Members = described_members<T>>
struct member_entries;

template <class T, template <class...> class List, class... Ds>
struct member_entries<T, List<Ds...>> {
  static_assert(sizeof...(Ds) <= 64);
  static constexpr std::size_t count = sizeof...(Ds);
  /// With the nameless member that a table of a struct ends in.
  static constexpr std::array<member, count + 1> value = [] {
    std::array<member, count + 1> made{described_member<T, Ds>::entry()...};
    for (std::size_t i = 0; i < count; ++i) made[i].bit = std::uint64_t(1) << i;
    return made;
  }();
  static_assert(
      [] {
        std::size_t used = 0;
        for (const note& n : notes<T>) used += (std::size_t(n.member == Ds::name) + ... + 0);
        return used == notes<T>.size();
      }(),
      "a note names a member that is not described");
};

template <class T>
constexpr struct_table make_struct_table() {
  struct_table made;
  made.members = std::span(member_entries<T>::value).first(member_entries<T>::count);
  for (const member& m : made.members)
    if (m.required) made.required |= m.bit;
  made.forgiving = forgives<T>;
  made.hooks = hooks_of<T>;
  if constexpr (!std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>)
    made.others = [](void* o) { return &(static_cast<T*>(o)->*keeps_others<T>); };
  return made;
}

template <class T>
inline constexpr struct_table struct_table_of = make_struct_table<T>();

/// The members of a struct, each with a comma before it but the first.
template <class T>
void write_members(writer& w, const T& object, char& before) {
  boost::mp11::mp_for_each<described_members<T>>([&]<class D>(D) {
    using m = described_member<T, D>;
    const auto& value = m::get(object);
    const bool empty = m::empty(value);
    if (empty && m::skipped(value, w.write_nulls)) return;
    w.out += before;
    before = ',';
    w.out += m::key;
    if (empty)
      w.out += "null";
    else
      m::value_codec::write(w, value);
  });
}

template <described T>
struct codec<T> {
  static constexpr std::string_view expected = "an object";
  static bool object(reader& r, T& out) { return r.push_object(struct_table_of<T>, &out), true; }
  static void write(writer& w, const T& object) {
    char before = '{';
    write_members(w, object, before);
    if constexpr (!std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>) {
      for (const auto& pair : object.*keeps_others<T>) {
        w.out += before;
        before = ',';
        write_string(w.out, pair.key());
        w.out += ':';
        write_json(w.out, pair.value());
      }
    }
    w.out += before == '{' ? "{}" : "}";
  }
};

/// Whether all described members are equal.
template <described T>
bool equal(const T& a, const T& b) {
  bool same = true;
  boost::mp11::mp_for_each<described_members<T>>(
      [&]<class D>(D) { same = same && described_member<T, D>::get(a) == described_member<T, D>::get(b); });
  if constexpr (!std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>)
    same = same && a.*keeps_others<T> == b.*keeps_others<T>;
  return same;
}

}  // namespace mistral::workflows::protocol
