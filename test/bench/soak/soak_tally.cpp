#include "soak_tally.hpp"

#include <algorithm>
#include <variant>

namespace soak {

namespace wf = mistral::workflows;

namespace {

// {"n": number of the event, "due": nanoseconds since 1970}; null where the event is another.
const boost::json::object* number_in(const wf::stream_event& event) {
  const auto* progress = std::get_if<wf::custom_task_in_progress>(&event.data.attributes);
  const auto* payload = progress ? std::get_if<wf::json_payload>(&progress->payload) : nullptr;
  return payload ? payload->value.if_object() : nullptr;
}

}  // namespace

void stream_tally::add(const wf::stream_event& event) {
  const std::int64_t sequence = event.broker_sequence;
  if (sequence <= highest_) {
    if (std::find(sequences_.begin(), sequences_.end(), sequence) != sequences_.end()) {
      ++duplicates_;
      return;
    }
    ++out_of_order_;
  }
  highest_ = std::max(highest_, sequence);
  sequences_.push_back(sequence);
  const boost::json::object* state = number_in(event);
  if (!state) return;
  ++numbered_;
  if (state->at("n").to_number<std::int64_t>() != next_number_++) ++out_of_order_;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  lag_ = now - std::chrono::nanoseconds(state->at("due").to_number<std::int64_t>());
}

}  // namespace soak
