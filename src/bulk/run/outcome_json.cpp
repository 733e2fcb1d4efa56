// An outcome as one line of JSON and back: what journals keep and what programs write to files.
#include <mistral/workflows/bulk/outcome.hpp>

#include "bulk/common/json_text.hpp"
#include "bulk/common/time_text.hpp"

#include <mistral/workflows/error.hpp>
#include <mistral/workflows/from_json.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace mistral::workflows {
namespace {

namespace json = boost::json;

constexpr std::string_view outcome_operation = "bulk_outcome";

// Names, not numbers: a line outlives the program that wrote it.
constexpr auto code_names = std::to_array<std::pair<errc, std::string_view>>({
    {errc::invalid_argument, "invalid_argument"},
    {errc::unauthorized, "unauthorized"},
    {errc::forbidden, "forbidden"},
    {errc::not_found, "not_found"},
    {errc::validation_failed, "validation_failed"},
    {errc::rate_limited, "rate_limited"},
    {errc::unavailable, "unavailable"},
    {errc::unknown_server_error, "unknown_server_error"},
    {errc::invalid_request, "invalid_request"},
    {errc::workflow_not_found, "workflow_not_found"},
    {errc::execution_already_started, "execution_already_started"},
    {errc::execution_not_running, "execution_not_running"},
    {errc::platform_request_failed, "platform_request_failed"},
    {errc::registration_failed, "registration_failed"},
    {errc::execution_missing, "execution_missing"},
    {errc::schedule_failed, "schedule_failed"},
    {errc::schedule_not_found, "schedule_not_found"},
    {errc::platform_client_failed, "platform_client_failed"},
    {errc::payload_encoding_required, "payload_encoding_required"},
    {errc::streaming_failed, "streaming_failed"},
    {errc::trace_failed, "trace_failed"},
    {errc::event_store_failed, "event_store_failed"},
    {errc::timeout, "timeout"},
    {errc::decode, "decode"},
    {errc::execution_failed, "execution_failed"},
    {errc::start_unknown, "start_unknown"},
    {errc::ending_unknown, "ending_unknown"},
    {errc::stream_failed, "stream_failed"},
    {errc::closed, "closed"},
    {errc::journal_failed, "journal_failed"},
    {errc::api_error, "api_error"},  // stands for all error answers, so it comes after these
    {errc::transport, "transport"},  // stands for every code of another category
});

std::string_view name_of_code(const boost::system::error_code& code) {
  for (const auto& [value, name] : code_names)
    if (code == value) return name;
  return "unknown";
}

boost::system::error_code code_of_name(std::string_view text) {
  for (const auto& [value, name] : code_names)
    if (name == text) return make_error_code(value);
  return make_error_code(errc::api_error);
}

class line_reader {
 public:
  line_reader(const json::object& object, const json_place& place) : object_(object), place_(place) {}

  template <class T>
  void read(std::string_view name, T& out) const {
    if (const json::value* value = find(name)) read_json(*value, out, place_.member(name));
  }
  void read(std::string_view name, timestamp& out) const {
    if (const auto time = time_of(name)) out = *time;
  }
  void read(std::string_view name, std::optional<timestamp>& out) const { out = time_of(name); }

  bulk_status status() const {
    std::string text;
    read("status", text);
    const auto known = bulk_status_from(text);
    if (!known) place_.member("status").refuse("names no status");
    return *known;
  }

 private:
  const json::value* find(std::string_view name) const {
    return object_.if_contains(json::string_view(name.data(), name.size()));
  }
  std::optional<timestamp> time_of(std::string_view name) const {
    std::optional<std::string> text;
    read(name, text);
    if (!text) return std::nullopt;
    const auto time = bulk_core::time_from_text(*text);
    if (!time) place_.member(name).refuse("is no time");
    return time;
  }

  const json::object& object_;
  const json_place& place_;
};

}  // namespace

std::string to_json_line(const bulk_outcome& o) {
  json::object out;
  out["key"] = o.key;
  out["position"] = o.position;
  out["status"] = json::string(to_string(o.status).data(), to_string(o.status).size());
  if (!o.execution_id.empty()) out["execution_id"] = o.execution_id;
  if (!o.run_id.empty()) out["run_id"] = o.run_id;
  if (o.status == bulk_status::completed) out["result"] = o.result;
  if (!o.error.empty()) out["error"] = o.error;
  if (o.code.failed()) {
    const std::string_view name = name_of_code(o.code);
    out["code"] = json::string(name.data(), name.size());
  }
  out["attempts"] = o.attempts;
  out["queued"] = bulk_core::time_text(o.queued);
  if (o.started) out["started"] = bulk_core::time_text(*o.started);
  if (o.ended) out["ended"] = bulk_core::time_text(*o.ended);
  if (o.repeated) out["repeated"] = true;
  if (!o.started_twice.empty()) {
    json::array runs;
    for (const std::string& run : o.started_twice) runs.emplace_back(run);
    out["started_twice"] = std::move(runs);
  }
  return json::serialize(out);
}

bulk_outcome bulk_outcome_from_json(std::string_view line) {
  boost::system::error_code failure;
  const json::value document = bulk_core::read_json_text(line, failure);
  const json_place place(document, outcome_operation);
  if (failure) place.refuse("is no JSON: " + failure.message());
  if (!document.is_object()) place.mismatch("an object", document);
  const line_reader from(document.get_object(), place);

  bulk_outcome out;
  std::string code;
  from.read("key", out.key);
  from.read("position", out.position);
  out.status = from.status();
  from.read("execution_id", out.execution_id);
  from.read("run_id", out.run_id);
  from.read("result", out.result);
  from.read("error", out.error);
  from.read("code", code);
  if (!code.empty()) out.code = code_of_name(code);
  from.read("attempts", out.attempts);
  from.read("queued", out.queued);
  from.read("started", out.started);
  from.read("ended", out.ended);
  from.read("repeated", out.repeated);
  from.read("started_twice", out.started_twice);
  return out;
}

}  // namespace mistral::workflows
