#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_event.hpp"

namespace mistral::workflows {
namespace protocol {
namespace {

namespace json = boost::json;

template <std::size_t I>
using attributes_at = std::variant_alternative_t<I, event_attributes>;

struct attribute_slot {
  const value_table* table;
  void* (*emplace)(event_attributes&);
};

// By event type; the first, unknown, has no table.
constexpr auto attribute_slots = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array{attribute_slot{nullptr, nullptr},
                    attribute_slot{&table_of<attributes_at<I + 1>>,
                                   [](event_attributes& a) -> void* { return &a.emplace<I + 1>(); }}...};
}(std::make_index_sequence<std::variant_size_v<event_attributes> - 1>());
static_assert(attribute_slots.size() == wire_names(workflow_event_type()).size() + 1);

constexpr const member& event_member(std::string_view name) {
  for (const member& m : struct_table_of<workflow_event>.members)
    if (m.name == name) return m;
  throw "no such member";
}

constexpr const member& attributes_member = event_member("attributes");

void choose_attributes(reader& r, frame& f) {
  auto& event = *static_cast<workflow_event*>(f.target);
  if (!event.event_type.known()) {
    f.deferred = true;
    r.aim(nullptr, nullptr);
    return;
  }
  const attribute_slot& slot = attribute_slots[static_cast<std::size_t>(event.event_type.value())];
  r.aim(slot.table, slot.emplace(event.attributes));
}

// What can be read of the members that all events have.
void salvage(const reader& r, const json::object& object, workflow_event& event) {
  event = workflow_event();
  for (const member& m : struct_table_of<workflow_event>.members) {
    const json::value* value = object.if_contains({m.name.data(), m.name.size()});
    if (!value || &m == &attributes_member) continue;
    reader nested(r.limits());
    if (nested.replay(*value, *m.value, m.address(&event))) m.value->reset(m.address(&event));
  }
}

void keep_unread(reader& r, workflow_event& event, json::value&& whole,
                 std::optional<decode_problem> problem) {
  if (const json::object* object = whole.if_object())
    salvage(r, *object, event);
  else
    event = workflow_event();
  auto& unknown = event.attributes.emplace<unknown_event>();
  unknown.json = std::move(whole);
  const bool new_type = !event.event_type.known() && !event.event_type.text().empty();
  if (new_type || !problem) return;
  unknown.error.emplace();
  unknown.error->path = std::move(problem->path);
  unknown.error->reason = std::move(problem->reason);
}

std::optional<decode_problem> read_deferred(reader& r, const frame& f, workflow_event& event) {
  const json::value whole = r.whole(f);
  const json::object* object = whole.if_object();
  const json::value* attributes = object ? object->if_contains("attributes") : nullptr;
  const std::string path = r.path_of(f, "attributes");
  if (!attributes) return decode_problem(path, "missing");
  const attribute_slot& slot = attribute_slots[static_cast<std::size_t>(event.event_type.value())];
  reader nested(r.limits(), path);
  return nested.replay(*attributes, *slot.table, slot.emplace(event.attributes));
}

// The parse goes on in any case: an event never ends the document that it stands in.
bool finish_event(reader& r, frame& f) {
  auto& event = *static_cast<workflow_event*>(f.target);
  const bool known = event.event_type.known();
  if (!f.failed && known) {
    r.check_required(f);
    const bool other_type = event.attributes.index() != static_cast<std::size_t>(event.event_type.value());
    if (!f.failed && (f.deferred || other_type)) {
      if (auto problem = read_deferred(r, f, event)) {
        keep_unread(r, event, r.whole(f), std::move(problem));
        return true;
      }
    }
    if (!f.failed) return true;
  }
  std::optional<decode_problem> problem;
  if (f.failed)
    problem = r.problem();
  else
    problem = decode_problem(r.path_of(f, "event_type"), "missing");
  keep_unread(r, event, r.whole(f), std::move(problem));
  return true;
}

// Of all steps, only one that appends says what its value may be.
bool finish_patch_step(reader& r, frame& f) {
  if (!complete(f)) return r.check_required(f);
  const auto& step = *static_cast<const json_patch_step*>(f.target);
  if (step.op != patch_op::append || step.value.is_string()) return true;
  encrypted_patch_value encrypted;
  reader nested(r.limits(), r.path_of(f, "value"));
  auto problem = nested.replay(step.value, table_of<encrypted_patch_value>, &encrypted);
  return problem ? r.fail_at(std::move(problem->path), std::move(problem->reason)) : true;
}

bool not_an_object(reader& r, workflow_event& event, json::value&& value) {
  r.fail("expected an object");
  keep_unread(r, event, std::move(value), r.problem());
  return true;
}

}  // namespace

constexpr object_hooks patch_step_hooks{false, &finish_patch_step};
constexpr object_hooks event_hooks{true, &finish_event, &attributes_member, &choose_attributes};

bool codec<workflow_event>::array(reader& r, workflow_event& out) {
  r.capture(&out, [](reader& at, void* target, json::value&& value) {
    return not_an_object(at, *static_cast<workflow_event*>(target), std::move(value));
  });
  return true;
}
bool codec<workflow_event>::string(reader& r, workflow_event& out, std::string_view text) {
  return not_an_object(r, out, json::string_view(text.data(), text.size()));
}
bool codec<workflow_event>::integer(reader& r, workflow_event& out, std::int64_t v, std::string_view) {
  return not_an_object(r, out, v);
}
bool codec<workflow_event>::natural(reader& r, workflow_event& out, std::uint64_t v, std::string_view) {
  return not_an_object(r, out, v);
}
bool codec<workflow_event>::real(reader& r, workflow_event& out, double v, std::string_view text) {
  return not_an_object(r, out, any_number(v, text));
}
bool codec<workflow_event>::boolean(reader& r, workflow_event& out, bool v) {
  return not_an_object(r, out, v);
}
bool codec<workflow_event>::null(reader& r, workflow_event& out) { return not_an_object(r, out, nullptr); }

void codec<workflow_event>::write(writer& w, const workflow_event& event) {
  const auto* unknown = std::get_if<unknown_event>(&event.attributes);
  if (unknown && !unknown->json.is_null()) {
    write_json(w.out, unknown->json);
    return;
  }
  char before = '{';
  write_members(w, event, before);
  w.out += '}';
}

void codec<event_attributes>::write(writer& w, const event_attributes& value) {
  std::visit(
      [&w]<class T>(const T& attributes) {
        if constexpr (std::is_same_v<T, unknown_event>)
          w.out += "{}";
        else
          codec<T>::write(w, attributes);
      },
      value);
}

// Payloads in progress

namespace {

const struct_table* emplace_payload(progress_payload& payload, std::string_view type, void*& target) {
  if (type == "json") {
    target = &payload.emplace<json_payload>();
    return &struct_table_of<json_payload>;
  }
  if (type == "json_patch") {
    target = &payload.emplace<json_patch_payload>();
    return &struct_table_of<json_patch_payload>;
  }
  return nullptr;
}

// Reads `type` and turns the object at hand into what it names.
constexpr value_table payload_type_table = [] {
  value_table made{"a string"};
  made.string = [](reader& r, void* owner, std::string_view type) {
    void* target = nullptr;
    const struct_table* table = emplace_payload(*static_cast<progress_payload*>(owner), type, target);
    if (!table) return r.fail("an unknown type of payload");
    return r.become(*table, target, "type", type);
  };
  made.reset = [](void*) {};
  return made;
}();

constexpr member payload_type_member[] = {
    {"type", &payload_type_table, [](void* owner) { return owner; }, nullptr, true, 1}, {}};
constexpr struct_table payload_type_only{{payload_type_member, 1}, 1, nullptr, nullptr};

void note_early_member(reader&, frame& f) {
  if (f.object == &payload_type_only) f.deferred = true;
}

bool finish_payload(reader& r, frame& f) {
  if (!f.deferred) return r.check_required(f);
  if (f.object == &payload_type_only) return r.check_required(f);
  auto& payload = *static_cast<progress_payload*>(f.owner);
  const json::value whole = r.whole(f);
  reader nested(r.limits(), r.path_of(f));
  std::optional<decode_problem> problem;
  if (std::holds_alternative<json_payload>(payload))
    problem = nested.replay(whole, table_of<json_payload>, &payload.emplace<json_payload>());
  else
    problem = nested.replay(whole, table_of<json_patch_payload>, &payload.emplace<json_patch_payload>());
  return problem ? r.fail_at(std::move(problem->path), std::move(problem->reason)) : true;
}

constexpr object_hooks payload_hooks{false, &finish_payload, nullptr, nullptr, &note_early_member};

}  // namespace

bool codec<progress_payload>::object(reader& r, progress_payload& out) {
  return r.push_object(payload_type_only, &out, &payload_hooks, &out), true;
}

void codec<progress_payload>::write(writer& w, const progress_payload& value) {
  std::visit([&w]<class T>(const T& payload) { codec<T>::write(w, payload); }, value);
}

}  // namespace protocol

MISTRAL_WORKFLOWS_DEFINE_MODEL(json_payload)
MISTRAL_WORKFLOWS_DEFINE_MODEL(encrypted_patch_value)
MISTRAL_WORKFLOWS_DEFINE_MODEL(json_patch_step)
MISTRAL_WORKFLOWS_DEFINE_MODEL(json_patch_payload)
MISTRAL_WORKFLOWS_DEFINE_MODEL(failure)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_execution_started)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_execution_completed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_execution_failed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_execution_canceled)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_execution_continued_as_new)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_task_timed_out)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_task_failed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(custom_task_started)
MISTRAL_WORKFLOWS_DEFINE_MODEL(custom_task_in_progress)
MISTRAL_WORKFLOWS_DEFINE_MODEL(custom_task_completed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(custom_task_failed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(custom_task_timed_out)
MISTRAL_WORKFLOWS_DEFINE_MODEL(custom_task_canceled)
MISTRAL_WORKFLOWS_DEFINE_MODEL(activity_task_started)
MISTRAL_WORKFLOWS_DEFINE_MODEL(activity_task_completed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(activity_task_retrying)
MISTRAL_WORKFLOWS_DEFINE_MODEL(activity_task_failed)
MISTRAL_WORKFLOWS_DEFINE_MODEL(workflow_event)
MISTRAL_WORKFLOWS_DEFINE_MODEL(event_page)
MISTRAL_WORKFLOWS_DEFINE_MODEL(stream_workflow_context)
MISTRAL_WORKFLOWS_DEFINE_MODEL(stream_event)
MISTRAL_WORKFLOWS_DEFINE_MODEL(stream_error)

}  // namespace mistral::workflows
