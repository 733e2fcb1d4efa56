#include "protocol/json/codec/instantiate.hpp"
#include "protocol/json/model/describe_trace.hpp"

namespace mistral::workflows {
namespace protocol {
namespace {

constexpr std::uint64_t type_bit = [] {
  for (const member& m : struct_table_of<trace_event>.members)
    if (m.name == "type") return m.bit;
  throw "no such member";
}();

bool finish_trace_event(reader& r, frame& f) {
  if (!complete(f)) return r.check_required(f);
  auto& event = *static_cast<trace_event*>(f.target);
  // An event that does not say its type is of the kind that its members are of.
  if (!(f.seen & type_bit) && event.start_time_unix_ms) event.type = trace_event_type::event_progress;
  return true;
}

}  // namespace

constexpr object_hooks trace_event_hooks{false, &finish_trace_event};

}  // namespace protocol

MISTRAL_WORKFLOWS_DEFINE_MODEL(trace_event)
MISTRAL_WORKFLOWS_DEFINE_MODEL(trace_span)
MISTRAL_WORKFLOWS_DEFINE_MODEL(trace_info)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_trace_events)
MISTRAL_WORKFLOWS_DEFINE_MODEL(execution_trace_summary)

}  // namespace mistral::workflows
