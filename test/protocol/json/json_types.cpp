#include "protocol/json/json_types.hpp"

#include "protocol/json/json_samples.hpp"

#include <boost/core/demangle.hpp>

#include <typeinfo>

namespace mistral::workflows::protocol::samples {
namespace {

template <class T>
constexpr bool safe_in_co_await = std::is_default_constructible_v<T> && !std::is_aggregate_v<T>;

static_assert(boost::mp11::mp_all_of_q<described_types,
                                       boost::mp11::mp_quote_trait<std::is_default_constructible>>::value);
static_assert(
    !boost::mp11::mp_any_of_q<described_types, boost::mp11::mp_quote_trait<std::is_aggregate>>::value,
    "GCC 12 destroys an aggregate temporary twice in a co_await expression");
static_assert(safe_in_co_await<execute_answer> && safe_in_co_await<unknown_event> &&
              safe_in_co_await<event_problem>);

template <class T, class Format>
constexpr bool takes_string =
    requires(reader& r, T& t, std::string_view s) { codec<T, Format>::string(r, t, s); };
template <class T, class Format>
constexpr bool takes_number =
    requires(reader& r, T& t, std::int64_t v, std::string_view s) { codec<T, Format>::integer(r, t, v, s); };
template <class T, class Format>
constexpr bool takes_boolean = requires(reader& r, T& t) { codec<T, Format>::boolean(r, t, true); };
template <class T, class Format>
constexpr bool takes_null = requires(reader& r, T& t) { codec<T, Format>::null(r, t); };
template <class T, class Format>
constexpr bool takes_array = requires(reader& r, T& t) { codec<T, Format>::array(r, t); };
template <class T, class Format>
constexpr bool takes_object = requires(reader& r, T& t) { codec<T, Format>::object(r, t); };
// The event's type chooses the attributes; all are objects.
template <>
constexpr bool takes_object<event_attributes, void> = true;

template <class T>
constexpr bool keeps_unknown = !std::is_null_pointer_v<std::remove_cv_t<decltype(keeps_others<T>)>>;

template <class T>
object_facts facts_of_object() {
  object_facts facts;
  boost::mp11::mp_for_each<described_members<T>>([&]<class D>(D) {
    using m = described_member<T, D>;
    facts.members.push_back({m::name, m::required && !forgives<T>});
  });
  facts.keeps_others = keeps_unknown<T>;
  return facts;
}

template <class T, class D>
constexpr bool is_forgiven(const described_member<T, D>*) {
  return forgives<T>;
}

template <class M>
member_facts facts_of_member() {
  using type = typename M::type;
  using format = typename M::format;
  // Elsewhere than in attributes, an event takes any kind and keeps it as unknown, with the blame.
  constexpr bool is_event = std::is_same_v<type, workflow_event>;
  member_facts facts;
  facts.string = takes_string<type, format> && !is_event;
  facts.number = takes_number<type, format> && !is_event;
  facts.boolean = takes_boolean<type, format> && !is_event;
  facts.array = takes_array<type, format> && !is_event;
  facts.object = takes_object<type, format>;
  facts.null = (takes_null<type, format> || M::own_note.defaulted) && !is_event;
  facts.forgiven = is_forgiven(static_cast<const M*>(nullptr));
  facts.date_time = std::is_same_v<type, timestamp> || std::is_same_v<type, std::optional<timestamp>>;
  return facts;
}

struct to_visitor {
  document_visitor& visit;

  template <class T>
  void object(json::object& node, const std::string& path) {
    visit.object(node, path, facts_of_object<T>());
  }
  template <class M>
  void member(json::value& node, const std::string& path) {
    visit.member(node, path, facts_of_member<M>());
  }
};

template <class T>
class sample_of final : public sample {
 public:
  sample_of(std::uint64_t seed, fill how) : value_(maker(seed, how).template make<T>()) {}

  std::string text(nulls empty) const override { return encode(value_, empty); }
  std::string difference(const std::string& document) const override {
    T read;
    if (const auto problem = decode(document, read)) return problem->path + ": " + problem->reason;
    return read == value_ ? std::string() : encode(read);
  }
  bool replaces(const sample& earlier) const override {
    T reused = static_cast<const sample_of&>(earlier).value_;
    return !decode(encode(value_), reused) && reused == value_;
  }
  void walk(json::value& document, document_visitor& visit) const override {
    to_visitor to{visit};
    samples::walk(value_, document, std::string(), to);
  }

 private:
  T value_;
};

template <class T>
std::unique_ptr<sample> make_sample(std::uint64_t seed, fill how) {
  return std::make_unique<sample_of<T>>(seed, how);
}

std::optional<std::string> blamed_in(const workflow_event& event) {
  const auto* unknown = std::get_if<unknown_event>(&event.attributes);
  return unknown && unknown->error ? std::optional(unknown->error->path) : std::nullopt;
}
std::optional<std::string> blamed_in(const stream_event& event) { return blamed_in(event.data); }
std::optional<std::string> blamed_in(const event_page& page) {
  for (const workflow_event& event : page.events)
    if (auto path = blamed_in(event)) return path;
  return std::nullopt;
}

template <class T>
std::optional<std::string> blamed(const std::string& document) {
  T read;
  if (const auto problem = decode(document, read)) return problem->path;
  if constexpr (requires { blamed_in(read); })
    return blamed_in(read);
  else
    return std::nullopt;
}

}  // namespace

const std::vector<sample_type>& all_types() {
  static const std::vector<sample_type> types = [] {
    std::vector<sample_type> made;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, described_types>>(
        [&]<class I>(I) {
          using T = typename I::type;
          made.push_back(
              {boost::core::demangle(typeid(T).name()), &make_sample<T>, &blamed<T>, keeps_unknown<T>});
        });
    return made;
  }();
  return types;
}

json::value any_json(std::uint64_t seed) { return maker(seed, fill::everything).make<json::value>(); }

json::value parsed(std::string_view text) {
  json::value made;
  if (auto problem = decode(text, made)) throw std::runtime_error(problem->path + ": " + problem->reason);
  return made;
}

std::string pointer_token(std::string_view token) {
  std::string made = "/";
  for (const char c : token) {
    if (c == '~')
      made += "~0";
    else if (c == '/')
      made += "~1";
    else
      made += c;
  }
  return made;
}

}  // namespace mistral::workflows::protocol::samples
