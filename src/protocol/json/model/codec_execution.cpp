#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_execution.hpp"

namespace mistral::workflows {
namespace protocol {
namespace {

std::uint64_t bit_of(const struct_table& table, std::string_view name) {
  for (const member& m : table.members)
    if (m.name == name) return m.bit;
  return 0;
}

// A body without `status` is that of a call that waited: it has three of an execution's members.
bool finish_answer(reader& r, frame& f) {
  const struct_table& table = *f.object;
  if (f.seen & bit_of(table, "status")) return r.check_required(f);
  for (const member& m : struct_table_of<execution_result>.members)
    if (!(f.seen & bit_of(table, m.name))) return r.fail_missing(f, m.name);
  auto& read = *static_cast<execution*>(f.target);
  execution_result made;
  made.workflow_name = std::move(read.workflow_name);
  made.execution_id = std::move(read.execution_id);
  made.result = std::move(read.result);
  static_cast<execute_answer*>(f.owner)->value = std::move(made);
  return true;
}

constexpr object_hooks answer_hooks{false, &finish_answer};

}  // namespace

template <>
struct codec<execute_answer> {
  static constexpr std::string_view expected = "an object";
  static bool object(reader& r, execute_answer& out) {
    return r.push_object(struct_table_of<execution>, &out.value.emplace<execution>(), &answer_hooks, &out),
           true;
  }
  static void write(writer& w, const execute_answer& answer) {
    std::visit([&w]<class T>(const T& value) { codec<T>::write(w, value); }, answer.value);
  }
};

MISTRAL_WORKFLOWS_INSTANTIATE_CODEC(execute_answer)
MISTRAL_WORKFLOWS_INSTANTIATE_CODEC(boost::json::value)

}  // namespace protocol

bool operator==(const execute_answer& a, const execute_answer& b) { return a.value == b.value; }

MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_summary)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution)
MISTRAL_WORKFLOWS_DEFINE_MODEL(run_page)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_result)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execute_body)
MISTRAL_WORKFLOWS_DEFINE_MODEL(batch_body)
MISTRAL_WORKFLOWS_DEFINE_MODEL(batch_entry)
MISTRAL_WORKFLOWS_DEFINE_MODEL(batch_result)

}  // namespace mistral::workflows
