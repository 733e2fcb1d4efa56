// One event of a stream by simdjson's on-demand reader, into
// the library's own struct: what a careful user would write.
// Only for the type of event that bench_streams sends; every member of it, in whatever order they come.
#pragma once

#include "protocol/json/date_time.hpp"

#include <mistral/workflows/model/event.hpp>

#include <simdjson.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bench {

namespace wf = mistral::workflows;

inline std::string_view text_of(simdjson::ondemand::value& value) { return value.get_string(); }

inline void fill_text(simdjson::ondemand::value& value, std::optional<std::string>& out) {
  if (!value.is_null()) out.emplace(text_of(value));
}

inline void fill(simdjson::ondemand::object object, wf::custom_task_started& out) {
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    simdjson::ondemand::value value = field.value();
    if (key == "custom_task_id")
      out.custom_task_id = text_of(value);
    else if (key == "custom_task_type")
      out.custom_task_type = text_of(value);
    else if (key == "payload" && !value.is_null())
      throw std::runtime_error("an event with a payload is not what this is for");
  }
}

inline void fill(simdjson::ondemand::object object, wf::workflow_event& out) {
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    simdjson::ondemand::value value = field.value();
    if (key == "event_id")
      out.event_id = text_of(value);
    else if (key == "event_timestamp")
      out.event_timestamp = wf::timestamp_ns(std::chrono::nanoseconds(std::int64_t(value.get_int64())));
    else if (key == "root_workflow_exec_id")
      out.root_workflow_exec_id = text_of(value);
    else if (key == "parent_workflow_exec_id")
      fill_text(value, out.parent_workflow_exec_id);
    else if (key == "continued_run_id")
      fill_text(value, out.continued_run_id);
    else if (key == "first_execution_run_id")
      fill_text(value, out.first_execution_run_id);
    else if (key == "schedule_id")
      fill_text(value, out.schedule_id);
    else if (key == "workflow_exec_id")
      out.workflow_exec_id = text_of(value);
    else if (key == "workflow_run_id")
      out.workflow_run_id = text_of(value);
    else if (key == "workflow_name")
      out.workflow_name = text_of(value);
    else if (key == "event_type")
      out.event_type.assign(text_of(value));
    else if (key == "attributes" && out.event_type.value() == wf::workflow_event_type::custom_task_started)
      fill(value.get_object(), out.attributes.emplace<wf::custom_task_started>());
  }
}

inline void fill(simdjson::ondemand::object object, wf::stream_workflow_context& out) {
  for (auto field : object) {
    const std::string_view key = field.unescaped_key();
    simdjson::ondemand::value value = field.value();
    if (key == "namespace")
      out.namespace_ = text_of(value);
    else if (key == "workflow_name")
      out.workflow_name = text_of(value);
    else if (key == "workflow_exec_id")
      out.workflow_exec_id = text_of(value);
    else if (key == "parent_workflow_exec_id")
      fill_text(value, out.parent_workflow_exec_id);
    else if (key == "root_workflow_exec_id")
      fill_text(value, out.root_workflow_exec_id);
  }
}

/// `capacity`: bytes that may be read from `text` on; simdjson wants 64 behind its end.
inline void fill(simdjson::ondemand::parser& parser, std::string_view text, std::size_t capacity,
                 wf::stream_event& out) {
  simdjson::ondemand::document document = parser.iterate(simdjson::padded_string_view(text, capacity));
  for (auto field : document.get_object()) {
    const std::string_view key = field.unescaped_key();
    simdjson::ondemand::value value = field.value();
    if (key == "stream")
      out.stream = text_of(value);
    else if (key == "timestamp")
      out.timestamp = wf::protocol::parse_timestamp(text_of(value)).value();
    else if (key == "data")
      fill(value.get_object(), out.data);
    else if (key == "workflow_context")
      fill(value.get_object(), out.workflow_context);
    else if (key == "broker_sequence")
      out.broker_sequence = std::int64_t(value.get_int64());
  }
}

}  // namespace bench
