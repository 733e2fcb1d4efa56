// Values of any described type, made from its description alone, and their documents taken apart again.
// Not a test, and slow to compile: json_types.cpp alone includes it, and the tests use json_types.hpp.
#pragma once

#include "protocol/json/json_types.hpp"

#include "protocol/json/decode.hpp"
#include "protocol/json/encode.hpp"
#include "protocol/json/model/describe_all.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <random>
#include <stdexcept>

namespace mistral::workflows::protocol::samples {

namespace json = boost::json;

class maker {
 public:
  maker(std::uint64_t seed, fill how) : random_(seed), fill_(how) {}

  template <class T>
  T make() {
    T made{};
    set(made);
    return made;
  }

  std::uint64_t number(std::uint64_t below) { return random_() % below; }

 private:
  bool present() { return fill_ == fill::everything || (fill_ == fill::at_random && number(2) == 0); }
  std::size_t count() {
    if (fill_ == fill::required_only || depth_ > 5) return 0;
    const std::size_t most = depth_ < 2 ? 2 : 1;
    return fill_ == fill::everything ? most : static_cast<std::size_t>(number(most + 2));
  }

  void set(bool& v) { v = number(2) == 0; }
  template <std::signed_integral I>
  void set(I& v) {
    constexpr I edges[] = {0, 1, -1, std::numeric_limits<I>::min(), std::numeric_limits<I>::max()};
    v = number(2) ? edges[number(5)] : static_cast<I>(random_());
  }
  void set(double& v) {
    do v = std::bit_cast<double>(random_());
    while (!std::isfinite(v));
  }
  void set(std::string& v) {
    static constexpr std::string_view pieces[] = {
        "a", "Zebra", "\"", "\\", "\n", "\x01", "\xc3\xa9", "\xf0\x9f\x98\x80", "/", "~", " ", "{}", "\x7f"};
    v.clear();
    for (auto n = number(6); n > 0; --n) v += pieces[number(std::size(pieces))];
  }
  void set(timestamp& v) {
    using namespace std::chrono;
    constexpr auto first = sys_days(year(1) / 1 / 1), last = sys_days(year(9999) / 12 / 31);
    const auto span = static_cast<std::uint64_t>(duration_cast<microseconds>(last - first).count());
    v = timestamp(first) + microseconds(static_cast<std::int64_t>(number(span)));
  }
  void set(timestamp_ns& v) { v = timestamp_ns(std::chrono::nanoseconds(make<std::int64_t>())); }
  void set(timestamp_ms& v) { v = timestamp_ms(std::chrono::milliseconds(make<std::int64_t>())); }
  void set(duration& v) {
    v = duration(static_cast<std::int64_t>(number(1'000'000'000'000'000))) * (number(2) ? 1 : -1);
  }
  template <class E>
  void set(open_enum<E>& v) {
    constexpr auto names = wire_names(E());
    const auto i = number(names.size() + 1);
    v = i < names.size() ? open_enum<E>::from_text(names[i]) : open_enum<E>::from_text("NEWER_THAN_US");
  }
  template <class E>
    requires std::is_enum_v<E>
  void set(E& v) {
    v = static_cast<E>(1 + number(9));
  }
  void set(std::monostate&) {}
  void set(json::value& v) {
    if (++depth_ > 4)
      v = nullptr;
    else
      switch (number(9)) {
        case 0:
          v = nullptr;
          break;
        case 1:
          v = make<bool>();
          break;
        case 2:
          v = make<std::int64_t>();
          break;
        case 3:
          v = std::uint64_t(1) << 63 | random_();
          break;
        case 4:
          v = make<double>();
          break;
        case 5:
          v = make<json::array>();
          break;
        case 6:
        case 7:
          v = make<json::object>();
          break;
        default:
          v = make<std::string>();
      }
    --depth_;
  }
  void set(json::object& v) {
    for (auto n = number(4); n > 0; --n) v[make<std::string>()] = make<json::value>();
  }
  void set(json::array& v) {
    for (auto n = number(4); n > 0; --n) v.push_back(make<json::value>());
  }
  template <class T>
  void set(std::optional<T>& v) {
    if (present()) v = make<T>();
  }
  template <class T>
  void set(patch_field<T>& v) {
    if (!present()) return;
    if (number(4) == 0)
      v.set_null();
    else
      v = make<T>();
    if constexpr (std::is_same_v<T, json::value>)
      if (v.has_value() && v.value().is_null()) v.set_null();
  }
  template <class T>
  void set(std::vector<T>& v) {
    ++depth_;
    for (auto n = count(); n > 0; --n) v.push_back(make<T>());
    --depth_;
  }
  template <class T>
  void set(std::map<std::string, T>& v) {
    ++depth_;
    for (auto n = count(); n > 0; --n) v.insert_or_assign(make<std::string>() + std::to_string(n), make<T>());
    --depth_;
  }
  template <class... Ts>
  void set(std::variant<Ts...>& v) {
    const auto chosen = number(sizeof...(Ts));
    std::size_t i = 0;
    (void)((i++ == chosen ? (v = make<Ts>(), true) : false) || ...);
  }
  void set(time_series_point& v) {
    set(v.timestamp);
    set(v.value);
  }
  template <described T>
  void set(T& v) {
    boost::mp11::mp_for_each<described_members<T>>([&]<class D>(D) {
      using m = described_member<T, D>;
      auto& value = v.*D::pointer;
      if (m::required || m::may_be_empty || present()) set(value);
    });
    if constexpr (!std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>)
      if (present()) (v.*keeps_others<T>)["not_known_yet"] = make<json::value>();
    fit(v);
  }

  // What must agree between members.
  template <class T>
  void fit(T&) {}
  void fit(json_payload& v) { v.type = "json"; }
  void fit(json_patch_payload& v) { v.type = "json_patch"; }
  void fit(json_patch_step& v) {
    if (v.op == patch_op::append) v.value = make<std::string>();
  }
  void fit(schedule& v) { v.schedule_id = make<std::string>(); }
  void fit(workflow_event& v) {
    while (v.attributes.index() == 0) set(v.attributes);
    v.event_type = static_cast<workflow_event_type>(v.attributes.index());
  }
  void set(unknown_event&) {}

  std::mt19937_64 random_;
  fill fill_;
  int depth_ = 0;
};

/// Calls `visit.object<T>(node, path)` for every object of the document that is a described struct,
/// and `visit.member<T, D>(node, path)` for every member in it, with the path of that member.
template <class T, class Visit>
void walk(const T& value, json::value& node, const std::string& path, Visit& visit) {
  if constexpr (described<T>) {
    if (!node.is_object()) return;
    visit.template object<T>(node.get_object(), path);
    boost::mp11::mp_for_each<described_members<T>>([&]<class D>(D) {
      using m = described_member<T, D>;
      json::value* child = node.get_object().if_contains({m::name.data(), m::name.size()});
      if (!child) return;
      const std::string at = path + pointer_token(m::name);
      visit.template member<m>(*child, at);
      walk(m::get(value), *child, at, visit);
    });
  } else if constexpr (std::is_same_v<T, event_attributes> || std::is_same_v<T, progress_payload>) {
    std::visit(
        [&]<class A>(const A& active) {
          if constexpr (!std::is_same_v<A, unknown_event>) walk(active, node, path, visit);
        },
        value);
  } else if constexpr (requires {
                         value.value();
                         value.has_value();
                       }) {
    if (value.has_value()) walk(value.value(), node, path, visit);
  } else if constexpr (requires { typename T::mapped_type; }) {
    for (const auto& [key, element] : value)
      walk(element, node.get_object()[key], path + pointer_token(key), visit);
  } else if constexpr (requires { value.front(); } && !std::is_same_v<T, std::string> &&
                       !std::is_same_v<T, json::array>) {
    for (std::size_t i = 0; i < value.size(); ++i)
      walk(value[i], node.get_array()[i], path + "/" + std::to_string(i), visit);
  }
}

}  // namespace mistral::workflows::protocol::samples
