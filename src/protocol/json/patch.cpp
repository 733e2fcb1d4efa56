#include <mistral/workflows/model/patch.hpp>

#include <charconv>
#include <limits>
#include <string_view>

namespace mistral::workflows {
namespace {

namespace json = boost::json;

std::string unescaped(std::string_view token) {
  std::string made;
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] == '~' && i + 1 < token.size() && (token[i + 1] == '0' || token[i + 1] == '1'))
      made += token[++i] == '0' ? '~' : '/';
    else
      made += token[i];
  }
  return made;
}

constexpr std::size_t no_index = std::numeric_limits<std::size_t>::max();

// RFC 6901: digits without a leading zero.
std::size_t index_of(std::string_view token) {
  std::size_t index = 0;
  const char* const end = token.data() + token.size();
  const auto parsed = std::from_chars(token.data(), end, index);
  const bool good =
      parsed.ec == std::errc() && parsed.ptr == end && (token.size() == 1 || token.front() != '0');
  return good ? index : no_index;
}

json::value* child_of(json::value& parent, const std::string& token) {
  if (json::object* object = parent.if_object()) return object->if_contains(token);
  if (json::array* array = parent.if_array()) return array->if_contains(index_of(token));
  return nullptr;
}

// Where a step's path leads: the value there if there is
// one, and the container and name for what is put or taken.
struct place {
  json::value* parent = nullptr;  // null: the whole state
  std::string token;
  json::value* value = nullptr;
};

std::optional<std::string> find(json::value& state, std::string_view path, place& out) {
  out.value = &state;
  while (!path.empty()) {
    if (path.front() != '/') return "the path is no JSON pointer";
    if (!out.value) return "there is nothing at the path";
    const std::size_t end = std::min(path.find('/', 1), path.size());
    out.parent = out.value;
    out.token = unescaped(path.substr(1, end - 1));
    out.value = child_of(*out.parent, out.token);
    path.remove_prefix(end);
  }
  return std::nullopt;
}

std::optional<std::string> add(const place& at, const json::value& value) {
  if (!at.parent) {
    *at.value = value;
    return std::nullopt;
  }
  if (json::object* object = at.parent->if_object()) {
    object->insert_or_assign(at.token, value);
    return std::nullopt;
  }
  json::array* array = at.parent->if_array();
  if (!array) return "there is no object or array to add to";
  const std::size_t index = at.token == "-" ? array->size() : index_of(at.token);
  if (index > array->size()) return "the index is beyond the end of the array";
  array->insert(array->begin() + static_cast<std::ptrdiff_t>(index), value);
  return std::nullopt;
}

std::optional<std::string> remove(const place& at) {
  if (!at.value) return "there is nothing at the path";
  if (!at.parent)
    *at.value = nullptr;
  else if (json::object* object = at.parent->if_object())
    object->erase(at.token);
  else
    at.parent->get_array().erase(at.parent->get_array().begin() + (at.value - at.parent->get_array().data()));
  return std::nullopt;
}

std::optional<std::string> replace(const place& at, const json::value& value) {
  if (!at.value) return "there is nothing at the path";
  *at.value = value;
  return std::nullopt;
}

std::optional<std::string> append(const place& at, const json::value& value) {
  if (!at.value || !at.value->is_string()) return "there is no string at the path";
  if (!value.is_string()) return "what is appended is no string";
  at.value->get_string().append(value.get_string());
  return std::nullopt;
}

std::optional<std::string> apply(json::value& state, const json_patch_step& step) {
  place at;
  if (auto reason = find(state, step.path, at)) return reason;
  switch (step.op.value()) {
    case patch_op::add:
      return add(at, step.value);
    case patch_op::append:
      return append(at, step.value);
    case patch_op::replace:
      return replace(at, step.value);
    case patch_op::remove:
      return remove(at);
    case patch_op::unknown:
      break;
  }
  return "the operation \"" + std::string(step.op.text()) + "\" is not known";
}

}  // namespace

std::optional<patch_problem> apply_patch(json::value& state, std::span<const json_patch_step> steps) {
  json::value changed = state;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (auto reason = apply(changed, steps[i])) {
      patch_problem problem;
      problem.step = i;
      problem.reason = std::move(*reason);
      return problem;
    }
  }
  state = std::move(changed);
  return std::nullopt;
}

std::optional<patch_problem> apply_payload(json::value& state, const progress_payload& payload) {
  if (const auto* whole = std::get_if<json_payload>(&payload)) {
    state = whole->value;
    return std::nullopt;
  }
  const auto& patch = std::get<json_patch_payload>(payload);
  if (const auto* steps = std::get_if<std::vector<json_patch_step>>(&patch.value))
    return apply_patch(state, *steps);
  patch_problem problem;
  problem.reason = "the patch is encoded";
  return problem;
}

}  // namespace mistral::workflows
